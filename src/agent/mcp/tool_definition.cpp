#include "agent/mcp/tool_definition.hpp"

#include "agent/argument_check.hpp"
#include "agent/mcp/schema_circle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atende/platform/crypto.hpp>
#include <atende/platform/json.hpp>
#include <stdexcept>

namespace atende {
namespace {

using nlohmann::json;

// More would crowd the conversation out of the model's window.
constexpr std::size_t max_description_bytes = 4'000;
constexpr std::size_t max_parameters_bytes = 16'000;
constexpr std::size_t max_offered_name = 64;

// Patterns are left to the server, which checks its arguments itself: a stranger's may take for ever here, or
// be of a dialect that throws.
void adapt(json& schema) {
    if (schema.is_array()) {
        for (auto& inner : schema) adapt(inner);
    }
    if (!schema.is_object()) return;
    schema.erase("pattern");
    schema.erase("patternProperties");
    for (auto& [key, inner] : schema.items()) {
        if (inner.is_object() && (key == "properties" || key == "$defs" || key == "definitions")) {
            for (auto& [name, named] : inner.items()) adapt(named);
        } else {
            adapt(inner);
        }
    }
    if (schema.value("type", json()) == "array" && !schema.contains("items"))
        schema["items"] = json::object();
}

} // namespace

result<mcp_tool_definition> read_tool_definition(const json& tool) {
    if (!tool.is_object()) return fail(errc::protocol, "a tool that is no object");
    mcp_tool_definition read;
    read.name = text_member(tool, "name");
    if (read.name.empty() || read.name.size() > 128)
        return fail(errc::protocol, "a tool whose name is not of 1 to 128 characters");
    read.description = text_member(tool, "description");
    read.parameters = tool.value("inputSchema", json::object());
    const json annotations = tool.value("annotations", json::object());
    if (annotations.is_object()) read.read_only = annotations.value("readOnlyHint", json()) == true;
    // json's objects are sorted by key, so this text is the same for the same content.
    read.pin =
        sha256_hex(json_text(json::array({read.name, read.description, read.parameters, annotations})));
    return read;
}

std::string offering_problem(const mcp_tool_definition& definition) {
    const auto& schema = definition.parameters;
    if (!schema.is_object() || schema.value("type", json()) != "object")
        return "its inputSchema is not of type object";
    // https://platform.openai.com/docs/guides/function-calling: one such tool and every request is refused.
    for (const char* keyword : {"oneOf", "anyOf", "allOf", "enum", "not"}) {
        if (schema.contains(keyword)) return fmt::format("its inputSchema has {} at the top", keyword);
    }
    if (definition.description.size() > max_description_bytes)
        return fmt::format("its description has over {} bytes", max_description_bytes);
    if (json_text(schema).size() > max_parameters_bytes)
        return fmt::format("its inputSchema has over {} bytes", max_parameters_bytes);
    if (has_endless_reference(schema)) return "its inputSchema refers to itself without end";
    try {
        const argument_check compiles(parameters_for_model(definition)); // never fetches a $ref
    } catch (const std::invalid_argument& e) {
        return fmt::format("its inputSchema is {}", e.what());
    }
    return {};
}

json parameters_for_model(const mcp_tool_definition& definition) {
    json schema = definition.parameters;
    schema.erase("$schema");
    if (!schema.contains("properties")) schema["properties"] = json::object();
    adapt(schema);
    return schema;
}

std::string offered_name(const std::string& server, const std::string& tool) {
    std::string name = server + "__" + tool;
    const auto is_odd = [](char c) {
        const bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        return !alphanumeric && c != '_' && c != '-';
    };
    if (name.size() <= max_offered_name && std::ranges::none_of(name, is_odd)) return name;
    std::ranges::replace_if(name, is_odd, '_');
    const std::string suffix = "_" + sha256_hex(tool, 4);
    return name.substr(0, max_offered_name - suffix.size()) + suffix;
}

} // namespace atende
