#include "people/operator_view.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <atende/people/operator_client.hpp>
#include <atende/platform/http_client.hpp>
#include <atende/platform/json.hpp>
#include <cstdio>

namespace atende {
namespace {

using nlohmann::json;

constexpr auto usual_timeout = std::chrono::seconds(30);
constexpr auto replay_timeout = std::chrono::minutes(30);

result<http_answer> perform(const operator_call& call) {
    http_call request{.method = call.body.empty() ? "GET" : "POST",
                      .url =
                          call.url + "/admin/api/" + call.what + (call.query.empty() ? "" : "?" + call.query),
                      .headers = {{"Authorization", "Bearer " + call.admin_token}}};
    if (!call.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    request.body = call.body;
    request.timeout = call.what == "replay" ? replay_timeout : usual_timeout;
    asio::io_context loop(1);
    result<http_answer> answer = fail(errc::unavailable, "nothing was asked");
    {
        const auto http = make_curl_client(loop.get_executor(), "atende-operator/" ATENDE_VERSION);
        auto ended = [&](const std::exception_ptr& failure, result<http_answer> got) {
            if (!failure) answer = std::move(got);
            loop.stop();
        };
        asio::co_spawn(loop, http->perform(std::move(request)), std::move(ended));
        loop.run();
    }
    return answer;
}

int complain(const std::string& problem) {
    std::fprintf(stderr, "atende: %s\n", problem.c_str());
    return 1;
}

} // namespace

int call_operator_api(const operator_call& call) {
    if (call.admin_token.empty()) {
        return complain(in(
            call.lang,
            {"defina ADMIN_TOKEN (16 caracteres ou mais) no ambiente ou no .env, o mesmo do servidor, "
             "e reinicie o servidor",
             "set ADMIN_TOKEN (16 characters or more) in the environment or .env, the same as the server's, "
             "and restart the server"}));
    }
    const auto answer = perform(call);
    if (!answer) {
        return complain(
            in(call.lang, {"nenhum servidor responde em ", "no server answers at "}) + call.url + " (" +
            answer.error().detail +
            in(call.lang, {"); inicie um com ./dev run ou atende serve, ou diga onde com --url",
                           "); start one with ./dev run or atende serve, or say where with --url"}));
    }
    const json body = parsed_json(answer->body);
    if (answer->status != 200) {
        if (call.json && !body.is_discarded()) std::puts(answer->body.c_str());
        return complain(problem_of(answer->status, body, call.lang));
    }
    if (!body.is_object()) {
        return complain(in(call.lang, {"o servidor respondeu algo que não é desta versão do atende",
                                       "the server's answer is not one of this version of atende"}));
    }
    if (call.json) {
        std::puts(answer->body.c_str());
    } else {
        std::fputs(view_of(call.what, body, call.lang).c_str(), stdout);
    }
    return 0;
}

} // namespace atende
