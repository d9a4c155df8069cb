#include "agent/profile/cron.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atende/platform/text.hpp>
#include <charconv>
#include <optional>
#include <ranges>
#include <span>
#include <sstream>
#include <string_view>

namespace atende {
namespace {

constexpr std::array<std::string_view, 12> month_names{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> weekday_names{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct field {
    std::string_view portuguese, english;
    int least = 0, most = 0;
    std::span<const std::string_view> names; // of `least`, and so on
};

std::optional<int> number_in(std::string_view text, const field& of) {
    const auto named = std::ranges::find(of.names, lower_case(text));
    if (named != of.names.end()) return of.least + static_cast<int>(named - of.names.begin());
    int value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value >= of.least && value <= of.most ? std::optional(value) : std::nullopt;
}

// "*", "5", "1-5", each perhaps with "/2".
template <std::size_t N>
bool add_times(std::string_view part, const field& of, std::bitset<N>& into) {
    int step = 1;
    const auto slash = part.find('/');
    if (slash != std::string_view::npos) {
        const auto given = number_in(part.substr(slash + 1), {.least = 1, .most = of.most, .names = {}});
        if (!given) return false;
        step = *given;
    }
    const auto times = part.substr(0, slash);
    const auto dash = times.find('-');
    auto from = times == "*" ? of.least : number_in(times.substr(0, dash), of);
    auto until = times == "*"                      ? of.most
                 : dash != std::string_view::npos  ? number_in(times.substr(dash + 1), of)
                 : slash != std::string_view::npos ? of.most // "10/5": from 10 on
                                                   : from;
    if (!from || !until || *until < *from) return false;
    for (int at = *from; at <= *until; at += step) into.set(static_cast<std::size_t>(at));
    return true;
}

template <std::size_t N>
std::optional<sentence> read_field(const std::string& text, const field& of, std::bitset<N>& into) {
    for (const auto part : std::views::split(text, ',')) {
        if (add_times(std::string_view(part), of, into)) continue;
        return sentence(fmt::format("{} de {} a {}, como 5, 1-5, */10 ou 1,15; recebeu \"{}\"", of.portuguese,
                                    of.least, of.most, text),
                        fmt::format("{} from {} to {}, such as 5, 1-5, */10 or 1,15, not \"{}\"", of.english,
                                    of.least, of.most, text));
    }
    return std::nullopt;
}

} // namespace

std::expected<cron_times, sentence> parse_cron(const std::string& text) {
    std::istringstream words(text);
    std::array<std::string, 5> fields;
    std::string more;
    for (auto& one : fields) words >> one;
    if (fields.back().empty() || words >> more) {
        return std::unexpected(
            bilingual{"cinco campos: minuto hora dia mês dia-da-semana, como \"0 18 * * 1-5\"",
                      "five fields: minute hour day month weekday, such as \"0 18 * * 1-5\""});
    }
    cron_times read;
    std::bitset<8> weekdays; // 7 is Sunday, too
    auto wrong = read_field(fields[0], {"minuto", "minute", 0, 59, {}}, read.minutes);
    if (!wrong) wrong = read_field(fields[1], {"hora", "hour", 0, 23, {}}, read.hours);
    if (!wrong) wrong = read_field(fields[2], {"dia", "day", 1, 31, {}}, read.days);
    if (!wrong) wrong = read_field(fields[3], {"mês", "month", 1, 12, month_names}, read.months);
    if (!wrong) wrong = read_field(fields[4], {"dia da semana", "weekday", 0, 7, weekday_names}, weekdays);
    if (wrong) return std::unexpected(*std::move(wrong));
    for (std::size_t day = 0; day < weekdays.size(); ++day) {
        if (weekdays.test(day)) read.weekdays.set(day % 7);
    }
    read.any_day = fields[2].starts_with('*');
    read.any_weekday = fields[4].starts_with('*');
    return read;
}

} // namespace atende
