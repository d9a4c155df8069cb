#include "agent/mcp/json_rpc.hpp"

#include <atende/platform/json.hpp>

namespace atende {
namespace {

using nlohmann::json;

constexpr int method_not_found = -32601;

rpc_error read_error(const json& error) {
    rpc_error read;
    if (!error.is_object()) return read;
    if (const auto code = error.find("code"); code != error.end() && code->is_number_integer())
        read.code = code->get<int>();
    if (const auto text = error.find("message"); text != error.end() && text->is_string())
        read.message = text->get<std::string>();
    read.data = error.value("data", json());
    return read;
}

} // namespace

result<rpc_message> parse_rpc(std::string_view text) {
    auto message = parsed_json(text);
    if (!message.is_object() || message.value("jsonrpc", json()) != "2.0")
        return fail(errc::protocol, "not a JSON-RPC message");
    const json id = message.value("id", json());
    if (const auto method = message.find("method"); method != message.end()) {
        if (!method->is_string()) return fail(errc::protocol, "a method that is no text");
        if (id.is_null()) return rpc_notification{method->get<std::string>()};
        return rpc_request{.id = id, .method = method->get<std::string>()};
    }
    rpc_response response;
    if (id.is_number_integer()) response.id = id.get<std::int64_t>();
    if (const auto error = message.find("error"); error != message.end()) {
        response.answer = std::unexpected(read_error(*error));
        return response;
    }
    const auto answer = message.find("result");
    if (answer == message.end() || !answer->is_object())
        return fail(errc::protocol, "neither a result nor an error");
    response.answer = std::move(*answer);
    return response;
}

std::string rpc_request_text(std::int64_t id, const std::string& method, const json& params) {
    return json_text({{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}});
}

std::string rpc_notification_text(const std::string& method, const json& params) {
    json message{{"jsonrpc", "2.0"}, {"method", method}};
    if (!params.is_null()) message["params"] = params;
    return json_text(message);
}

std::string rpc_reply_text(const rpc_request& to) {
    json message{{"jsonrpc", "2.0"}, {"id", to.id}};
    if (to.method == "ping") {
        message["result"] = json::object();
    } else {
        message["error"] = {{"code", method_not_found},
                            {"message", "this client does not offer " + to.method}};
    }
    return json_text(message);
}

} // namespace atende
