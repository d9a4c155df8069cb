#include "agent/openai_stream.hpp"
#include "agent/openai_wire.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atende/agent/openai_model.hpp>
#include <atende/platform/crypto.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/retry_policy.hpp>
#include <random>

namespace atende {
namespace {

// Some say so with a status of 400 instead of a finish reason.
constexpr std::array<std::string_view, 3> filtered_prompt{"content_filter", "content_policy_violation",
                                                          "invalid_prompt"};
constexpr std::array<std::string_view, 2> too_long_codes{"context_length_exceeded",
                                                         "string_above_max_length"};

struct attempt {
    result<model_answer> answer;
    failed_attempt failure; // when there is no answer
};

// For the end of a sentence; servers other than OpenAI's name no request.
std::string request_of(const http_answer& came) {
    const std::string_view id = came.header("x-request-id");
    return id.empty() ? std::string() : ", request " + printable(id);
}

bool is_too_long(const http_answer& came, const api_error& said) {
    if (came.status == 413 || std::ranges::find(too_long_codes, said.code) != too_long_codes.end())
        return true;
    return came.status == 400 &&
           said.message.contains("context length"); // vLLM and others have no code for it
}

error refusal_of(const http_answer& came, const api_error& said) {
    const int status = came.status;
    const bool for_now = status == 408 || status == 409 || status == 429 || status >= 500;
    auto code = for_now && !is_out_of_credit(said.code) ? errc::unavailable : errc::rejected;
    if (is_too_long(came, said)) code = errc::too_large;
    std::string detail = fmt::format("HTTP {}", status);
    for (const std::string_view word : {std::string_view(said.code), std::string_view(said.parameter)}) {
        if (!word.empty()) detail += " " + printable(word);
    }
    return {code, detail + request_of(came)};
}

class openai_model final : public model {
public:
    openai_model(http_client& http, openai_settings settings)
        : http_(http),
          settings_(std::move(settings)),
          random_(std::random_device{}()) {
        while (settings_.base_url.ends_with('/')) settings_.base_url.pop_back();
    }

    [[nodiscard]] const std::string& name() const override { return settings_.model; }

    awaitable<result<model_answer>> complete(const model_request& request) override {
        for (int retries = 0;; ++retries) {
            auto tried = co_await attempt_once(request);
            if (tried.answer) co_return std::move(tried.answer);
            const auto wait = retry_wait(tried.failure, retries, std::uniform_real_distribution<>()(random_),
                                         std::chrono::system_clock::now());
            if (!wait) co_return std::move(tried.answer);
            spdlog::warn("model {}: {}; again in {} ms {}", name(), tried.answer.error().detail,
                         wait->count(), request.conversation);
            co_await settings_.pause(*wait);
        }
    }

private:
    // The body is made for each attempt: thousands of calls wait at a time, and few are repeated.
    http_call call_with(const model_request& request) const {
        http_call call{.method = "POST",
                       .url = settings_.base_url + "/chat/completions",
                       .headers = {{"Content-Type", "application/json"},
                                   {"Accept", request.listener ? "text/event-stream" : "application/json"},
                                   {"X-Client-Request-Id", random_token()}},
                       .body = request_body(settings_, request),
                       .connect_timeout = settings_.connect_timeout,
                       .timeout = settings_.timeout,
                       .max_answer_bytes = settings_.max_answer_bytes};
        if (!settings_.api_key.empty())
            call.headers.emplace_back("Authorization", "Bearer " + settings_.api_key);
        return call;
    }

    awaitable<attempt> attempt_once(const model_request& request) {
        const auto started = std::chrono::steady_clock::now();
        auto call = call_with(request);
        std::optional<openai_stream> stream;
        if (request.listener) {
            stream.emplace(request.listener);
            call.on_body = [&stream](std::string_view bytes) { stream->feed(bytes); };
            call.idle_timeout = settings_.idle_timeout;
        }
        auto came = co_await http_.perform(std::move(call));
        const bool only_the_end_is_missing = !came && stream && stream->is_whole();
        if (only_the_end_is_missing) came = http_answer{.status = 200, .headers = {}, .body = {}};
        if (!came) co_return failed_to_answer(std::move(came.error()));
        if (came->status != 200) co_return refused(*came, request.conversation);

        auto answer = stream ? stream->answer() : read_answer(came->body);
        if (!answer) {
            answer.error().detail += request_of(*came);
            co_return failed_to_answer(std::move(answer.error()));
        }
        const auto took = std::chrono::steady_clock::now() - started;
        spdlog::info("model {} answered in {} ms, tokens {} ({} cached) + {}{} {}", name(),
                     std::chrono::duration_cast<std::chrono::milliseconds>(took).count(),
                     answer->usage.prompt, answer->usage.cached_prompt, answer->usage.completion,
                     request_of(*came), request.conversation);
        co_return attempt{.answer = std::move(answer), .failure = {}};
    }

    static attempt failed_to_answer(error why) {
        const auto code = why.code;
        return {.answer = std::unexpected(std::move(why)), .failure = attempt_unanswered(code)};
    }

    static attempt refused(const http_answer& came, const std::string& conversation) {
        const auto said = read_error(came.body);
        spdlog::debug("model error message: {} {}", printable(said.message), conversation);
        if (came.status == 400 && std::ranges::find(filtered_prompt, said.code) != filtered_prompt.end()) {
            model_answer filtered;
            filtered.finish = finish_reason::content_filter;
            return {.answer = std::move(filtered), .failure = {}};
        }
        return {.answer = std::unexpected(refusal_of(came, said)), .failure = attempt_refused(came)};
    }

    http_client& http_;
    openai_settings settings_;
    std::minstd_rand random_;
};

} // namespace

std::shared_ptr<model> make_openai_model(http_client& http, openai_settings settings) {
    return std::make_shared<openai_model>(http, std::move(settings));
}

} // namespace atende
