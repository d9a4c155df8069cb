#include "agent/mcp/header_parameters.hpp"

#include <algorithm>
#include <atende/platform/crypto.hpp>
#include <atende/platform/json.hpp>
#include <atende/platform/text.hpp>
#include <set>

namespace atende {
namespace {

using nlohmann::json;
using pointer = json::json_pointer;

constexpr const char* annotation = "x-mcp-header";

bool is_token(std::string_view text) { // RFC 9110, 5.6.2
    const auto fits = [](char c) {
        const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        return alphanumeric || std::string_view("!#$%&'*+-.^_`|~").contains(c);
    };
    return !text.empty() && std::ranges::all_of(text, fits);
}

struct collector {
    std::vector<header_parameter> found;
    std::set<std::string> names; // in lower case
    std::string problem;

    void take(const json& node, const pointer& where, bool reachable) {
        const auto& name = node.at(annotation);
        const auto& type = node.value("type", json());
        if (!reachable || where.empty()) {
            problem = "an x-mcp-header that `properties` alone do not lead to";
        } else if (!name.is_string() || !is_token(name.get_ref<const std::string&>())) {
            problem = "an x-mcp-header that is no header name";
        } else if (type != "string" && type != "integer" && type != "boolean") {
            problem = "an x-mcp-header at a parameter that is no text, whole number or boolean";
        } else if (!names.insert(lower_case(name.get_ref<const std::string&>())).second) {
            problem = "the same x-mcp-header twice";
        } else {
            found.push_back({.where = where, .header = "Mcp-Param-" + name.get<std::string>()});
        }
    }

    // `where` is the path in the arguments, as long as only `properties` lead to `node`.
    void visit(const json& node, const pointer& where, bool reachable) {
        if (node.is_array()) {
            for (const auto& inner : node) visit(inner, where, false);
        }
        if (!node.is_object()) return;
        if (node.contains(annotation)) take(node, where, reachable);
        for (const auto& [key, inner] : node.items()) {
            if (key == "properties" && inner.is_object()) {
                for (const auto& [name, property] : inner.items()) visit(property, where / name, reachable);
            } else {
                visit(inner, where, false);
            }
        }
    }
};

std::string base64(std::string_view bytes) {
    std::string text = to_base64url(bytes);
    std::ranges::replace(text, '-', '+');
    std::ranges::replace(text, '_', '/');
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

} // namespace

result<std::vector<header_parameter>> header_parameters(const json& schema) {
    collector all;
    all.visit(schema, pointer(), true);
    if (!all.problem.empty()) return fail(errc::invalid_input, all.problem);
    return std::move(all.found);
}

std::vector<std::pair<std::string, std::string>>
filled_headers(const std::vector<header_parameter>& parameters, const json& arguments) {
    std::vector<std::pair<std::string, std::string>> headers;
    for (const auto& [where, header] : parameters) {
        if (!arguments.contains(where)) continue;
        const auto& value = arguments.at(where);
        if (value.is_null()) continue;
        headers.emplace_back(header,
                             header_value(value.is_string() ? value.get<std::string>() : json_text(value)));
    }
    return headers;
}

std::string header_value(std::string_view text) {
    const bool plain = std::ranges::all_of(text, [](char c) { return c == '\t' || (c >= ' ' && c <= '~'); });
    const bool padded = text != trimmed(text);
    const bool looks_encoded = text.starts_with("=?base64?") && text.ends_with("?=");
    if (plain && !padded && !looks_encoded) return std::string(text);
    return "=?base64?" + base64(text) + "?=";
}

} // namespace atende
