#include <fmt/format.h>

#include <algorithm>
#include <atende/platform/crypto.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/retry_policy.hpp>
#include <atende/voice/audio_api.hpp>
#include <random>

namespace atende {
namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

struct attempt {
    result<http_answer> answer;
    failed_attempt failure; // when there is no answer
};

error refusal_of(const http_answer& came, const std::string& code) {
    const int status = came.status;
    const bool for_now = status == 408 || status == 409 || status == 429 || status >= 500;
    auto why = for_now && !is_out_of_credit(code) ? errc::unavailable : errc::rejected;
    if (status == 400 || status == 415 || status == 422) why = errc::invalid_input;
    if (status == 413) why = errc::too_large;
    auto detail = fmt::format("HTTP {}{}{}", status, code.empty() ? "" : " ", printable(code));
    if (const auto id = came.header("x-request-id"); !id.empty()) detail += ", request " + printable(id);
    return {why, std::move(detail)};
}

http_call call_of(const audio_api_settings& settings, const audio_api_request& request,
                  milliseconds time_left) {
    std::string_view base = settings.base_url;
    while (base.ends_with('/')) base.remove_suffix(1);
    const auto timeout = std::clamp(time_left, milliseconds(1), settings.timeout);
    http_call call{.method = "POST",
                   .url = std::string(base) + request.path,
                   .headers = {{"Content-Type", request.content_type},
                               {"Accept", request.accept},
                               {"X-Client-Request-Id", random_token()}},
                   .body = request.body,
                   .connect_timeout = std::min(settings.connect_timeout, timeout),
                   .timeout = timeout,
                   .max_answer_bytes = request.max_answer_bytes};
    if (!settings.api_key.empty()) call.headers.emplace_back("Authorization", "Bearer " + settings.api_key);
    return call;
}

attempt read_answer(result<http_answer> came) {
    if (!came) {
        const auto why = came.error().code;
        return {.answer = std::move(came), .failure = attempt_unanswered(why)};
    }
    if (came->status == 200) return {.answer = std::move(came), .failure = {}};
    auto failure = attempt_refused(*came);
    return {.answer = std::unexpected(refusal_of(*came, failure.error_code)), .failure = std::move(failure)};
}

double random_share() {
    static std::minstd_rand source(std::random_device{}());
    return std::uniform_real_distribution<>()(source);
}

} // namespace

awaitable<result<http_answer>> ask_audio_api(http_client& http, audio_api_settings settings,
                                             audio_api_request request) {
    const auto end = clock::now() + settings.deadline;
    const auto left = [end] { return std::chrono::duration_cast<milliseconds>(end - clock::now()); };
    for (int retries = 0;; ++retries) {
        auto tried = read_answer(co_await http.perform(call_of(settings, request, left())));
        if (tried.answer) co_return std::move(tried.answer);
        const auto wait =
            retry_wait(tried.failure, retries, random_share(), std::chrono::system_clock::now());
        if (!wait || *wait >= left()) co_return std::move(tried.answer);
        spdlog::warn("[AUDIO] {}: {}; again in {} ms {}", request.path, tried.answer.error().detail,
                     wait->count(), request.about);
        co_await settings.pause(*wait);
    }
}

} // namespace atende
