// Whose files are fetched from where, and what is kept of them. How they are heard:
// tests/e2e/voice_in.test.mjs.
#include "app/listening.hpp"
#include "support/event_loop.hpp"
#include "support/scripted_http.hpp"

#include <gtest/gtest.h>

namespace atende::test {
namespace {

class ListeningTest : public testing::Test {
protected:
    ~ListeningTest() override { loop.await(pool.stop()); }

    event_loop loop;
    scripted_http http;
    media_pool pool{loop.executor(), {.program = "/nonexistent"}};
    listener listens{loop.executor(), http, pool, transcriber(http, {}, "whisper-1"), {}};
    std::vector<progress> seen;
    listening_settings settings{.platform = {.platform_domains = instagram_media_domains(),
                                             .access_token = "EAAsecret",
                                             .allowed_hosts = {},
                                             .only_below = {}}};
    listening ears{loop.executor(), &listens, settings,
                   [this](const progress& each) { seen.push_back(each); }};

    static turn turn_from(const std::string& account, const std::string& url,
                          attachment_kind kind = attachment_kind::audio) {
        turn made;
        made.conversation = {platform_kind::instagram, account_id(account), contact_id("sim_ana")};
        heard_message message;
        message.id = message_id("m1");
        message.attachments = {{.kind = kind, .platform_type = "audio", .url = url}};
        made.messages = {message};
        return made;
    }
    hearing hear(turn& what) {
        loop.await(ears.hear(what));
        return what.messages[0].attachments[0].sound;
    }
};

TEST_F(ListeningTest, SimulatedCustomersAreHeardFromTheSimulatorAlone) {
    const std::string link = "http://127.0.0.1:8000/sandbox/media/abc";
    auto simulated = turn_from("sim_shop", link);
    EXPECT_EQ(hear(simulated), hearing::not_understood);
    EXPECT_TRUE(http.calls.empty()) << "there is no simulator yet";

    ears.open_sandbox("http://127.0.0.1:8000/sandbox/media/");
    auto elsewhere = turn_from("sim_shop", "https://lookaside.fbsbx.com/a");
    hear(elsewhere);
    auto real = turn_from("1784", link);
    hear(real);
    EXPECT_TRUE(http.calls.empty());

    ears.forget({message_id("m1")});
    http.will_answer(410);
    hear(simulated);
    ASSERT_EQ(http.calls.size(), 1U);
    EXPECT_EQ(http.calls[0].url, link);
}

TEST_F(ListeningTest, RemembersUntilItIsTakenBackOrAnswered) {
    auto what = turn_from("1784", "https://lookaside.fbsbx.com/a");
    http.will_answer(410);
    EXPECT_EQ(hear(what), hearing::not_understood);
    EXPECT_EQ(hear(what), hearing::not_understood);
    EXPECT_EQ(http.calls.size(), 1U) << "it will not come back";
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].what, stage::not_heard);

    ears.take_back(what.messages[0].id);
    EXPECT_EQ(ears.remembered(), 0U);

    http.will_answer(410);
    hear(what); // somebody who had it already
    EXPECT_EQ(ears.remembered(), 0U);
    EXPECT_EQ(seen.size(), 1U) << "told after it was taken back";
}

TEST_F(ListeningTest, WhatMayPassIsTriedAgainWithTheTurn) {
    auto what = turn_from("1784", "https://lookaside.fbsbx.com/a");
    for (int i = 0; i < 3; ++i) http.will_fail(errc::unavailable);
    EXPECT_EQ(hear(what), hearing::not_understood);
    http.will_answer(410);
    hear(what);
    EXPECT_EQ(http.calls.size(), 4U);
}

TEST_F(ListeningTest, ATurnWaitsNoLongerThanItMay) {
    settings.turn_waits = std::chrono::milliseconds(50);
    listening hurried(loop.executor(), &listens, settings, {});
    auto what = turn_from("1784", "https://lookaside.fbsbx.com/a");
    http.will_hang();
    loop.await(hurried.hear(what));
    EXPECT_EQ(what.messages[0].attachments[0].sound, hearing::not_understood);
    EXPECT_EQ(hurried.remembered(), 0U) << "the next attempt may be luckier";
}

TEST_F(ListeningTest, WhatHasToWaitIsListenedToAtOnce) {
    customer_message note{.id = message_id("m1")};
    note.attachments = {{.kind = attachment_kind::audio, .url = "https://lookaside.fbsbx.com/a"}};
    http.will_answer(410);
    auto what = turn_from("1784", "https://lookaside.fbsbx.com/a");
    ears.hear_early(what.conversation, note);
    ASSERT_TRUE(loop.until([&] { return seen.size() == 1; }));
    EXPECT_EQ(hear(what), hearing::not_understood);
    EXPECT_EQ(http.calls.size(), 1U) << "listened to again";

    loop.await(ears.stop());
    ears.hear_early(what.conversation, {.id = message_id("m2"), .attachments = note.attachments});
    EXPECT_EQ(http.calls.size(), 1U);
}

TEST_F(ListeningTest, AFilmThatCannotBeHeardIsAFilm) {
    auto film = turn_from("1784", "https://lookaside.fbsbx.com/a", attachment_kind::video);
    http.will_answer(200, "not a film at all");
    EXPECT_EQ(hear(film), hearing::none);
    EXPECT_TRUE(seen.empty());
}

TEST_F(ListeningTest, WithoutAModelNothingIsFetched) {
    listening deaf(loop.executor(), nullptr, {}, {});
    auto what = turn_from("1784", "https://lookaside.fbsbx.com/a");
    loop.await(deaf.hear(what));
    EXPECT_EQ(what.messages[0].attachments[0].sound, hearing::not_understood);
    EXPECT_TRUE(http.calls.empty());
}

} // namespace
} // namespace atende::test
