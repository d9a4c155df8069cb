#include "agent/mcp/spec_reader.hpp"

#include "agent/mcp/tool_definition.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atende/platform/text.hpp>
#include <ranges>
#include <set>

namespace atende {
namespace {

bool consists_of(std::string_view text, std::string_view allowed) {
    return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

bool is_server_name(std::string_view name) {
    return name.size() <= 24 && consists_of(name, "abcdefghijklmnopqrstuvwxyz0123456789-");
}

bool is_pin(std::string_view pin) {
    return pin.size() == 64 && consists_of(pin, "0123456789abcdef");
}

bool is_variable_name(std::string_view name) {
    return consists_of(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
}

bool is_header_name(std::string_view name) {
    return consists_of(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
}

bool is_our_header(std::string_view name) {
    const auto lower = lower_case(name);
    constexpr std::array<std::string_view, 4> ours{"content-type", "accept", "content-length", "host"};
    return lower.starts_with("mcp-") || std::ranges::find(ours, lower) != ours.end();
}

bool carries_secrets(std::string_view name) {
    const auto lower = lower_case(name);
    constexpr std::array<std::string_view, 5> telling{"auth", "cookie", "key", "secret", "token"};
    return std::ranges::any_of(telling, [&](std::string_view word) { return lower.contains(word); });
}

bool is_plain(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

struct server_reader {
    const std::string& file;
    bool judges_pins;
    problem_list& problems;
    std::set<std::string> names;         // of servers
    std::set<std::string> offered_names; // of tools

    mcp_allowed_tool read_tool(const YAML::Node& node, const std::string& path, const std::string& server) {
        const yaml_map map(node, file, path, {"name", "pin", "effect"}, problems);
        mcp_allowed_tool tool{.name = map.text("name"), .pin = map.any_text("pin"), .effect = {}};
        if (judges_pins && !is_pin(tool.pin))
            map.expected("pin", bilingual{"os 64 dígitos que `atende mcp list` mostra",
                                          "the 64 digits that `atende mcp list` prints"});
        if (map.has("effect")) tool.effect = map.flag("effect", true);
        if (!tool.name.empty() && !offered_names.insert(offered_name(server, tool.name)).second)
            map.expected("name", bilingual{"cada ferramenta uma vez", "each tool once"});
        return tool;
    }

    std::map<std::string, std::string> read_headers(const yaml_map& server) {
        auto headers = server.pairs("headers");
        for (const auto& [name, value] : headers) {
            if (!is_header_name(name) || is_our_header(name) || !is_plain(value))
                server.expected("headers", server.item("headers", name),
                                {"cabeçalhos HTTP que o próprio protocolo não define; recebeu '" + name + "'",
                                 "HTTP headers that the protocol does not set itself, not '" + name + "'"});
            if (carries_secrets(name) && !value.contains("${"))
                server.expected("headers", server.item("headers", name),
                                {"o segredo de " + name + " pelo nome de uma variável: \"${NOME}\"",
                                 "the secret of " + name + " by the name of a variable: \"${NAME}\""});
        }
        return headers;
    }

    mcp_server_spec read(const YAML::Node& node, std::size_t number, const std::filesystem::path& folder) {
        const std::string path = fmt::format("mcp[{}].", number);
        const yaml_map server(
            node, file, path,
            {"name", "command", "args", "env", "url", "headers", "timeout_seconds", "tools"}, problems);
        mcp_server_spec read{.name = server.text("name"),
                             .command = server.optional_text("command"),
                             .arguments = server.texts("args"),
                             .environment = server.texts("env"),
                             .folder = folder,
                             .url = server.optional_text("url"),
                             .url_line = server.line("url"),
                             .headers = read_headers(server),
                             .timeout = std::chrono::seconds(server.whole("timeout_seconds", 20, 1, 300)),
                             .tools = {}};
        if (!read.name.empty() && !is_server_name(read.name))
            server.expected("name", bilingual{"de 1 a 24 letras minúsculas sem acento, dígitos e hífens",
                                              "1 to 24 small letters, digits and hyphens"});
        if (!names.insert(read.name).second)
            server.expected(
                "name", bilingual{"um nome próprio para cada servidor", "a name of its own for each server"});
        if (server.has("command") == server.has("url"))
            server.expected("command",
                            bilingual{"command ou url, um dos dois", "command or url, one of the two"});
        if (!read.url.empty() && !read.url.starts_with("https://") && !read.url.starts_with("http://"))
            server.expected("url", bilingual{"um endereço que comece por https:// ou http://",
                                             "an address that begins with https:// or http://"});
        if (read.url.empty() ? server.has("headers") : server.has("args") || server.has("env"))
            server.expected("command", bilingual{"`args` e `env` com um command, `headers` com uma url",
                                                 "`args` and `env` with a command, `headers` with a url"});
        for (const auto& variable : read.environment) {
            if (is_variable_name(variable)) continue;
            server.expected("env", server.item("env", variable),
                            bilingual{"nomes de variáveis de ambiente, sem os valores",
                                      "names of environment variables, without their values"});
        }
        const auto tools = server.items("tools");
        for (std::size_t i = 0; i < tools.size(); ++i)
            read.tools.push_back(read_tool(tools[i], fmt::format("{}tools[{}].", path, i + 1), read.name));
        return read;
    }
};

} // namespace

std::vector<mcp_server_spec> read_mcp_servers(const std::vector<YAML::Node>& servers, const std::string& file,
                                              const std::filesystem::path& folder, profile_use use,
                                              problem_list& problems) {
    server_reader reader{.file = file,
                         .judges_pins = use != profile_use::pin,
                         .problems = problems,
                         .names = {},
                         .offered_names = {}};
    std::vector<mcp_server_spec> read;
    for (std::size_t i = 0; i < servers.size(); ++i) read.push_back(reader.read(servers[i], i + 1, folder));
    return read;
}

} // namespace atende
