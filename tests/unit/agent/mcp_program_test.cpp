// Programs started without a shell: what they get, and that none is left behind.
#include "agent/mcp/child_process.hpp"
#include "support/event_loop.hpp"
#include "support/scratch_folder.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <array>
#include <atende/platform/spawn.hpp>
#include <csignal>

namespace atende {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

std::string read_all(const file_descriptor& from) {
    std::string text;
    std::array<char, 4096> chunk{};
    for (ssize_t count = 0; (count = ::read(from.get(), chunk.data(), chunk.size())) > 0;)
        text.append(chunk.data(), static_cast<std::size_t>(count));
    return text;
}

class McpProgram : public testing::Test {
protected:
    test::event_loop loop;
    test::scratch_folder folder;

    spawned_program start(const std::string& script, std::vector<std::string> environment = {}) {
        auto started = spawn({.command = "sh",
                              .arguments = {"-c", script},
                              .environment = std::move(environment),
                              .folder = folder.path()});
        EXPECT_TRUE(started) << (started ? "" : started.error().detail);
        return *std::move(started);
    }
    void end(spawned_program& program) {
        program.input = {};
        loop.await(child_process(program.process).end(milliseconds(50)));
    }
};

TEST_F(McpProgram, HasOnlyTheVariablesAndDescriptorsItIsGiven) {
    ::setenv("MCP_TEST_SECRET", "canary", 1);
    const int leaky = ::dup(1); // without O_CLOEXEC
    auto program = start("env; ls /proc/self/fd; pwd; exit 0", {"PATH=/usr/bin:/bin", "GIVEN=1"});
    const auto said = read_all(program.output);
    ::close(leaky);
    EXPECT_THAT(said, HasSubstr("GIVEN=1"));
    EXPECT_THAT(said, testing::Not(HasSubstr("canary")));
    EXPECT_THAT(said, HasSubstr("0\n1\n2\n3\n" + folder.path().string())) << "3 is ls's own";
    end(program);
}

TEST_F(McpProgram, ThatDoesNotExistIsAnErrorAtOnce) {
    const auto started =
        spawn({.command = "no-such-program", .arguments = {}, .environment = {}, .folder = folder.path()});
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, errc::unavailable);
    EXPECT_THAT(started.error().detail, HasSubstr("cannot start no-such-program"));
}

TEST_F(McpProgram, EndsWithItsInput) {
    auto program = start("cat; echo done");
    program.input = {};
    EXPECT_EQ(read_all(program.output), "done\n");
    end(program);
}

TEST_F(McpProgram, ThatIsDeafIsKilledWithAllItStarted) {
    auto program = start("trap '' TERM; (trap '' TERM; sleep 1000) & echo $!; exec >&-; sleep 1000");
    std::array<char, 32> digits{};
    ASSERT_GT(::read(program.output.get(), digits.data(), digits.size() - 1), 0);
    const auto inner = static_cast<pid_t>(std::stol(digits.data()));
    ASSERT_EQ(::kill(inner, 0), 0);
    end(program);
    // Nobody of ours reaps it, so it may be a zombie for a moment; it holds the pipe no longer.
    EXPECT_EQ(read_all(program.output), "");
}

} // namespace
} // namespace atende
