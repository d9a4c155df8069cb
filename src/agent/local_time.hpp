// The time of day where the shop is, in Portuguese.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace atende {

bool is_time_zone(const std::string& name); // an IANA name
std::vector<std::string> time_zones();      // the names there are

struct local_time {
    std::string weekday; // "sábado"
    std::string date;    // "21 de novembro de 2026"
    std::string time;    // "06:14"
};

// "2026-11-21 06:14:59 -0300"
std::string timestamp_at(std::chrono::system_clock::time_point when, const std::string& time_zone);

local_time local_time_at(std::chrono::system_clock::time_point when, const std::string& time_zone);

} // namespace atende
