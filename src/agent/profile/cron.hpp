// "0 18 * * 1-5": the times of a job.
#pragma once

#include <atende/agent/schedule.hpp>
#include <atende/platform/language.hpp>
#include <expected>
#include <string>

namespace atende {

// Five fields of numbers, ranges, lists and steps; names of months and weekdays (jan, mon) and 7 for Sunday,
// too. The error follows "expected". https://man7.org/linux/man-pages/man5/crontab.5.html
std::expected<cron_times, sentence> parse_cron(const std::string& text);

} // namespace atende
