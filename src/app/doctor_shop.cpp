#include "agent/leads/nocodb_client.hpp"
#include "agent/leads/nocodb_placement.hpp"
#include "app/application.hpp"
#include "app/doctor_checks.hpp"
#include "app/part_settings.hpp"
#include "app/tool_set.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atende/agent/knowledge.hpp>
#include <atende/agent/mcp_client.hpp>
#include <atende/platform/log.hpp>

namespace atende {
namespace {

// One problem a line, as the parts write them.
std::string in_one_line(std::string problems) {
    for (std::size_t at = 0; (at = problems.find('\n', at)) != std::string::npos;)
        problems.replace(at, 1, "; ");
    return printable(problems, 1'000);
}

} // namespace

finding check_profile(const settings& configured, const profile_reading& shop) {
    if (!shop.read) {
        const auto count = shop.problems.size();
        const auto folder = configured.profile_folder.string();
        return wrong({fmt::format("{} problema(s); veja com: atende check {}", count, folder),
                      fmt::format("{} problem(s); see them with: atende check {}", count, folder)});
    }
    if (const auto serves = can_serve(configured, *shop.read); !serves) {
        const auto why = in_one_line(serves.error().detail);
        return wrong({"o servidor não começaria: " + why, "the server would not start: " + why});
    }
    return good(shop.read->label({}));
}

finding check_channels(const settings& configured, const profile& shop) {
    if (const auto problem = channel_problem(configured, shop)) return wrong(*problem);
    if (shop.channels.empty())
        return good(bilingual{"todos os que estiverem conectados", "all that are connected"});
    return good(fmt::format("{}", fmt::join(shop.channels, ", ")));
}

awaitable<finding> check_knowledge(const settings& configured, const profile& shop,
                                   asio::any_io_executor executor) {
    auto options = knowledge_options_for(configured, shop);
    options.embeddings = {};
    knowledge_base base(executor, nullptr, std::move(options));
    const auto loaded = base.load();
    const auto state = base.state();
    co_await base.stop();
    if (!loaded) {
        const auto why = in_one_line(loaded.error().detail);
        co_return wrong({why, why});
    }
    if (state.files == 0) co_return unused(bilingual{"nenhum arquivo", "no files"});
    co_return good(
        {fmt::format("{} arquivos, {} respostas fixas, versão {}", state.files, state.faq, state.version),
         fmt::format("{} files, {} fixed answers, version {}", state.files, state.faq, state.version)});
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
    co_return good({fmt::format("{} ferramentas", offered), fmt::format("{} tools", offered)});
}

} // namespace atende
