#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <atende/platform/crypto.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/retry_policy.hpp>
#include <atende/voice/audio_api.hpp>
#include <random>

namespace atende {
namespace {

using nlohmann::json;

// error.code, else error.type; whichever of them says that the account cannot pay.
std::string error_code_of(std::string_view body) {
    const auto answer = json::parse(body, nullptr, false);
    const auto text_at = [&](const char* where) {
        const json::json_pointer at(where);
        return answer.contains(at) && answer[at].is_string() ? answer[at].get<std::string>() : std::string();
    };
    auto code = text_at("/error/code");
    auto type = text_at("/error/type");
    return code.empty() || is_out_of_credit(type) ? type : code;
}

struct attempt {
    result<http_answer> answer;
    failed_attempt failure; // when there is no answer
};

attempt refused(const http_answer& came) {
    const int status = came.status;
    const auto code = error_code_of(came.body);
    const bool for_now = status == 408 || status == 409 || status == 429 || status >= 500;
    auto why = for_now && !is_out_of_credit(code) ? errc::unavailable : errc::rejected;
    if (status == 400 || status == 415 || status == 422) why = errc::invalid_input;
    if (status == 413) why = errc::too_large;
    auto detail = fmt::format("HTTP {}{}{}", status, code.empty() ? "" : " ", printable(code));
    if (const auto id = came.header("x-request-id"); !id.empty()) detail += ", request " + printable(id);
    return {.answer = fail(why, std::move(detail)),
            .failure = {.no_answer = std::nullopt,
                        .status = status,
                        .error_code = code,
                        .retry_after_ms = std::string(came.header("retry-after-ms")),
                        .retry_after = std::string(came.header("retry-after")),
                        .x_should_retry = std::string(came.header("x-should-retry"))}};
}

http_call call_of(const audio_api_settings& settings, const audio_api_request& request) {
    std::string_view base = settings.base_url;
    while (base.ends_with('/')) base.remove_suffix(1);
    http_call call{.method = "POST",
                   .url = std::string(base) + request.path,
                   .headers = {{"Content-Type", request.content_type},
                               {"Accept", request.accept},
                               {"X-Client-Request-Id", random_token()}},
                   .body = request.body,
                   .connect_timeout = settings.connect_timeout,
                   .timeout = settings.timeout,
                   .max_answer_bytes = request.max_answer_bytes};
    if (!settings.api_key.empty()) call.headers.emplace_back("Authorization", "Bearer " + settings.api_key);
    return call;
}

awaitable<attempt> attempt_once(http_client& http, const audio_api_settings& settings,
                                const audio_api_request& request) {
    auto came = co_await http.perform(call_of(settings, request));
    if (came && came->status == 200) co_return attempt{.answer = std::move(came), .failure = {}};
    if (came) co_return refused(*came);
    attempt failed{.answer = std::unexpected(std::move(came.error())), .failure = {}};
    failed.failure.no_answer = failed.answer.error().code;
    co_return failed;
}

double random_share() {
    static std::minstd_rand source(std::random_device{}());
    return std::uniform_real_distribution<>()(source);
}

} // namespace

awaitable<result<http_answer>> ask_audio_api(http_client& http, audio_api_settings settings,
                                             audio_api_request request) {
    for (int retries = 0;; ++retries) {
        auto tried = co_await attempt_once(http, settings, request);
        if (tried.answer) co_return std::move(tried.answer);
        const auto wait =
            retry_wait(tried.failure, retries, random_share(), std::chrono::system_clock::now());
        if (!wait) co_return std::move(tried.answer);
        spdlog::warn("[AUDIO] {}: {}; again in {} ms {}", request.path, tried.answer.error().detail,
                     wait->count(), request.about);
        co_await settings.pause(*wait);
    }
}

} // namespace atende
