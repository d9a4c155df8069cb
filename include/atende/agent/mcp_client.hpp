// Tools of Model Context Protocol servers, by standard input and output or by streamable HTTP, in both eras
// of the protocol: https://modelcontextprotocol.io/specification/2026-07-28 and, up to 2025-11-25, with an
// `initialize` handshake. What a server says is data of a stranger: sizes, depth and time are bounded, and
// no description reaches the model that the profile has not pinned.
#pragma once

#include <atende/agent/mcp_server_spec.hpp>
#include <atende/agent/tool.hpp>
#include <atende/platform/async.hpp>
#include <atende/platform/http_client.hpp>
#include <atende/platform/http_url.hpp>
#include <atende/platform/result.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace atende {

struct profile_problem;

// Where variables are looked up by name: a profile may have each of them sent to whomever it likes.
using mcp_environment = std::map<std::string, std::string, std::less<>>;

struct mcp_surroundings {
    mcp_environment environment;
    host_list allowed_hosts; // may be told the value of a variable by http://, too
};

// Servers whose headers hold the value of a variable, which would be sent without TLS to a host that is not
// listed. Such a server is not connected to.
std::vector<profile_problem> mcp_address_problems(const std::vector<mcp_server_spec>& servers,
                                                  const host_list& allowed_hosts);

// Whether the server is given this variable, in its environment or in a header.
bool uses_variable(const mcp_server_spec& server, const std::string& name);

// The servers of a profile. Connects in the background and again, for ever, whenever one is lost; nothing
// waits for it. Lives on the event loop.
class mcp_servers {
public:
    // `changed` is called, from the event loop, when tools() has become another list.
    mcp_servers(asio::any_io_executor executor, http_client& http, mcp_surroundings around,
                std::function<void()> changed);
    ~mcp_servers();
    mcp_servers(const mcp_servers&) = delete;
    mcp_servers& operator=(const mcp_servers&) = delete;

    // From now on these servers. One whose spec is the same as before keeps its connection; one that is no
    // longer among them is let go of with the last of its tools().
    void use(const std::vector<mcp_server_spec>& specs);

    // The allowed tools whose description, as last seen, has the pinned hash. They are called server__tool.
    // While its server is away a tool stays in the list and answers "ERRO: …" at once. A tool may be called
    // after it has left the list, and answers the same.
    [[nodiscard]] std::vector<std::shared_ptr<tool>> tools() const;

    // Ends every connection; a program that does not end by itself when its input ends is killed. Must be
    // awaited before destruction. Takes 2 s at most.
    awaitable<void> stop();

private:
    struct state;
    std::unique_ptr<state> state_;
};

// A tool as its server describes it.
struct mcp_tool_report {
    std::string name;
    std::string description;
    std::string parameters; // JSON schema, as text
    std::string pin;
    bool has_effect = true;
    std::string problem; // why it could not be offered even if it were pinned; empty: it could
};

struct mcp_server_report {
    std::string protocol; // its version, such as "2026-07-28"
    std::vector<mcp_tool_report> tools;
};

// Connects once, lists the tools, and lets go. `http` must outlive the call. Errors: invalid_input names a
// variable that is not set, or what is wrong with the address; else why there was no list.
awaitable<result<mcp_server_report>> inspect_mcp_server(mcp_server_spec spec, mcp_surroundings around,
                                                        http_client& http);

} // namespace atende
