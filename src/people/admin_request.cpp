#include "people/admin_request.hpp"

#include <nlohmann/json.hpp>

#include <atende/platform/json.hpp>
#include <charconv>
#include <chrono>

namespace atende {
namespace {

using nlohmann::json;

std::unexpected<http_reply> bad(const std::string& why) {
    return std::unexpected(error_reply(400, why));
}

// `digits` of them at the front, removed.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    int value = 0;
    for (const char c : text.substr(0, digits)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char expected) {
    if (!text.starts_with(expected)) return false;
    text.remove_prefix(1);
    return true;
}

} // namespace

or_reply<json> body_of(const http_request& request) {
    json body = parsed_json(request.body);
    if (!body.is_object()) return bad("the body must be a JSON object");
    return body;
}

or_reply<std::optional<std::string>> text_in(const json& body, const char* name) {
    const auto found = body.find(name);
    if (found == body.end() || found->is_null()) return std::optional<std::string>{};
    if (!found->is_string()) return bad(std::string(name) + " must be a text");
    return std::optional(found->get<std::string>());
}

or_reply<bool> flag_in(const json& body, const char* name) {
    const auto found = body.find(name);
    if (found == body.end() || found->is_null()) return false;
    if (!found->is_boolean()) return bad(std::string(name) + " must be true or false");
    return found->get<bool>();
}

or_reply<std::optional<std::int64_t>> number_in(const json& body, const char* name, std::int64_t least,
                                                std::int64_t most) {
    const auto found = body.find(name);
    if (found == body.end() || found->is_null()) return std::optional<std::int64_t>{};
    const bool fits = found->is_number_integer() && *found >= least && *found <= most;
    if (!fits) {
        return bad(std::string(name) + " must be a whole number from " + std::to_string(least) + " to " +
                   std::to_string(most));
    }
    return std::optional(found->get<std::int64_t>());
}

or_reply<std::size_t> count_in(const http_request& request, std::string_view name, std::size_t fallback,
                               std::size_t most) {
    const std::string text = request.query_value(name);
    if (text.empty()) return fallback;
    std::size_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size() || value == 0 || value > most)
        return bad(std::string(name) + " must be a whole number from 1 to " + std::to_string(most));
    return value;
}

std::optional<std::int64_t> parse_utc(std::string_view text) {
    using namespace std::chrono;
    const auto y = take_number(text, 4);
    if (!y || !take(text, '-')) return std::nullopt;
    const auto mo = take_number(text, 2);
    if (!mo || !take(text, '-')) return std::nullopt;
    const auto d = take_number(text, 2);
    if (!d || !take(text, 'T')) return std::nullopt;
    const auto h = take_number(text, 2);
    if (!h || !take(text, ':')) return std::nullopt;
    const auto mi = take_number(text, 2);
    if (!mi || !take(text, ':')) return std::nullopt;
    const auto s = take_number(text, 2);
    if (!s) return std::nullopt;
    int fraction_ms = 0;
    if (take(text, '.')) {
        int weight = 100;
        if (text.empty() || text.front() == 'Z') return std::nullopt;
        while (!text.empty() && text.front() != 'Z') {
            const auto digit = take_number(text, 1);
            if (!digit) return std::nullopt;
            fraction_ms += *digit * weight;
            weight /= 10;
        }
    }
    const year_month_day date(year(*y), month(static_cast<unsigned>(*mo)), day(static_cast<unsigned>(*d)));
    if (text != "Z" || !date.ok() || *h > 23 || *mi > 59 || *s > 59) return std::nullopt;
    const auto at = sys_days(date).time_since_epoch() + hours(*h) + minutes(*mi) + seconds(*s);
    return duration_cast<milliseconds>(at).count() + fraction_ms;
}

} // namespace atende
