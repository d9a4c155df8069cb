// An MCP server as a profile names it, and what the shop allows of it.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace atende {

struct mcp_allowed_tool {
    std::string name; // as the server calls it
    std::string pin;  // of the description, parameters and annotations that somebody of the shop has read
    std::optional<bool> effect; // unset: as the annotations say
    bool operator==(const mcp_allowed_tool&) const = default;
};

// Either `command` or `url` is set.
struct mcp_server_spec {
    std::string name; // [a-z0-9-]{1,24}, unique in the profile

    std::string command; // searched in PATH; started without a shell
    std::vector<std::string> arguments;
    std::vector<std::string> environment; // names of the variables it gets besides a harmless few
    std::filesystem::path folder;         // in which it runs: the profile's

    std::string url;                            // of the MCP endpoint
    int url_line = 0;                           // in profile.yaml
    std::map<std::string, std::string> headers; // ${NAME} in a value is a variable of our environment

    std::chrono::seconds timeout{20};    // of one call
    std::vector<mcp_allowed_tool> tools; // no other tool of the server is offered
    bool operator==(const mcp_server_spec&) const = default;
};

} // namespace atende
