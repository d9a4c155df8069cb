// Arguments that a tool wants to see as HTTP headers, too, and values as headers can carry them.
// https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#request-metadata
#pragma once

#include <nlohmann/json.hpp>

#include <atende/platform/result.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atende {

struct header_parameter {
    nlohmann::json::json_pointer where; // in the arguments
    std::string header;                 // "Mcp-Param-Region"
};

// The x-mcp-header annotations of a tool's schema. errc::invalid_input if one breaks the rules: then the tool
// must not be used over HTTP.
result<std::vector<header_parameter>> header_parameters(const nlohmann::json& schema);

// Name and value of each that the arguments fill.
std::vector<std::pair<std::string, std::string>>
filled_headers(const std::vector<header_parameter>& parameters, const nlohmann::json& arguments);

// As it is, or as =?base64?…?= where that would not survive as a header's value.
std::string header_value(std::string_view text);

} // namespace atende
