// Server-sent events as the HTML standard wants them read, however the bytes are cut.
#include <gtest/gtest.h>

#include <atende/platform/server_sent_events.hpp>
#include <vector>

namespace atende {
namespace {

std::vector<server_sent_event> read(const std::string& bytes, std::size_t piece, std::size_t most = 1'000) {
    std::vector<server_sent_event> events;
    server_sent_event_reader reader(most);
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        reader.feed(std::string_view(bytes).substr(at, piece),
                    [&](const server_sent_event& event) { events.push_back(event); });
    }
    return events;
}

TEST(ServerSentEvents, AreReadHoweverTheyAreCut) {
    const std::string bytes =
        "\xEF\xBB\xBF: a comment\nretry: 2000\n\nid: 7\r\nevent: content\r\ndata: ol\xC3\xA1\r\n\r\n"
        "data:a\rdata:  b\r\rdata\n\nevent: no data\n\ndata: cut off";
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        const auto events = read(bytes, piece);
        ASSERT_EQ(events.size(), 3U) << piece;
        EXPECT_EQ(events[0].id, "7");
        EXPECT_EQ(events[0].name, "content");
        EXPECT_EQ(events[0].data, "ol\xC3\xA1");
        EXPECT_EQ(events[1].data, "a\n b");
        EXPECT_EQ(events[1].name, "");
        EXPECT_EQ(events[2].data, "");
    }
}

TEST(ServerSentEvents, AreWrittenSoThatTheyAreReadBack) {
    const auto events = read(wire_format({.id = "1-0", .name = "status", .data = "one\ntwo"}) +
                                 wire_format({.id = "", .name = "", .data = ""}),
                             3);
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].id, "1-0");
    EXPECT_EQ(events[0].name, "status");
    EXPECT_EQ(events[0].data, "one\ntwo");
    EXPECT_EQ(events[1].data, "");
}

TEST(ServerSentEvents, AreNotGatheredForEver) {
    server_sent_event_reader reader(100);
    int taken = 0;
    const auto count = [&](const server_sent_event&) { ++taken; };
    EXPECT_TRUE(reader.feed("data: " + std::string(80, 'x') + "\n", count));
    EXPECT_FALSE(reader.feed("data: " + std::string(80, 'x'), count)) << "lines of one event count together";
    EXPECT_FALSE(reader.feed("\n\ndata: more\n\n", count));
    EXPECT_EQ(taken, 0);
}

} // namespace
} // namespace atende
