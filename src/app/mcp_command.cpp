#include "app/mcp_command.hpp"

#include "app/profile_commands.hpp"
#include "app/tool_set.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <atende/agent/mcp_client.hpp>
#include <atende/agent/profile.hpp>
#include <atende/platform/log.hpp>
#include <cstdio>
#include <ranges>
#include <string>
#include <string_view>

namespace atende {
namespace {

constexpr std::size_t whole_text = 100'000; // what is pinned has been read to its end

void print(const std::string& text) {
    std::fputs((text + "\n").c_str(), stdout);
}

// A stranger's text, a comment line for each of its lines.
void print_quoted(std::string_view text, std::string_view indent) {
    for (const auto line : text | std::views::split('\n'))
        print(std::string(indent) + "# " + printable(std::string_view(line.begin(), line.end()), whole_text));
}

std::string state_of(const mcp_tool_report& tool, const mcp_server_spec& spec, language lang) {
    if (!tool.problem.empty())
        return in(lang, {"não pode ser oferecida: ", "cannot be offered: "}) + tool.problem;
    const auto allowed = std::ranges::find(spec.tools, tool.name, &mcp_allowed_tool::name);
    if (allowed == spec.tools.end())
        return in(lang, {"não está em `tools:`; não é oferecida", "not in `tools:`; not offered"});
    if (allowed->pin.empty())
        return in(lang, {"ainda sem `pin:`; não é oferecida", "no `pin:` yet; not offered"});
    if (allowed->pin != tool.pin)
        return in(lang, {"MUDOU desde o `pin:` do perfil; não é oferecida",
                         "CHANGED since the profile's `pin:`; not offered"});
    return in(lang, {"oferecida", "offered"});
}

void print_tool(const mcp_tool_report& tool, const mcp_server_spec& spec, language lang) {
    print("\n      # " + state_of(tool, spec, lang));
    print_quoted(tool.description, "      ");
    print_quoted(tool.parameters, "      ");
    print(std::string("      # ") + (tool.has_effect
                                         ? in(lang, {"muda algo fora daqui", "changes something outside"})
                                         : in(lang, {"diz que só lê", "says that it only reads"})));
    print("      - name: \"" + printable(tool.name, whole_text) + "\"");
    print("        pin: " + tool.pin);
}

void print_report(const mcp_server_report& report, const mcp_server_spec& spec, language lang) {
    print("  # " + in(lang, {"protocolo ", "protocol "}) + report.protocol);
    print("  - name: " + spec.name);
    print("    tools:");
    for (const auto& tool : report.tools) print_tool(tool, spec, lang);
}

awaitable<bool> list_all(const std::vector<mcp_server_spec>& servers, mcp_surroundings around,
                         http_client& http, language lang) {
    bool all_answered = true;
    print("mcp:");
    for (const auto& spec : servers) {
        const auto report = co_await inspect_mcp_server(spec, around, http);
        if (report) {
            print_report(*report, spec, lang);
            continue;
        }
        all_answered = false;
        const std::string hint = spec.url.empty() // of an address there is no more to be seen
                                     ? in(lang, {"; LOG_LEVEL=debug mostra o que ele escreve",
                                                 "; LOG_LEVEL=debug shows what it writes"})
                                     : "";
        std::fprintf(stderr, "atende mcp list: %s: %s%s\n", spec.name.c_str(),
                     printable(report.error().detail, 500).c_str(), hint.c_str());
    }
    co_return all_answered;
}

} // namespace

int list_mcp_tools(const std::filesystem::path& folder, const settings& configured) {
    const language lang = configured.lang;
    const auto reading = read_for_command(folder, profile_use::pin, lang);
    if (!reading || !reading->read) return 2;
    asio::io_context loop(1);
    int exit_code = 1;
    {
        const auto http = make_curl_client(loop.get_executor(), "atende/" ATENDE_VERSION);
        auto ended = [&exit_code](const std::exception_ptr& failure, bool all_answered) {
            exit_code = !failure && all_answered ? 0 : 1;
        };
        asio::co_spawn(loop,
                       list_all(reading->read->mcp_servers, mcp_surroundings_of(configured), *http, lang),
                       std::move(ended));
        loop.run();
    }
    return exit_code;
}

} // namespace atende
