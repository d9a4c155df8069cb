// An http_client that answers what it is told and remembers what it was asked.
#pragma once

#include <atende/platform/http_client.hpp>
#include <vector>

namespace atende::testing {

class recording_http_client final : public http_client {
public:
    awaitable<result<http_answer>> perform(http_call call) override {
        calls.push_back(std::move(call));
        co_return answer;
    }

    std::vector<http_call> calls;
    result<http_answer> answer = http_answer{.status = 200, .headers = {}, .body = "ok"};
};

} // namespace atende::testing
