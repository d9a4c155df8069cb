// Chat Completions as JSON, both ways. No I/O.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <atende/agent/model.hpp>
#include <atende/agent/openai_model.hpp>
#include <string>
#include <string_view>

namespace atende {

// With a listener the answer is asked for as a stream; see openai_stream.hpp.
std::string request_body(const openai_settings& settings, const model_request& request);

// Reads tolerantly: unknown and missing fields are fine, tool arguments are passed on as text. errc::protocol
// if it is not JSON or holds no choice.
result<model_answer> read_answer(std::string_view body);
result<model_answer> answer_of(const nlohmann::json& body);

// `{"error":{…}}` of a status that is not 200; everything is empty if the body is something else.
struct api_error {
    std::string code; // as api_error_code
    std::string parameter;
    std::string message; // may quote the request: for the debug log only
};
api_error read_error(std::string_view body);

} // namespace atende
