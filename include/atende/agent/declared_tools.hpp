// Tools without code: a profile's tools/*.yaml, performed as HTTP requests. docs/tools.md is their manual.
#pragma once

#include <atende/agent/tool.hpp>
#include <atende/platform/http_url.hpp>
#include <atende/platform/language.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

class http_client;
class tool_cache;
struct declared_tool_spec;
struct profile_problem;

// Read by load_profile(). Immutable; tools made of them keep them alive.
using declared_tools = std::vector<std::shared_ptr<const declared_tool_spec>>;

// The value of an environment variable that tools may use; nothing if it is not set or not for them.
using environment_lookup = std::function<std::optional<std::string>(std::string_view name)>;

struct tool_surroundings {
    http_client* http = nullptr; // null: offline, the files' mock answers are given and nothing is asked
    tool_cache* cache = nullptr; // null: nothing is cached, which offline nothing is anyway
    host_list allowed_hosts;     // may be asked wherever they are, and by http://
    environment_lookup environment;
};

// Addresses that must not be asked here. None for a tool that has a variable which is not set: nobody can
// tell its address.
std::vector<profile_problem> address_problems(const declared_tools& tools,
                                              const environment_lookup& environment,
                                              const host_list& allowed_hosts);

// What keeps these tools from being used here: variables that are not set, and address_problems(). A
// line each, with file, line, and what was expected. None for an optional tool of whose variables none is
// set.
std::vector<sentence> environment_problems(const declared_tools& tools, const environment_lookup& environment,
                                           const host_list& allowed_hosts);

// Only for tools without environment_problems(), unless offline. Client and cache must outlive the tools. An
// optional tool of whose variables none is set is left out, with a warning; offline it is there.
std::vector<std::shared_ptr<tool>> make_declared_tools(const declared_tools& tools,
                                                       const tool_surroundings& around);

} // namespace atende
