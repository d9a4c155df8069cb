// An http_client that answers what a test says, and remembers what it was asked.
#pragma once

#include <atende/platform/http_client.hpp>
#include <chrono>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atende::test {

class scripted_http final : public http_client {
public:
    std::deque<result<http_answer>> answers; // used up from the front
    std::vector<http_call> calls;
    bool held = false; // what is asked waits for its answer until this is false again

    void will_answer(int status, std::string body = {},
                     std::vector<std::pair<std::string, std::string>> headers = {}) {
        answers.emplace_back(
            http_answer{.status = status, .headers = std::move(headers), .body = std::move(body)});
    }
    // Instead of answering, until it is cancelled.
    void will_hang() { hangs_ = true; }
    void will_fail(errc code) { answers.emplace_back(fail(code, "scripted")); }

    awaitable<result<http_answer>> perform(http_call call) override {
        calls.push_back(std::move(call));
        while (held) co_await sleep_for(std::chrono::milliseconds(1));
        if (std::exchange(hangs_, false)) {
            co_await sleep_for(std::chrono::hours(1));
            co_return fail(errc::timed_out, "it hung");
        }
        if (answers.empty()) co_return fail(errc::rejected, "the script is over");
        auto next = std::move(answers.front());
        answers.pop_front();
        co_return next;
    }

    // Of one call; empty if it has none.
    [[nodiscard]] static std::string header(const http_call& of, std::string_view name) {
        for (const auto& [key, value] : of.headers) {
            if (key == name) return value;
        }
        return {};
    }

private:
    bool hangs_ = false;
};

} // namespace atende::test
