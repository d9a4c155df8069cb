#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <atende/platform/json.hpp>
#include <atende/platform/retry_policy.hpp>
#include <charconv>
#include <cmath>
#include <ctime>

namespace atende {
namespace {

using std::chrono::milliseconds;

constexpr int max_retries = 2;
constexpr milliseconds first_wait{500};
constexpr milliseconds longest_wait{8'000};
constexpr double jitter = 0.25;
constexpr milliseconds longest_asked_wait{120'000};

std::optional<double> number(const std::string& text) {
    double value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

// IMF-fixdate, the one HTTP date servers send: "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<std::chrono::system_clock::time_point> http_date(const std::string& text) {
    std::tm parts{};
    const char* end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (!end || *end != '\0') return std::nullopt;
    return std::chrono::system_clock::from_time_t(timegm(&parts));
}

// What the server asked for; in doubt about its size, more than anyone would wait.
std::optional<milliseconds> asked_wait(const failed_attempt& failed,
                                       std::chrono::system_clock::time_point now) {
    const auto capped = [](double ms) {
        return milliseconds(
            static_cast<long>(std::min(ms, 1.0 + static_cast<double>(longest_asked_wait.count()))));
    };
    if (const auto ms = number(failed.retry_after_ms)) return capped(*ms);
    if (const auto seconds = number(failed.retry_after)) return capped(*seconds * 1'000);
    if (const auto date = http_date(failed.retry_after)) return std::chrono::ceil<milliseconds>(*date - now);
    return std::nullopt;
}

milliseconds backoff(int retries_done, double random) {
    const auto doubled = std::min(first_wait * (1 << std::min(retries_done, 10)), longest_wait);
    return milliseconds(static_cast<long>(static_cast<double>(doubled.count()) * (1.0 - jitter * random)));
}

bool is_worth_repeating(const failed_attempt& failed) {
    if (failed.no_answer) {
        const auto why = *failed.no_answer;
        return why == errc::unavailable || why == errc::timed_out || why == errc::interrupted ||
               why == errc::protocol;
    }
    if (failed.x_should_retry == "true") return true;
    if (failed.x_should_retry == "false") return false;
    return failed.status == 408 || failed.status == 409 || failed.status == 429 || failed.status >= 500;
}

} // namespace

failed_attempt attempt_refused(const http_answer& with) {
    return {.no_answer = std::nullopt,
            .status = with.status,
            .error_code = api_error_code(with.body),
            .retry_after_ms = std::string(with.header("retry-after-ms")),
            .retry_after = std::string(with.header("retry-after")),
            .x_should_retry = std::string(with.header("x-should-retry"))};
}

failed_attempt attempt_unanswered(errc why) {
    failed_attempt failed;
    failed.no_answer = why;
    return failed;
}

std::string api_error_code(std::string_view body) {
    const auto said = parsed_json(body);
    const auto& error = json_member(said, "error");
    auto code = text_member(error, "code");
    auto type = text_member(error, "type");
    return code.empty() || is_out_of_credit(type) ? type : code;
}

bool is_out_of_credit(const std::string& error_code) {
    constexpr std::array<std::string_view, 5> codes{
        "insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded",
        "project_spend_limit_exceeded", "organization_usage_limit_exceeded"};
    return std::ranges::find(codes, error_code) != codes.end();
}

std::optional<milliseconds> retry_wait(const failed_attempt& failed, int retries_done, double random,
                                       std::chrono::system_clock::time_point now) {
    if (retries_done >= max_retries || is_out_of_credit(failed.error_code) || !is_worth_repeating(failed)) {
        return std::nullopt;
    }
    const auto asked = asked_wait(failed, now);
    if (!asked || *asked <= milliseconds(0)) return backoff(retries_done, random);
    if (*asked > longest_asked_wait) return std::nullopt;
    return asked;
}

} // namespace atende
