#include "channels/json_field.hpp"

#include <atende/platform/log.hpp>

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

namespace atende::field {
namespace {

// A seconds value this large is the year 5138; a milliseconds value this small is 1973.
constexpr std::int64_t first_milliseconds = 100'000'000'000;
constexpr std::int64_t last_plausible = 100'000'000'000'000;

void append_canonical(std::string& out, element value);

void append_members(std::string& out, object value) {
    std::vector<std::pair<std::string_view, element>> members;
    for (const auto member : value) members.emplace_back(member.key, member.value);
    std::ranges::sort(members, {}, [](const auto& member) { return member.first; });
    for (const auto& [key, member] : members) {
        out.append(simdjson::minify(element_text(key))).append(1, ':');
        append_canonical(out, member);
        out += ',';
    }
}

} // namespace
} // namespace atende::field
