#include "agent/local_time.hpp"

#include <fmt/format.h>

#include <array>
#include <date/tz.h>
#include <stdexcept>
#include <string_view>

namespace atende {
namespace {

constexpr std::array<std::string_view, 7> weekdays{
    "domingo", "segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado"};
constexpr std::array<std::string_view, 12> months{"janeiro",  "fevereiro", "março",    "abril",
                                                  "maio",     "junho",     "julho",    "agosto",
                                                  "setembro", "outubro",   "novembro", "dezembro"};

// Null if there is no such zone.
const date::time_zone* zone_named(const std::string& name) {
    try {
        return date::locate_zone(name);
    } catch (const std::runtime_error&) {
        return nullptr;
    }
}

// East of UTC; UTC if there is no such zone.
std::chrono::seconds offset_at(std::chrono::system_clock::time_point when, const std::string& time_zone) {
    const auto* zone = zone_named(time_zone);
    return zone == nullptr ? std::chrono::seconds(0)
                           : zone->get_info(std::chrono::floor<std::chrono::seconds>(when)).offset;
}

} // namespace

bool is_time_zone(const std::string& name) {
    return zone_named(name) != nullptr;
}

std::vector<std::string> time_zones() {
    std::vector<std::string> names;
    try {
        for (const auto& zone : date::get_tzdb().zones) names.push_back(zone.name());
    } catch (const std::runtime_error&) { // no list is installed
    }
    return names;
}

std::string timestamp_at(std::chrono::system_clock::time_point when, const std::string& time_zone) {
    using namespace std::chrono;
    const auto offset = offset_at(when, time_zone);
    const auto local = floor<seconds>(when + offset);
    const auto midnight = floor<days>(local);
    const year_month_day date(midnight);
    const hh_mm_ss clock(local - midnight);
    const hh_mm_ss east(offset);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} {}{:02}{:02}", int(date.year()),
                       unsigned(date.month()), unsigned(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count(), east.is_negative() ? '-' : '+',
                       east.hours().count(), east.minutes().count());
}

local_time local_time_at(std::chrono::system_clock::time_point when, const std::string& time_zone) {
    using namespace std::chrono;
    const auto offset = offset_at(when, time_zone);
    const auto local = when + offset;
    const auto midnight = floor<days>(local);
    const year_month_day date(midnight);
    const auto minute_of_day = floor<minutes>(local - midnight).count();
    return {.weekday = std::string(weekdays.at(weekday(midnight).c_encoding())),
            .date = fmt::format("{} de {} de {}", unsigned(date.day()), months.at(unsigned(date.month()) - 1),
                                int(date.year())),
            .time = fmt::format("{:02}:{:02}", minute_of_day / 60, minute_of_day % 60)};
}

} // namespace atende
