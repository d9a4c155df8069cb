#include "channels/graph_error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <atende/platform/json.hpp>
#include <atende/platform/log.hpp>
#include <charconv>
#include <string_view>
#include <utility>

namespace atende {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds blocked_account_pause = 5min;
constexpr std::chrono::milliseconds restricted_account_pause = 30min;
constexpr std::chrono::milliseconds unexplained_refusal_pause = 1min;
constexpr std::chrono::seconds longest_wait = 24h; // no longer than a customer may be answered at all

// The `error` object of a Graph answer; code 0 if the body holds none.
struct graph_error {
    int code = 0;
    int subcode = 0;
    bool transient = false;
    std::string trace;
};

enum class meaning { refused, restricted, blocked, unknown_outcome };
struct verdict {
    int code;
    meaning what;
    std::string_view reason;
};

constexpr std::array<verdict, 21> by_subcode{{
    {460, meaning::blocked, "the access token died with a password change: log in again and set a new one"},
    {463, meaning::blocked, "the access token has expired: log in again and set a new one"},
    {467, meaning::blocked, "the access token was invalidated: log in again and set a new one"},
    {2534041, meaning::blocked,
     "the account's owner switched message access off: in the Instagram app, allow access to messages for "
     "connected tools"},
    {2534029, meaning::blocked, "Meta blocked this account from sending by API: see the account's status"},
    {2534122, meaning::blocked, "Meta restricted this account's messages: see the account's status"},
    {1893063, meaning::restricted, "Meta restricted this account for a while"},
    {1357046, meaning::unknown_outcome, "Graph failed after sending"},
    {2534022, meaning::refused, "the 24 hours since the customer's last message are over"},
    {2018278, meaning::refused, "the 24 hours since the customer's last message are over"},
    {2018108, meaning::refused, "this person cannot receive messages now"},
    {2018300, meaning::refused, "another app controls the thread"},
    {2534014, meaning::refused, "no such Instagram user"},
    {2534025, meaning::refused, "the comment cannot be answered privately, or already was"},
    {2534013, meaning::refused, "the comment cannot be answered privately"},
    {2534001, meaning::refused, "the thread is archived or deleted"},
    {2534068, meaning::refused, "several images in one message are not available"},
    {2018047, meaning::refused, "the attachment could not be uploaded or is of another type"},
    {2018008, meaning::refused, "Meta could not fetch the attachment"},
    {2018109, meaning::refused, "the attachment is too large"},
    {1545041, meaning::refused, "this person is unavailable or blocked the account"},
}};

constexpr std::array<verdict, 10> by_code{{
    {190, meaning::blocked, "the access token is not valid: log in again and set a new one"},
    {368, meaning::blocked, "Meta blocked this account for a policy violation: see the account's status"},
    {1, meaning::unknown_outcome, "Graph failed for an unknown reason"},
    {2, meaning::unknown_outcome, "Graph is temporarily unavailable"},
    {10, meaning::refused, "the app may not send this message"},
    {100, meaning::refused, "Graph did not accept a parameter"},
    {200, meaning::refused, "the app lacks a permission"},
    {230, meaning::refused, "the person has not consented"},
    {551, meaning::refused, "this person is unavailable or blocked the account"},
    {9010, meaning::refused, "no such Instagram user"},
}};

// 80000–80014 are the limits by business use case.
// https://developers.facebook.com/docs/graph-api/overview/rate-limiting
bool is_rate_limit(int code) {
    constexpr std::array codes{4, 17, 32, 613};
    return std::ranges::find(codes, code) != codes.end() || (code >= 80'000 && code <= 80'014);
}

const verdict* find_verdict(const graph_error& problem) {
    const auto exact = std::ranges::find(by_subcode, problem.subcode, &verdict::code);
    if (exact != by_subcode.end()) return &*exact;
    const auto general = std::ranges::find(by_code, problem.code, &verdict::code);
    return general == by_code.end() ? nullptr : &*general;
}

std::int64_t integer_in(const json& object, const char* key) {
    const json& found = json_member(object, key);
    return found.is_number_integer() ? found.get<std::int64_t>() : 0;
}

graph_error read_error(const json& body) {
    graph_error out;
    const json& source = json_member(body, "error");
    out.code = static_cast<int>(integer_in(source, "code"));
    out.subcode = static_cast<int>(integer_in(source, "error_subcode"));
    out.transient = json_member(source, "is_transient") == true;
    out.trace = text_member(source, "fbtrace_id");
    return out;
}

std::string describe(std::string_view what, int status, const graph_error& problem) {
    std::string out = fmt::format("{} (HTTP {}", what, status);
    if (problem.code != 0) out += fmt::format(", code {}/{}", problem.code, problem.subcode);
    if (!problem.trace.empty()) out += fmt::format(", trace {}", printable(problem.trace, 40));
    return out + ")";
}

std::chrono::milliseconds bounded(std::int64_t amount, std::chrono::seconds unit) {
    if (amount <= 0) return 0ms;
    return amount >= longest_wait / unit ? longest_wait : amount * unit;
}

std::chrono::milliseconds retry_after(const http_answer& answer) {
    const std::string_view header = answer.header("retry-after");
    std::int64_t seconds = 0;
    std::from_chars(header.data(), header.data() + header.size(), seconds);
    return bounded(seconds, 1s);
}

// {"<business id>": [{"estimated_time_to_regain_access": <minutes>, …}, …]}
std::chrono::milliseconds business_use_case_wait(const http_answer& answer) {
    const json usage = parsed_json(answer.header("x-business-use-case-usage"));
    std::int64_t minutes = 0;
    if (!usage.is_object()) return 0ms;
    for (const json& limits : usage) {
        if (!limits.is_array()) continue;
        for (const json& limit : limits)
            minutes = std::max(minutes, integer_in(limit, "estimated_time_to_regain_access"));
    }
    return bounded(minutes, 1min);
}

send_outcome later(std::string reason, std::chrono::milliseconds wait) {
    return {.status = send_status::retry, .id = {}, .reason = std::move(reason), .retry_in = wait};
}

send_outcome ended(send_status status, std::string reason) {
    return {.status = status, .id = {}, .reason = std::move(reason)};
}

send_outcome accepted(const json& body, int status) {
    std::string mid = text_member(body, "message_id");
    if (!mid.empty())
        return {.status = send_status::delivered, .id = message_id(std::move(mid)), .reason = {}};
    return ended(send_status::ambiguous,
                 describe("accepted, but the message was not named", status, read_error(body)));
}

send_outcome by_verdict(const verdict& line, std::string reason) {
    switch (line.what) {
    case meaning::refused: return ended(send_status::rejected, std::move(reason));
    case meaning::restricted: return later(std::move(reason), restricted_account_pause);
    case meaning::unknown_outcome: return ended(send_status::ambiguous, std::move(reason));
    case meaning::blocked: break;
    }
    send_outcome out = later(std::move(reason), blocked_account_pause);
    out.account_blocked = true;
    return out;
}

} // namespace

send_outcome classify_graph_answer(const http_answer& answer) {
    const json body = parsed_json(answer.body);
    if (answer.status >= 200 && answer.status < 300) return accepted(body, answer.status);

    const graph_error problem = read_error(body);
    const auto reason = [&](std::string_view what) { return describe(what, answer.status, problem); };
    // A limit is checked before anything is sent, also where Graph calls it transient or answers 500.
    if (answer.status == 429 || is_rate_limit(problem.code)) {
        return later(reason("rate limit"), std::max(retry_after(answer), business_use_case_wait(answer)));
    }
    const verdict* line = find_verdict(problem);
    if (line && line->what != meaning::refused) return by_verdict(*line, reason(line->reason));
    if (answer.status >= 500 || answer.status == 408 || problem.transient) {
        return ended(send_status::ambiguous, reason("Graph failed, the outcome is unknown"));
    }
    if (line) return by_verdict(*line, reason(line->reason));
    if (problem.code != 0) return ended(send_status::rejected, reason("refused by Graph"));
    // A proxy, a wrong address, a page in HTML: whoever refused, it was not the API, and the message is
    // unsent.
    return later(reason("no Graph API answered: is GRAPH_BASE_URL right?"), unexplained_refusal_pause);
}

send_outcome classify_graph_failure(const error& failure) {
    switch (failure.code) {
    case errc::unavailable: return later("Graph is not reachable: " + failure.detail, 0ms);
    case errc::invalid_input: return ended(send_status::rejected, "the call is wrong: " + failure.detail);
    default: return ended(send_status::ambiguous, "no answer from Graph: " + failure.detail);
    }
}

} // namespace atende
