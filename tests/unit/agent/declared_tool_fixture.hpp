// A tool's file called, with a service that answers as a test says.
#pragma once

#include "agent/operation_number.hpp"
#include "fakes.hpp"
#include "support/event_loop.hpp"
#include "tools_folder.hpp"

#include <gtest/gtest.h>

#include <atende/agent/declared_tools.hpp>

namespace atende::test {

inline const std::string parameters = R"(
name: consultar
description: Consulta.
parameters:
  type: object
  properties:
    q: {type: string, description: o que}
    n: {type: integer, description: quantos}
    list: {type: array, items: {type: string}, description: quais}
)";

inline result<http_answer> answers(int status, std::string body) {
    http_answer answer;
    answer.status = status;
    answer.body = std::move(body);
    return answer;
}

class DeclaredTool : public ::testing::Test {
protected:
    fake_http_client http;
    std::map<std::string, std::string> environment{{"API_URL", "https://api.example.com/v1"},
                                                   {"API_TOKEN", "token-canary-51f0"}};
    std::shared_ptr<call_report> report = std::make_shared<call_report>();
    bool offline = false;
    const std::string operation = operation_number("ig:shop:ana/1:7:0"); // that of call()

    tool_surroundings around() {
        return {.http = offline ? nullptr : &http,
                .cache = nullptr,
                .allowed_hosts = *host_list::parse("n8n.local:5678"),
                .environment = [this](std::string_view name) -> std::optional<std::string> {
                    const auto found = environment.find(std::string(name));
                    return found == environment.end() ? std::nullopt : std::optional(found->second);
                }};
    }
    // `again`: as the turn does that was interrupted while it was called.
    std::string call(const std::string& yaml, const nlohmann::json& arguments = nlohmann::json::object(),
                     bool again = false) {
        const auto tools = make_declared_tools({declared(parameters + yaml)}, around());
        return run(tools.at(0)->call(
            arguments, {.conversation = {platform_kind::instagram, account_id("shop"), contact_id("ana/1")},
                        .operation_id = "ig:shop:ana/1:7:0",
                        .report = report,
                        .again = again}));
    }
    // What is asked with these arguments.
    http_call request(const std::string& yaml, const nlohmann::json& arguments = nlohmann::json::object()) {
        http.made.clear();
        http.steps = {answers(200, "{}")};
        call(yaml + "\nanswers: [{success: feito}]", arguments);
        return http.made.empty() ? http_call{.url = "nothing"} : http.made.front();
    }
};

} // namespace atende::test
