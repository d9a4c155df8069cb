#include "agent/local_time.hpp"

#include <fmt/format.h>
#include <unicode/timezone.h>

#include <array>
#include <memory>
#include <string_view>

namespace atende {
namespace {

constexpr std::array<std::string_view, 7> weekdays{
    "domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado"};
constexpr std::array<std::string_view, 12> months{"janeiro",  "fevereiro", "março",    "abril",
                                                  "maio",     "junho",     "julho",    "agosto",
                                                  "setembro", "outubro",   "novembro", "dezembro"};

std::unique_ptr<icu::TimeZone> zone_named(const std::string& name) {
    return std::unique_ptr<icu::TimeZone>(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(name)));
}

} // namespace

bool is_time_zone(const std::string& name) {
    return *zone_named(name) != icu::TimeZone::getUnknown();
}

local_time local_time_at(std::chrono::system_clock::time_point when, const std::string& time_zone) {
    using namespace std::chrono;
    const auto unix_ms = duration_cast<milliseconds>(when.time_since_epoch()).count();
    std::int32_t standard_ms = 0;
    std::int32_t summer_ms = 0;
    UErrorCode status = U_ZERO_ERROR;
    zone_named(time_zone)->getOffset(static_cast<double>(unix_ms), false, standard_ms, summer_ms, status);

    const auto local = when + milliseconds(standard_ms + summer_ms);
    const auto midnight = floor<days>(local);
    const year_month_day date(midnight);
    const auto minute_of_day = floor<minutes>(local - midnight).count();
    return {.weekday = std::string(weekdays.at(weekday(midnight).c_encoding())),
            .date = fmt::format("{} de {} de {}", unsigned(date.day()), months.at(unsigned(date.month()) - 1),
                                int(date.year())),
            .time = fmt::format("{:02}:{:02}", minute_of_day / 60, minute_of_day % 60)};
}

} // namespace atende
