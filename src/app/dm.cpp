#include "app/dm.hpp"

#include "people/operator_json.hpp"
#include "people/operator_words.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/platform/crypto.hpp>
#include <atende/platform/http_client.hpp>
#include <atende/platform/json.hpp>
#include <cstdio>

namespace atende {
namespace {

using nlohmann::json;
using steady = std::chrono::steady_clock;

// Long enough for the next part of an answer in several messages.
constexpr int settle_seconds = 1;

std::string new_contact() {
    std::string name = random_token(9);
    std::erase_if(name, [](char c) { return c == '-' || c == '_'; });
    return name + "000000";
}

void complain(const std::string& problem) {
    std::fprintf(stderr, "atende dm: %s\n", problem.c_str());
}

class conversation {
public:
    conversation(const dm_options& options, http_client& http) : options_(options), http_(http) {
        contact_ = "sim_" + (options.contact.empty() ? new_contact() : options.contact);
        if (!options.admin_token.empty())
            headers_.emplace_back("Authorization", "Bearer " + options.admin_token);
    }

    awaitable<int> run() {
        if (!co_await skip_the_past()) co_return 1;
        for (const auto& text : options_.texts) {
            if (!co_await send(text)) co_return 1;
        }
        co_return co_await print_answers() ? 0 : 1;
    }

private:
    // Null when there was no usable answer; says why on standard error.
    awaitable<json> call(std::string method, std::string path, std::string body,
                         std::chrono::milliseconds timeout) {
        http_call request{.method = std::move(method), .url = options_.url + path, .headers = headers_};
        if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
        request.body = std::move(body);
        request.timeout = timeout;
        const auto answer = co_await http_.perform(std::move(request));
        if (!answer) {
            complain(in(options_.lang, {"nenhum servidor responde em ", "no server answers at "}) +
                     options_.url + " (" + answer.error().detail +
                     in(options_.lang, {"); inicie um com ./dev run ou atende serve",
                                        "); start one with ./dev run or atende serve"}));
            co_return json();
        }
        if (answer->status >= 300) {
            complain(refusal_text(*answer));
            co_return json();
        }
        co_return parsed_json(answer->body);
    }

    // What was refused, and what to do.
    [[nodiscard]] std::string refusal_text(const http_answer& answer) const {
        if (answer.status == 401)
            return in(options_.lang,
                      {"o simulador pede o ADMIN_TOKEN do servidor; defina o mesmo aqui, no "
                       "ambiente ou no .env",
                       "the simulator asks for the server's ADMIN_TOKEN; set the same here, in "
                       "the environment or .env"});
        if (answer.status == 404)
            return in(options_.lang,
                      {"este servidor não tem o simulador; ligue-o com ENABLE_SIMULATOR=true e "
                       "reinicie o servidor",
                       "this server has no simulator; switch it on with ENABLE_SIMULATOR=true "
                       "and restart the server"});
        const json body = parsed_json(answer.body);
        const json error = body.is_object() ? body.value("error", json::object()) : json::object();
        const std::string message = message_in(options_.lang, text_at(error, "message", 300));
        return !message.empty() ? message
                                : in(options_.lang, {"o servidor respondeu ", "the server answered "}) +
                                      std::to_string(answer.status);
    }

    awaitable<json> events(int wait_seconds) {
        const std::string path = "/simulator/api/events?contact=" + contact_ +
                                 "&after=" + std::to_string(seen_) + "&wait=" + std::to_string(wait_seconds);
        json page = co_await call("GET", path, {}, std::chrono::seconds(wait_seconds + 10));
        if (page.is_object()) seen_ = page.value("next", seen_);
        co_return page;
    }

    awaitable<bool> skip_the_past() {
        const json page = co_await events(0);
        co_return page.is_object();
    }

    awaitable<bool> send(const std::string& text) {
        const json body{{"contact", contact_}, {"text", text}};
        const json sent =
            co_await call("POST", "/simulator/api/messages", json_text(body), std::chrono::seconds(15));
        co_return sent.is_object();
    }

    awaitable<bool> print_answers() {
        bool answered = false;
        auto deadline = steady::now() + options_.timeout;
        while (steady::now() < deadline) {
            const auto left =
                std::chrono::duration_cast<std::chrono::seconds>(deadline - steady::now()).count() + 1;
            const int wait = static_cast<int>(std::min<std::int64_t>(left, 25));
            const json page = co_await events(wait);
            if (!page.is_object()) co_return answered;
            bool more = false;
            for (const auto& event : page.value("events", json::array())) {
                if (event.value("kind", "") != "answer") continue;
                std::puts(event.value("text", "").c_str());
                more = true;
            }
            if (more) deadline = steady::now() + std::chrono::seconds(settle_seconds);
            answered = answered || more;
        }
        if (!answered)
            complain(in(options_.lang,
                        {"não veio resposta; `atende conversations` mostra se o bot está em silêncio",
                         "no answer came; `atende conversations` shows whether the bot is silent"}));
        co_return answered;
    }

    const dm_options& options_;
    http_client& http_;
    std::string contact_;
    std::vector<std::pair<std::string, std::string>> headers_;
    std::int64_t seen_ = 0;
};

} // namespace

int send_dm(const dm_options& options) {
    asio::io_context loop(1);
    int exit_code = 1;
    {
        const auto http = make_curl_client(loop.get_executor(), "atende-dm/" ATENDE_VERSION);
        conversation talk(options, *http);
        auto ended = [&exit_code, &loop](const std::exception_ptr& failure, int code) {
            exit_code = failure ? 1 : code;
            loop.stop();
        };
        asio::co_spawn(loop, talk.run(), std::move(ended));
        loop.run();
    }
    return exit_code;
}

} // namespace atende
