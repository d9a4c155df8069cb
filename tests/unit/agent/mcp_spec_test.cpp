// The `mcp:` list of a profile: read, or every mistake of it told.
#include "agent/mcp/spec_reader.hpp"

#include <gmock/gmock.h>

namespace atende {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct reading {
    std::vector<mcp_server_spec> servers;
    std::string problems;
};

reading read(const std::string& yaml, profile_use use = profile_use::serve) {
    problem_list problems;
    const YAML::Node list = YAML::Load(yaml);
    auto servers = read_mcp_servers({list.begin(), list.end()}, "profile.yaml", "/shop", use, problems);
    return {.servers = std::move(servers), .problems = problems.text(language::english)};
}

TEST(McpSpec, ReadsProgramsAndAddresses) {
    const auto got = read(R"(
- name: estoque
  command: node
  args: [mcp/estoque.mjs, --fast]
  env: [ESTOQUE_TOKEN]
  timeout_seconds: 5
  tools:
    - {name: admin.list, pin: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, effect: false}
- name: crm
  url: https://crm.example/mcp
  headers: {Authorization: "Bearer ${CRM_TOKEN}", X-Shop: "12"}
)");
    EXPECT_EQ(got.problems, "");
    ASSERT_EQ(got.servers.size(), 2U);
    EXPECT_EQ(got.servers[0].command, "node");
    EXPECT_THAT(got.servers[0].arguments, ElementsAre("mcp/estoque.mjs", "--fast"));
    EXPECT_THAT(got.servers[0].environment, ElementsAre("ESTOQUE_TOKEN"));
    EXPECT_EQ(got.servers[0].folder, "/shop");
    EXPECT_EQ(got.servers[0].timeout, std::chrono::seconds(5));
    EXPECT_EQ(got.servers[0].tools.at(0).effect, false);
    EXPECT_EQ(got.servers[1].headers.at("Authorization"), "Bearer ${CRM_TOKEN}");
    EXPECT_EQ(got.servers[1].timeout, std::chrono::seconds(20));
    EXPECT_EQ(got.servers[1].url_line, 10);
}

TEST(McpSpec, TellsAMistakeOnce) {
    EXPECT_EQ(read("- name: a\n  command: [node, a.mjs]\n").problems,
              "profile.yaml:2: mcp[1].command: expected a text");
    EXPECT_EQ(read("- name: a\n  command: node\n  tools: [echo]\n").problems,
              "profile.yaml:3: mcp[1].tools[1]: expected keys and values");
}

TEST(McpSpec, TellsEveryMistake) {
    EXPECT_THAT(
        read(R"(- name: My Server
  command: node
  url: https://x.example
- name: a
  url: ftp://x.example
  headers: {Authorization: "Bearer abc", Mcp-Session-Id: x}
- name: a
  command: node
  env: [TOKEN=5]
  headers: {X-A: b}
  tool: []
  tools:
    - {name: t, pin: abc, effect: maybe}
    - {name: t, pin: abc}
)")
            .problems,
        AllOf(HasSubstr("profile.yaml:1: mcp[1].name: expected 1 to 24 small letters"),
              HasSubstr("profile.yaml:2: mcp[1].command: expected command or url, one of the two"),
              HasSubstr("profile.yaml:5: mcp[2].url: expected an address"),
              HasSubstr("mcp[2].headers: expected the secret of Authorization by the name of a variable"),
              HasSubstr("not 'Mcp-Session-Id'"),
              HasSubstr("profile.yaml:7: mcp[3].name: expected a name of its own"),
              HasSubstr("mcp[3].env: expected names of environment variables"),
              HasSubstr("mcp[3].command: expected `args` and `env` with a command"),
              HasSubstr("mcp[3].tool: unknown key"), HasSubstr("mcp[3].tools[1].pin: expected the 64 digits"),
              HasSubstr("mcp[3].tools[1].effect: expected true or false"),
              HasSubstr("profile.yaml:14: mcp[3].tools[2].name: expected each tool once")));
}

// Whoever asks for the pins has none yet, or one that is no longer right.
TEST(McpSpec, APinMayBeMissingForWhoeverLooksForIt) {
    const std::string yaml = R"(- name: estoque
  command: node
  tools:
    - {name: consultar}
    - {name: reservar, pin: }
    - {name: vender, pin: 9f2c…}
)";
    const auto got = read(yaml, profile_use::pin);
    EXPECT_EQ(got.problems, "");
    ASSERT_EQ(got.servers.at(0).tools.size(), 3U);
    EXPECT_EQ(got.servers[0].tools[0].pin, "");
    for (const auto use : {profile_use::serve, profile_use::serve_offline, profile_use::check}) {
        const auto refused = read(yaml, use).problems;
        for (const std::string tool : {"1", "2", "3"})
            EXPECT_THAT(refused, HasSubstr("mcp[1].tools[" + tool +
                                           "].pin: expected the 64 digits that `atende mcp list` prints"));
        EXPECT_THAT(refused, ::testing::Not(HasSubstr("a text")));
    }
}

} // namespace
} // namespace atende
