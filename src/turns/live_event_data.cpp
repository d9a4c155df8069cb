#include "turns/live_event_data.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <atende/platform/json.hpp>

namespace atende {
namespace {

using nlohmann::json;

json parsed(const std::string& text) {
    auto value = json::parse(text, nullptr, false);
    return value.is_object() ? value : json::object();
}

json status(const char* stage, std::string content) {
    return {{"type", "status"}, {"stage", stage}, {"content", std::move(content)}};
}

json tool_call(const progress& seen) {
    const json detail = parsed(seen.detail);
    const std::string name = detail.value("name", "");
    json params = parsed_json(detail.value("arguments", ""));
    if (!params.is_object()) params = json::object(); // what the model wrote may be anything
    return {{"type", "tool_call"},
            {"tool", name},
            {"params", std::move(params)},
            {"content", fmt::format("Usando {}…", name)}};
}

json tool_result(const progress& seen) {
    const json detail = parsed(seen.detail);
    const std::string name = detail.value("name", "");
    const bool worked = detail.value("result", "").starts_with("SUCESSO");
    json body = status("tool_result", name + (worked ? " respondeu." : " não deu certo."));
    body["tool"] = name;
    if (detail.contains("source")) body["source"] = detail["source"];
    return body;
}

json content(const progress& seen) {
    json body{{"type", "content"}, {"content", seen.detail}};
    if (seen.what == stage::rewritten) body["restart"] = true;
    if (seen.what == stage::sent) body["message"] = seen.number;
    return body;
}

json complete(const progress& seen) {
    json body{{"type", "complete"}, {"content", "Concluído."}};
    for (const auto& id : seen.answers) body["answers"].push_back(id.value);
    return body;
}

json failed(const progress& seen) {
    const bool again = seen.detail == "again";
    return {{"type", "error"},
            {"again", again},
            {"content", again ? "Não foi possível responder agora; vamos tentar de novo."
                              : "Não foi possível responder."}};
}

// For who looks after the conversation.
json listened(const progress& seen) {
    const bool heard = seen.what == stage::heard;
    const json detail = parsed(seen.detail);
    json body = heard ? status("heard", "Áudio ouvido.") : status("not_heard", "Um áudio não foi entendido.");
    body["of"] = detail.value("of", "");
    if (heard) body["words"] = detail.value("words", "");
    if (!heard) body["reason"] = detail.value("why", "");
    return body;
}

std::optional<json> body_of(const progress& seen) {
    switch (seen.what) {
    case stage::begun:
        if (seen.answers.empty()) break; // only what was planned before is sent
        return status("begun", "Recebemos a mensagem.");
    case stage::heard:
    case stage::not_heard: return listened(seen);
    case stage::thinking: {
        json body = status("thinking", "Pensando…");
        body["model"] = seen.detail;
        return body;
    }
    case stage::agent_switch:
        return json{{"type", "agent_switch"},
                    {"agent", seen.detail},
                    {"content", fmt::format("{} está atendendo.", seen.detail)}};
    case stage::content:
    case stage::rewritten:
    case stage::sent: return content(seen);
    case stage::knowledge: {
        json body = status("knowledge", "Consultando as informações da loja…");
        body["sources"] = parsed(seen.detail).value("sources", json::array());
        return body;
    }
    case stage::tool_call: return tool_call(seen);
    case stage::tool_result: return tool_result(seen);
    case stage::not_sent: {
        json body = status("not_sent", "Uma mensagem não foi entregue.");
        body["reason"] = seen.detail;
        return body;
    }
    case stage::paused: return status("paused", "Uma pessoa da loja responde a partir daqui.");
    case stage::complete: return complete(seen);
    case stage::failed: return failed(seen);
    case stage::received:
    case stage::waiting: break; // no turn yet
    }
    return std::nullopt;
}

} // namespace

std::optional<live_event> live_event_of(const progress& seen) {
    auto body = body_of(seen);
    if (!body) return std::nullopt;
    (*body)["at"] = seen.at_ms;
    return live_event{.id = {}, .type = (*body)["type"].get<std::string>(), .data = json_text(*body)};
}

void draft_view::adapt(live_event& event) {
    if (event.type != "content") return;
    json body = parsed(event.data);
    const std::string text = body.value("content", "");
    if (body.contains("message")) {
        const bool goes_on = known_ && text.starts_with(written_);
        body["content"] = goes_on ? text.substr(written_.size()) : text;
        if (!goes_on) body["restart"] = true;
        written_.clear();
        known_ = true;
    } else if (body.contains("restart")) {
        if (known_ && written_.empty()) body.erase("restart");
        written_ = text;
        known_ = true;
    } else {
        written_ += text;
    }
    event.data = json_text(body);
}

void make_public(live_event& event) {
    constexpr std::array<std::string_view, 10> shown{"type",    "content", "stage",   "agent", "tool",
                                                     "restart", "message", "answers", "again", "at"};
    json body = parsed(event.data);
    json kept = json::object();
    for (const auto& [key, value] : body.items()) {
        if (std::ranges::find(shown, key) != shown.end()) kept[key] = value;
    }
    if (event.type == "tool_call") kept["params"] = json::object();
    event.data = json_text(kept);
}

} // namespace atende
