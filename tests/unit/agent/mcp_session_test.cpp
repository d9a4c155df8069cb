// What a session makes of a transport that takes its time.
#include "agent/mcp/session.hpp"
#include "support/event_loop.hpp"

#include <gmock/gmock.h>

namespace atende {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

// Answers tools/list with a page of no tools, and says that there is another one.
class slow_transport final : public mcp_transport {
public:
    explicit slow_transport(milliseconds takes) : takes_(takes) {}

    std::vector<milliseconds> timeouts; // that it was given
    std::size_t pages = 100;

    awaitable<result<rpc_answer>> request(rpc_call call) override {
        timeouts.push_back(call.timeout);
        co_await sleep_for(takes_);
        json page{{"tools", json::array()}};
        if (timeouts.size() < pages) page["nextCursor"] = std::to_string(timeouts.size());
        co_return rpc_answer(std::move(page));
    }
    awaitable<void> notify(std::string, json) override { co_return; }
    void listen(const json&) override {}
    void speak(const mcp_protocol&) override {}
    [[nodiscard]] bool is_open() const override { return true; }
    void hang_up() override {}
    awaitable<void> close() override { co_return; }

private:
    milliseconds takes_;
};

TEST(McpSession, EveryPageGetsWhatIsLeftOfTheTimeForAll) {
    test::event_loop loop;
    const auto transport = std::make_shared<slow_transport>(milliseconds(2));
    transport->pages = 3;
    mcp_session session(transport, {});
    ASSERT_TRUE(loop.await(session.list_tools(milliseconds(15'000))));
    ASSERT_EQ(transport->timeouts.size(), 3U);
    EXPECT_GT(transport->timeouts[0], transport->timeouts[1]);
    EXPECT_GT(transport->timeouts[1], transport->timeouts[2]);
}

TEST(McpSession, AListThatTakesTooLongAltogetherIsNone) {
    test::event_loop loop;
    const auto transport = std::make_shared<slow_transport>(milliseconds(2));
    mcp_session session(transport, {});
    const auto listed = loop.await(session.list_tools(milliseconds(1)));
    ASSERT_FALSE(listed);
    EXPECT_EQ(listed.error().code, errc::timed_out);
    EXPECT_LT(transport->timeouts.size(), 2U);
}

} // namespace
} // namespace atende
