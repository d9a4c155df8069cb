// The servers that a profile names: which of them are connected, for how long, and what they are told.
#include "mcp_http_fixture.hpp"

#include <gmock/gmock.h>

#include <atende/agent/mcp_client.hpp>
#include <atende/agent/profile.hpp>
#include <atende/platform/scope_exit.hpp>

namespace atende::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using McpServers = McpHttp;

TEST_F(McpServers, ATurnKeepsTheServersItBeganWith) {
    answer = [](const http_request& request) { return legacy(request); };
    allow();
    mcp_servers servers(loop.executor(), *client, {}, [] {});
    const scope_exit ended([&] { loop.await(servers.stop()); });
    servers.use({spec});
    ASSERT_TRUE(loop.until([&] { return !servers.tools().empty(); }));
    auto of_a_turn = servers.tools();
    spec.timeout += std::chrono::seconds(1);
    servers.use({spec});
    ASSERT_TRUE(loop.until([&] { return !servers.tools().empty(); })) << "the others have the new one";
    EXPECT_EQ(loop.await(of_a_turn.at(0)->call({{"id", "7"}}, {{}, "op"})), "SUCESSO: order 7");
    EXPECT_THAT(methods(), Not(Contains("DELETE")));
    of_a_turn.clear();
    EXPECT_TRUE(loop.until([&] { return methods().back() == "DELETE"; })) << "the turn is over";
}

TEST_F(McpServers, AServerWhoseLineInTheProfileMovedIsTheSame) {
    answer = modern;
    allow();
    int changes = 0;
    mcp_servers servers(loop.executor(), *client, {}, [&] { ++changes; });
    const scope_exit ended([&] { loop.await(servers.stop()); });
    servers.use({spec});
    ASSERT_TRUE(loop.until([&] { return !servers.tools().empty(); }));
    const int before = changes;
    spec.url_line += 1;
    servers.use({spec});
    EXPECT_EQ(changes, before);
    EXPECT_THAT(servers.tools(), Not(IsEmpty())) << "it is still connected";
}

TEST_F(McpServers, TheEndIsAlsoThatOfServersThatOnlyATurnHolds) {
    answer = [](const http_request& request) { return legacy(request); };
    allow();
    mcp_servers servers(loop.executor(), *client, {}, [] {});
    servers.use({spec});
    EXPECT_TRUE(loop.until([&] { return !servers.tools().empty(); }));
    const auto of_a_turn = servers.tools();
    servers.use({});
    EXPECT_THAT(servers.tools(), IsEmpty());
    loop.await(servers.stop());
    EXPECT_EQ(methods().back(), "DELETE");
}

TEST_F(McpServers, AreToldAVariableByTlsOnlyUnlessTheirHostIsListed) {
    answer = modern;
    spec.url_line = 12;
    spec.headers = {{"Authorization", "Bearer ${CRM_TOKEN}"}};
    mcp_surroundings around{.environment = {{"CRM_TOKEN", "canary-51f0"}}, .allowed_hosts = {}};
    const auto inspect = [&] { return loop.await(inspect_mcp_server(spec, around, *client)); };
    const auto problems = [&] {
        std::vector<std::string> lines;
        for (const auto& each : mcp_address_problems({spec}, around.allowed_hosts))
            lines.push_back(text_of(each, language::portuguese));
        return lines;
    };
    const auto refused = inspect();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::invalid_input);
    EXPECT_THAT(refused.error().detail, HasSubstr("127.0.0.1 among TOOL_ALLOWED_HOSTS"));
    EXPECT_THAT(heard, IsEmpty());
    EXPECT_THAT(problems(),
                ElementsAre("profile.yaml:12: mcp crm: url: espera https:// porque headers leva uma "
                            "variável, ou 127.0.0.1 entre os TOOL_ALLOWED_HOSTS"));
    around.allowed_hosts = *host_list::parse("127.0.0.1");
    ASSERT_TRUE(inspect());
    EXPECT_EQ(heard.back().headers.at("authorization"), "Bearer canary-51f0");
    EXPECT_THAT(problems(), IsEmpty());
    around.allowed_hosts = {};
    spec.headers = {{"X-Shop", "12"}};
    EXPECT_TRUE(inspect()) << "that is no secret";
    EXPECT_THAT(problems(), IsEmpty());
    spec.headers = {{"Authorization", "Bearer ${CRM_TOKEN}"}};
    spec.url = "https://crm.example/mcp";
    EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(McpServers, AreAskedNothingWhileAVariableIsMissing) {
    spec.headers = {{"X-A", "${INSTAGRAM_ACCESS_TOKEN}"}};
    const auto seen = loop.await(inspect_mcp_server(
        spec, {.environment = {}, .allowed_hosts = *host_list::parse("127.0.0.1")}, *client));
    ASSERT_FALSE(seen);
    EXPECT_THAT(seen.error().detail,
                HasSubstr("INSTAGRAM_ACCESS_TOKEN is not set, or is one of Atende's own"));
    EXPECT_THAT(heard, IsEmpty());
}

} // namespace
} // namespace atende::test
