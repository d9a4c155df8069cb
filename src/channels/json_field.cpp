#include "channels/json_field.hpp"

#include <algorithm>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <charconv>
#include <utility>
#include <vector>

namespace atende::field {
namespace {

constexpr std::int64_t first_milliseconds = 100'000'000'000; // less is seconds, until the year 5138
constexpr std::int64_t last_milliseconds = 100'000'000'000'000;

template <class T>
std::optional<T> as(object from, std::string_view key) {
    T value;
    if (from[key].get(value) != simdjson::SUCCESS) return std::nullopt;
    return value;
}

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    append_json_escaped(out, text);
    out += '"';
}

void append_canonical(std::string& out, element value) {
    if (object members; value.get(members) == simdjson::SUCCESS) {
        std::vector<std::pair<std::string_view, element>> sorted;
        for (const auto member : members) sorted.emplace_back(member.key, member.value);
        std::ranges::sort(sorted, {}, [](const auto& member) { return member.first; });
        out += '{';
        for (const auto& [key, member] : sorted) {
            append_quoted(out, key);
            append_canonical(out.append(1, ':'), member);
            out += ',';
        }
        out += '}';
    } else if (array items; value.get(items) == simdjson::SUCCESS) {
        out += '[';
        for (const element item : items) {
            append_canonical(out, item);
            out += ',';
        }
        out += ']';
    } else if (std::string_view text; value.get(text) == simdjson::SUCCESS) {
        append_quoted(out, text);
    } else {
        out += simdjson::minify(value);
    }
}

} // namespace

std::optional<object> as_object(object from, std::string_view key) {
    return as<object>(from, key);
}

std::optional<array> as_array(object from, std::string_view key) {
    return as<array>(from, key);
}

std::string_view text(object from, std::string_view key) {
    return as<std::string_view>(from, key).value_or(std::string_view{});
}

std::string id(object from, std::string_view key) {
    element value;
    if (from[key].get(value) != simdjson::SUCCESS) return {};
    if (std::string_view text; value.get(text) == simdjson::SUCCESS) return std::string(text);
    if (std::uint64_t number = 0; value.get(number) == simdjson::SUCCESS) return std::to_string(number);
    return {};
}

std::optional<std::int64_t> integer(object from, std::string_view key) {
    if (const auto number = as<std::int64_t>(from, key)) return number;
    const std::string_view digits = text(from, key);
    std::int64_t value = 0;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || failure != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return value;
}

bool is_true(object from, std::string_view key) {
    return as<bool>(from, key).value_or(false);
}

std::int64_t unix_ms(object from, std::string_view key) {
    const std::int64_t time = integer(from, key).value_or(0);
    if (time <= 0 || time > last_milliseconds) return 0;
    return time < first_milliseconds ? time * 1'000 : time;
}

std::string names(object from) {
    std::string out;
    for (const auto member : from) {
        if (!out.empty()) out += ", ";
        out += member.key;
    }
    return printable(out);
}

std::string canonical_text(element value) {
    std::string out;
    append_canonical(out, value);
    return out;
}

} // namespace atende::field
