#include "agent/openai_stream.hpp"

#include "agent/openai_wire.hpp"

#include <nlohmann/json.hpp>

#include <atende/platform/json.hpp>
#include <atende/platform/log.hpp>

namespace atende {
namespace {

using nlohmann::json;

constexpr std::size_t most_event_bytes = 256 << 10;

} // namespace

openai_stream::openai_stream(const text_listener& listener)
    : listener_(listener),
      reader_(most_event_bytes) {}

void openai_stream::feed(std::string_view bytes) {
    if (!plain_.empty() || (!is_streaming_ && bytes.starts_with('{'))) {
        plain_ += bytes;
        return;
    }
    is_streaming_ = true;
    sane_ = sane_ && reader_.feed(bytes, [this](const server_sent_event& event) { take(event); });
}

void openai_stream::take(const server_sent_event& event) {
    if (event.data == "[DONE]") return;
    const json chunk = parsed_json(event.data);
    if (!chunk.is_object()) {
        sane_ = false;
        return;
    }
    if (const auto& error = json_member(chunk, "error"); error.is_object()) {
        const std::string code = text_member(error, "code");
        error_ = code.empty() ? "an error in the middle of the answer" : code;
    }
    if (const auto& usage = json_member(chunk, "usage"); usage.is_object()) usage_ = json_text(usage);
    const auto& choices = json_member(chunk, "choices"); // none beside the usage, or a filter's verdict
    if (!choices.is_array() || choices.empty()) return;
    const auto& delta = json_member(choices.front(), "delta");
    if (const auto& calls = json_member(delta, "tool_calls"); calls.is_array()) {
        for (const auto& call : calls) take_call(call);
    }
    refusal_ += text_member(delta, "refusal");
    write(text_member(delta, "content"));
    if (auto said = text_member(choices.front(), "finish_reason"); !said.empty()) finish_ = std::move(said);
}

// Only the index is in every piece; a server that leaves it out names each call once.
void openai_stream::take_call(const json& piece) {
    const auto& index = json_member(piece, "index");
    const std::string id = text_member(piece, "id");
    const auto& function = json_member(piece, "function");
    long at = calls_.empty() ? 0 : calls_.rbegin()->first;
    if (index.is_number_integer()) {
        at = index.get<long>();
    } else if (!id.empty() && !calls_.empty()) {
        ++at;
    }
    auto& call = calls_[at];
    if (call.id.empty()) call.id = id;
    call.name += text_member(function, "name");
    call.arguments += text_member(function, "arguments");
}

void openai_stream::write(const std::string& piece) {
    if (piece.empty()) return;
    listener_(piece, !wrote_);
    wrote_ = true;
    content_ += piece;
}

result<model_answer> openai_stream::answer() const {
    if (!plain_.empty()) return read_answer(plain_);
    if (!error_.empty()) return fail(errc::protocol, printable(error_));
    if (!sane_) return fail(errc::protocol, "the stream makes no sense");
    if (!is_whole()) return fail(errc::protocol, "the stream ended before the answer did");
    json message{{"content", content_}, {"refusal", refusal_}};
    for (const auto& [index, call] : calls_) {
        message["tool_calls"].push_back(
            {{"id", call.id}, {"function", {{"name", call.name}, {"arguments", call.arguments}}}});
    }
    const json whole{
        {"choices", json::array({{{"message", std::move(message)}, {"finish_reason", finish_}}})},
        {"usage", json::parse(usage_)}};
    return answer_of(whole);
}

} // namespace atende
