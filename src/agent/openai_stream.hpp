// An answer of Chat Completions that comes in pieces. No I/O.
// https://platform.openai.com/docs/api-reference/chat-streaming
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <atende/agent/model.hpp>
#include <atende/platform/server_sent_events.hpp>
#include <map>
#include <string>
#include <string_view>

namespace atende {

class openai_stream {
public:
    // `listener` is told the words as they come; it outlives the stream.
    explicit openai_stream(const text_listener& listener);

    // The body's next bytes, cut anywhere. A server that does not stream may send the answer in one piece.
    void feed(std::string_view bytes);

    // The model said why it ended: nothing that matters is missing.
    [[nodiscard]] bool is_whole() const { return !finish_.empty(); }
    // As read_answer(); errc::protocol, too, if it ended early or the server reported an error in the middle.
    [[nodiscard]] result<model_answer> answer() const;

private:
    void take(const server_sent_event& event);
    void take_call(const nlohmann::json& piece);
    void write(const std::string& piece);

    const text_listener& listener_;
    server_sent_event_reader reader_;
    bool is_streaming_ = false;
    bool wrote_ = false;
    bool sane_ = true;
    std::string plain_; // what came instead of a stream
    std::string error_;
    std::string content_;
    std::string refusal_;
    std::string finish_;
    std::string usage_ = "null"; // JSON
    std::map<long, tool_call> calls_;
};

} // namespace atende
