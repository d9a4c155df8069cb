#include "channels/json_limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atende/platform/log.hpp>
#include <string_view>
#include <vector>

namespace atende {
namespace {

namespace dom = simdjson::dom;

// Up to here comparing each key with each is faster than sorting, and objects of a webhook are this small.
constexpr std::size_t few_keys = 12;

class violation_search {
public:
    explicit violation_search(const json_limits& limits) : limits_(limits) { keys_.reserve(few_keys); }

    // False as soon as something was found; `found` says what.
    bool passes(dom::element value) {
        switch (value.type()) {
        case dom::element_type::OBJECT: return object_passes(value.get_object().value_unsafe());
        case dom::element_type::ARRAY: return array_passes(value.get_array().value_unsafe());
        case dom::element_type::STRING: count(value.get_string().value_unsafe()); return true;
        default: return true;
        }
    }

    std::string found;
    std::size_t long_strings = 0;

private:
    void count(std::string_view text) {
        if (text.size() > limits_.string_bytes) ++long_strings;
    }

    bool array_passes(dom::array items) {
        if (items.size() > limits_.array_elements) {
            found = fmt::format("an array of {} elements, expected at most {}", items.size(),
                                limits_.array_elements);
            return false;
        }
        return std::all_of(items.begin(), items.end(), [this](dom::element item) { return passes(item); });
    }

    bool object_passes(dom::object members) {
        if (members.size() > limits_.object_keys) {
            found =
                fmt::format("an object of {} keys, expected at most {}", members.size(), limits_.object_keys);
            return false;
        }
        if (!keys_are_unique(members)) return false;
        for (const dom::key_value_pair member : members) {
            count(member.key);
            if (!passes(member.value)) return false;
        }
        return true;
    }

    bool keys_are_unique(dom::object members) {
        keys_.clear();
        for (const dom::key_value_pair member : members) {
            if (members.size() <= few_keys && std::ranges::find(keys_, member.key) != keys_.end()) {
                return refuse_twice(member.key);
            }
            keys_.push_back(member.key);
        }
        if (members.size() <= few_keys) return true;
        std::ranges::sort(keys_);
        const auto twice = std::ranges::adjacent_find(keys_);
        return twice == keys_.end() || refuse_twice(*twice);
    }

    bool refuse_twice(std::string_view key) {
        found = fmt::format("the key \"{}\" twice in one object", printable(key, 60));
        return false;
    }

    const json_limits& limits_;
    std::vector<std::string_view> keys_; // of the object being looked at; kept for its memory
};

} // namespace

json_findings examine(dom::element root, const json_limits& limits) {
    violation_search search(limits);
    json_findings out;
    if (!search.passes(root)) out.violation = std::move(search.found);
    out.long_strings = search.long_strings;
    return out;
}

} // namespace atende
