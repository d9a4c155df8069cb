#include "channels/instagram_event.hpp"
#include "channels/json_field.hpp"
#include "channels/json_limits.hpp"

#include <fmt/format.h>

#include <atende/channels/instagram_webhook.hpp>
#include <optional>
#include <utility>

namespace atende {
namespace {

namespace dom = simdjson::dom;
using instagram::entry_context;

constexpr std::size_t max_depth = 32;
// A parser keeps about fourteen bytes for each byte of the longest body it has seen: rare long ones get their
// own.
constexpr std::size_t longest_for_kept_parser = 64 << 10;

std::unexpected<error> wrong(std::string what) {
    return fail(errc::invalid_input, "webhook body: " + std::move(what));
}

struct reading {
    std::vector<event> events;
    std::size_t long_strings = 0; // in what is not read yet
};

// One event with a string that is too long costs its neighbours nothing.
bool takes_long_string(reading& out, dom::element item) {
    if (out.long_strings == 0) return false;
    const std::size_t here = examine(item, json_limits{}).long_strings;
    out.long_strings -= here;
    return here > 0;
}

template <class Read>
void read_all(reading& out, const entry_context& entry, dom::element list, Read read) {
    dom::array items;
    if (list.get(items) != simdjson::SUCCESS) {
        out.events.push_back(instagram::read_unknown(entry, list, "a list of events that is no array"));
        return;
    }
    for (const dom::element item : items) {
        out.events.push_back(takes_long_string(out, item)
                                 ? instagram::read_unknown(entry, item, "an event with an overlong string")
                                 : read(entry, item));
    }
}

event read_standby(const entry_context& entry, dom::element source) {
    event out = instagram::read_messaging(entry, source);
    out.standby = true;
    return out;
}

// An entry may carry several kinds of list at once.
void read_entry(reading& out, dom::element source) {
    dom::object fields;
    entry_context entry;
    if (source.get(fields) != simdjson::SUCCESS) {
        out.events.push_back(instagram::read_unknown(entry, source, "an entry that is no object"));
        return;
    }
    entry.id = field::id(fields, "id");
    entry.time_ms = field::unix_ms(fields, "time");
    bool has_events = false;
    for (const dom::key_value_pair member : fields) {
        if (member.key == "messaging") {
            read_all(out, entry, member.value, instagram::read_messaging);
        } else if (member.key == "standby") {
            read_all(out, entry, member.value, read_standby);
        } else if (member.key == "changes") {
            read_all(out, entry, member.value, instagram::read_change);
        } else if (member.key == "value") {
            // The documentation prints comments without the `changes` around them.
            out.events.push_back(instagram::read_change(entry, source));
        } else {
            continue;
        }
        has_events = true;
    }
    if (!has_events) out.events.push_back(instagram::read_unknown(entry, source, field::names(fields)));
}

result<void> read_notification(reading& out, dom::element source) {
    dom::object fields;
    if (source.get(fields) != simdjson::SUCCESS) return wrong("expected an object with `object` and `entry`");
    const std::string_view platform = field::text(fields, "object");
    if (platform != "instagram" && platform != "page")
        return wrong("`object` must be \"instagram\" or \"page\"");
    const auto entries = field::as_array(fields, "entry");
    if (!entries) return wrong("`entry` must be an array");
    for (const dom::element entry : *entries) read_entry(out, entry);
    return {};
}

result<std::vector<event>> read_document(dom::element root) {
    constexpr json_limits limits;
    const json_findings found = examine(root, limits);
    if (found.violation) return wrong(*found.violation);
    reading out{.events = {}, .long_strings = found.long_strings};
    dom::array notifications;
    if (root.get(notifications) != simdjson::SUCCESS) {
        if (auto read = read_notification(out, root); !read) return std::unexpected(std::move(read.error()));
    } else {
        // Some pages of the documentation print the notification inside an array.
        for (const dom::element notification : notifications) {
            if (auto read = read_notification(out, notification); !read)
                return std::unexpected(std::move(read.error()));
        }
    }
    if (out.long_strings > 0) {
        return wrong(
            fmt::format("a string outside of an event, expected at most {} bytes", limits.string_bytes));
    }
    return std::move(out.events);
}

dom::parser make_parser() {
    dom::parser out;
    // Its depth stays when it grows with the bodies it sees; failing here only means to fail there.
    static_cast<void>(out.allocate(4 << 10, max_depth));
    return out;
}

result<std::vector<event>> read_body(dom::parser& parser, std::string_view body) {
    if (body.empty()) return wrong("expected JSON, got nothing"); // simdjson would copy from a null pointer
    dom::element root;
    const simdjson::error_code failure = parser.parse(body.data(), body.size()).get(root);
    if (failure == simdjson::DEPTH_ERROR)
        return wrong(fmt::format("nested deeper than {} levels", max_depth));
    if (failure != simdjson::SUCCESS) return wrong(simdjson::error_message(failure));
    return read_document(root);
}

} // namespace

struct instagram_parser::state {
    dom::parser kept = make_parser();
};

instagram_parser::instagram_parser() : state_(std::make_unique<state>()) {}
instagram_parser::~instagram_parser() = default;
instagram_parser::instagram_parser(instagram_parser&&) noexcept = default;
instagram_parser& instagram_parser::operator=(instagram_parser&&) noexcept = default;

result<std::vector<event>> instagram_parser::parse(std::string_view body) {
    if (body.size() <= longest_for_kept_parser) return read_body(state_->kept, body);
    dom::parser once = make_parser();
    return read_body(once, body);
}

} // namespace atende
