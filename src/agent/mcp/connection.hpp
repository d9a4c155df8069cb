// One MCP server of the profile, connected as long as that can be had.
#pragma once

#include "agent/mcp/session.hpp"
#include "agent/mcp/tool_definition.hpp"

#include <atende/agent/mcp_server_spec.hpp>
#include <atende/platform/async.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace atende {

// How long things take; tests are in a hurry.
struct mcp_pace {
    std::chrono::milliseconds first_wait{1'000}; // before connecting again; doubled each time
    std::chrono::milliseconds longest_wait{60'000};
    std::chrono::milliseconds between_checks{300'000}; // a list of tools that comes is also a sign of life
    std::chrono::milliseconds list_timeout{10'000};
};

// A tool that may be offered: allowed, pinned, and as it was pinned.
struct offered_tool {
    mcp_tool_definition definition;
    std::vector<header_parameter> mirrored;
    bool has_effect = true;
};

using connector = std::function<result<std::shared_ptr<mcp_transport>>(notification_sink)>;

class mcp_connection : public std::enable_shared_from_this<mcp_connection> {
public:
    // `changed` is called when offered() has.
    mcp_connection(const asio::any_io_executor& executor, mcp_server_spec spec, connector connect,
                   std::function<void()> changed, mcp_pace pace = {});

    // Until stop(). Connects, and again whenever the connection is lost.
    static awaitable<void> run(std::shared_ptr<mcp_connection> self);
    // run() will let go of the server and end.
    void stop();

    [[nodiscard]] const mcp_server_spec& spec() const { return spec_; }
    [[nodiscard]] const std::map<std::string, offered_tool>& offered() const { return offered_; }

    // What the model reads: "SUCESSO: …" or "ERRO: …". At once if the server is away, or if the tool is not,
    // or no longer, offered in the form with this pin.
    awaitable<std::string> call(tool_request request, std::string pin);

private:
    awaitable<result<void>> connect();
    awaitable<result<void>> watch();
    result<std::shared_ptr<mcp_transport>> make_transport();
    awaitable<bool> time_to_look();
    awaitable<result<void>> refresh(std::shared_ptr<mcp_session> session);
    void offer(const std::vector<nlohmann::json>& listed);
    void hear(const std::string& method);
    void wake();
    [[nodiscard]] bool is_connected() const;
    [[nodiscard]] std::string why_not(const mcp_allowed_tool& allowed, const mcp_tool_definition& definition,
                                      offered_tool& becomes) const;
    [[nodiscard]] const offered_tool* find(const std::string& name, const std::string& pin) const;
    awaitable<result<rpc_answer>> ask(tool_request request, std::string pin);
    static result<rpc_answer> withdrawn();
    awaitable<bool> connected_soon();
    void log_trouble(const std::string& why);

    mcp_server_spec spec_;
    connector connect_;
    std::function<void()> changed_;
    mcp_pace pace_;
    asio::steady_timer wake_, connected_;
    std::shared_ptr<mcp_transport> transport_; // being opened, or of the session
    std::shared_ptr<mcp_session> session_;     // only while connected
    std::map<std::string, offered_tool> offered_;
    std::map<std::string, std::string> problems_; // of allowed tools, as last logged
    std::string trouble_;                         // as last logged
    bool look_again_ = false;
    bool stopping_ = false;
};

} // namespace atende
