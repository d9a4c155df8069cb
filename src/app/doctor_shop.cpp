#include "agent/leads/nocodb_client.hpp"
#include "agent/leads/nocodb_placement.hpp"
#include "app/application.hpp"
#include "app/doctor_checks.hpp"
#include "app/told_knowledge.hpp"
#include "app/tool_set.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atende/agent/mcp_client.hpp>
#include <atende/platform/log.hpp>
#include <ranges>

namespace atende {
namespace {

// A line each, but no more than a screen shows; one alone stands behind what is said of it.
std::string listed(const std::vector<sentence>& problems, language lang) {
    constexpr std::size_t most = 5;
    if (problems.size() == 1) return printable(problems.front().in(lang), 500);
    std::string lines;
    for (const auto& problem : problems | std::views::take(most))
        lines += "\n    " + printable(problem.in(lang), 500);
    if (problems.size() > most) {
        const auto more = problems.size() - most;
        lines +=
            sentence(fmt::format("\n    e mais {}", more), fmt::format("\n    and {} more", more)).in(lang);
    }
    return lines;
}

// "1 arquivo", "2 arquivos"
std::string counted(std::size_t count, std::string_view one, std::string_view several) {
    return fmt::format("{} {}", count, count == 1 ? one : several);
}

} // namespace

finding check_profile(const settings& configured, const profile_reading& shop, std::string_view known) {
    if (!shop.read) {
        const auto count = shop.problems.size();
        const auto folder = configured.profile_folder.string();
        return wrong(
            {fmt::format("{}; veja com: atende check {}", counted(count, "problema", "problemas"), folder),
             fmt::format("{}; see with: atende check {}", counted(count, "problem", "problems"), folder)});
    }
    if (const auto problems = serving_problems(configured, *shop.read); !problems.empty()) {
        return wrong({"o servidor não começaria: " + listed(problems, language::portuguese),
                      "the server would not start: " + listed(problems, language::english)});
    }
    return good(shop.read->label(known));
}

finding check_channels(const settings& configured, const profile& shop) {
    if (const auto problem = channel_problem(configured, shop)) return wrong(*problem);
    if (shop.channels.empty())
        return good(bilingual{"todos os que estiverem conectados", "all that are connected"});
    return good(fmt::format("{}", fmt::join(shop.channels, ", ")));
}

known_files check_knowledge(const settings& configured, const profile_reading& shop) {
    const auto told = knowledge_told(configured, shop);
    if (!told.problems.empty()) {
        std::vector<sentence> problems;
        for (const auto& problem : told.problems)
            problems.emplace_back(text_of(problem, language::portuguese),
                                  text_of(problem, language::english));
        return {wrong({listed(problems, language::portuguese), listed(problems, language::english)}), {}};
    }
    const auto files = told.files, fixed = told.fixed_answers;
    if (told.version.empty()) return {unused(bilingual{"nenhum arquivo", "no files"}), {}};
    return {good({fmt::format("{}, {}, versão {}", counted(files, "arquivo", "arquivos"),
                              counted(fixed, "resposta fixa", "respostas fixas"), told.version),
                  fmt::format("{}, {}, version {}", counted(files, "file", "files"),
                              counted(fixed, "fixed answer", "fixed answers"), told.version)}),
            told.version};
}

awaitable<finding> check_leads(const settings& configured, const profile& shop, http_client& http) {
    const auto& tools = shop.built_in_tools;
    if (std::ranges::find(tools, lead_tool_name) == tools.end())
        co_return unused(bilingual{"este perfil não salva leads", "this profile saves no leads"});
    if (configured.nocodb_table_url.empty()) co_return good((configured.data_folder / "leads.csv").string());
    nocodb_client table(http, {.table = *parse_nocodb_table_url(configured.nocodb_table_url),
                               .api_token = configured.nocodb_token});
    const auto schema = co_await table.schema(std::chrono::steady_clock::now() + std::chrono::seconds(10));
    if (!schema) co_return unreachable("NocoDB", schema.error().detail);
    const lead sample{.name = "Ana", .phone_e164 = "+5581998765432"}; // what every table takes
    if (const auto placed = place_lead(sample, shop.leads, **schema); !placed)
        co_return wrong({placed.error().detail, placed.error().detail});
    co_return good(bilingual{"a tabela do NocoDB tem as colunas", "NocoDB's table has the columns"});
}

awaitable<finding> check_mcp_server(const settings& configured, mcp_server_spec server, http_client& http) {
    const auto seen = co_await inspect_mcp_server(server, mcp_surroundings_of(configured), http);
    if (!seen) co_return unreachable(server.name, seen.error().detail);
    std::size_t offered = 0;
    for (const auto& allowed : server.tools) {
        const auto found = std::ranges::find(seen->tools, allowed.name, &mcp_tool_report::name);
        if (found != seen->tools.end() && found->pin == allowed.pin && found->problem.empty()) ++offered;
    }
    if (offered < server.tools.size()) {
        co_return wrong({fmt::format("{} de {} ferramentas não são oferecidas; veja com: atende mcp list",
                                     server.tools.size() - offered, server.tools.size()),
                         fmt::format("{} of {} tools are not offered; see them with: atende mcp list",
                                     server.tools.size() - offered, server.tools.size())});
    }
    co_return good({counted(offered, "ferramenta", "ferramentas"), counted(offered, "tool", "tools")});
}

} // namespace atende
