#include "people/admin_access.hpp"
#include "people/admin_json.hpp"
#include "people/admin_request.hpp"

#include <nlohmann/json.hpp>

#include <atende/people/knowledge_api.hpp>
#include <atende/platform/json.hpp>
#include <atende/platform/log.hpp>

namespace atende {
namespace {

using nlohmann::json;

constexpr std::size_t usual_preview = 1'000;
constexpr std::size_t longest_preview = 200'000;

json json_of(const knowledge_state& state) {
    return {{"files", state.files},     {"characters", state.characters},
            {"chunks", state.chunks},   {"faq", state.faq},
            {"vectors", state.vectors}, {"whole_in_prompt", state.chunks == 0},
            {"version", state.version}, {"fault", state.fault}};
}

} // namespace

knowledge_api::knowledge_api(token_gate& gate, bool open_without_token, knowledge_base& knowledge,
                             faq_counts& counts)
    : gate_(gate),
      open_without_token_(open_without_token),
      knowledge_(knowledge),
      counts_(counts) {}

void knowledge_api::add_routes(http_server& server) {
    add(server, "POST", "/reload-context", open_without_token_, &knowledge_api::reload);
    add(server, "GET", "/context/preview", open_without_token_, &knowledge_api::preview);
    add(server, "GET", "/admin/api/faq", false, &knowledge_api::faq);
}

void knowledge_api::add(http_server& server, std::string method, std::string path, bool open_without_token,
                        action act) {
    auto handle = [this, open_without_token, act](http_request request) {
        return guarded(std::move(request), open_without_token, act);
    };
    server.add({.method = std::move(method), .path = std::move(path), .handle = std::move(handle)});
}

awaitable<http_reply> knowledge_api::guarded(http_request request, bool open_without_token, action act) {
    const auto rule = open_without_token ? without_token::open : without_token::closed;
    auto refusal = admin_refusal(gate_, request, std::chrono::steady_clock::now(), rule);
    http_reply reply = refusal ? *std::move(refusal) : co_await (this->*act)(std::move(request));
    reply.headers.emplace_back("Cache-Control", "no-store");
    co_return reply;
}

awaitable<http_reply> knowledge_api::reload(http_request request) {
    const auto read = co_await knowledge_.reload();
    spdlog::info("[ADMIN] {} {}", printable(request.peer, 64),
                 read ? "reloaded the knowledge" : "asked for a reload of the knowledge, refused");
    if (!read) co_return error_reply(422, read.error().detail);
    co_return json_reply(200, json_text(json_of(*read)));
}

awaitable<http_reply> knowledge_api::preview(http_request request) {
    const auto most = count_in(request, "n", usual_preview, longest_preview);
    if (!most) co_return most.error();
    json body = json_of(knowledge_.state());
    const std::string question = request.query_value("q");
    if (question.empty()) {
        body["preview"] = knowledge_.preview(*most);
    } else {
        body["passages"] = json::array();
        for (const auto& passage : co_await knowledge_.passages_for(question)) {
            json one = json_of(passage.where);
            one["heading"] = passage.heading;
            one["text"] = passage.text;
            body["passages"].push_back(std::move(one));
        }
    }
    co_return json_reply(200, json_text(body));
}

awaitable<http_reply> knowledge_api::faq(http_request) {
    const auto hits = co_await counts_.hits_of(knowledge_.faq());
    if (!hits) {
        spdlog::error("[ADMIN] {}", hits.error().detail);
        co_return error_reply(503, hits.error().detail);
    }
    json list = json::array();
    for (const auto& each : *hits) {
        json one = json_of(each.where);
        one["question"] = each.question;
        one["hits"] = each.hits;
        list.push_back(std::move(one));
    }
    co_return json_reply(200, json_text({{"faq", std::move(list)}}));
}

} // namespace atende
