#include "agent/mcp/protocol.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atende/platform/json.hpp>
#include <atende/platform/log.hpp>

namespace atende {
namespace {

using nlohmann::json;

constexpr int header_mismatch = -32020;
constexpr int missing_client_capability = -32021;
constexpr int unsupported_version = -32022;

json client_info() {
    return {{"name", "atende"}, {"version", ATENDE_VERSION}};
}

// nullptr if it is no list.
const json* versions_at(const json& object, const char* key) {
    if (!object.is_object()) return nullptr;
    const auto list = object.find(key);
    return list != object.end() && list->is_array() ? &*list : nullptr;
}

result<mcp_era> choose(const json& supported) {
    const auto speaks = [&supported](std::string_view version) {
        return std::ranges::find(supported, json(version)) != supported.end();
    };
    if (speaks(modern_version)) return mcp_era::modern;
    if (std::ranges::any_of(legacy_versions, speaks)) return mcp_era::legacy;
    return fail(errc::protocol, "it speaks only versions that we do not: " + printable(json_text(supported)));
}

} // namespace

result<mcp_era> judge_probe(const rpc_answer& probe) {
    if (probe) {
        const auto* const supported = versions_at(*probe, "supportedVersions");
        return supported ? choose(*supported) : mcp_era::legacy;
    }
    const auto& error = probe.error();
    if (error.code == unsupported_version) {
        if (const auto* const supported = versions_at(error.data, "supported")) return choose(*supported);
    }
    if (error.code == header_mismatch || error.code == missing_client_capability)
        return fail(errc::protocol, fmt::format("{} ({})", printable(error.message), error.code));
    return mcp_era::legacy;
}

json initialize_params() {
    return {{"protocolVersion", legacy_versions.front()},
            {"capabilities", json::object()},
            {"clientInfo", client_info()}};
}

result<mcp_protocol> judge_initialize(const json& result) {
    const json version = result.value("protocolVersion", json());
    if (std::ranges::none_of(legacy_versions, [&](std::string_view known) { return version == known; }))
        return fail(errc::protocol, "it speaks a version that we do not: " + printable(json_text(version)));
    return mcp_protocol{.version = version.get<std::string>(), .modern = false};
}

json with_meta(json params, const mcp_protocol& protocol) {
    if (!protocol.modern) return params;
    auto& meta = params["_meta"];
    meta["io.modelcontextprotocol/protocolVersion"] = protocol.version;
    meta["io.modelcontextprotocol/clientCapabilities"] = json::object();
    meta["io.modelcontextprotocol/clientInfo"] = client_info();
    return params;
}

} // namespace atende
