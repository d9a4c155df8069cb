// From a tool's file and the arguments of one call to the HTTP request.
#pragma once

#include "agent/tools/declared_tool_spec.hpp"

#include <array>
#include <atende/agent/tool.hpp>
#include <atende/platform/http_client.hpp>
#include <atende/platform/http_url.hpp>
#include <atende/platform/language.hpp>
#include <atende/platform/result.hpp>
#include <string_view>

namespace atende {

// What a template may name besides the arguments and env.NAME. Filled in by us, never by the model.
inline constexpr std::array<std::string_view, 5> context_names{"contact.id", "account.id", "conversation.id",
                                                               "channel", "operation.id"};

// {{name.cents}}: an argument of the format money-br as a whole number of cents, for services that count in
// these.
inline constexpr std::string_view money_format = "money-br";
inline constexpr std::string_view cents_of = ".cents";

// The arguments, the context and the environment under the names templates have for them.
nlohmann::json request_values(const declared_tool_spec& spec, const nlohmann::json& arguments,
                              const tool_context& context,
                              const std::map<std::string, std::string>& environment);

// errc::invalid_input, for the model to read, if a value cannot stand where the file puts it, or is missing
// in the URL. Without time limits, which are the caller's.
result<http_call> tool_request(const declared_tool_spec& spec, const nlohmann::json& values,
                               const host_list& allowed_hosts);

// The URL's part that no argument has a say in is a good address: https, or a host of the list. Or what was
// expected instead.
std::optional<sentence> base_url_problem(const declared_tool_spec& spec,
                                         const std::map<std::string, std::string>& environment,
                                         const host_list& allowed_hosts);

} // namespace atende
