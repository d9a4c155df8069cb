// Whose files are fetched from where, and when. What is kept of them: tests/integration/listening_test.cpp.
// How they are heard: tests/e2e/voice_in.test.mjs.
#include "app/listening.hpp"
#include "support/event_loop.hpp"
#include "support/scratch_folder.hpp"
#include "support/scripted_http.hpp"

#include <gtest/gtest.h>

#include <array>
#include <filesystem>

namespace atende::test {
namespace {

class ListeningTest : public testing::Test {
protected:
    ~ListeningTest() override {
        loop.await(ears.stop());
        loop.await(pool.stop());
    }

    // Stands for the message in Redis.
    awaitable<result<bool>> note(std::size_t index, attachment heard) {
        if (lost_answers.at(index)-- > 0) co_return fail(errc::timed_out, "the answer was lost");
        if (heard.sound != hearing::none) noted.push_back(std::move(heard));
        co_return is_there;
    }

    event_loop loop;
    scripted_http http;
    media_pool pool{loop.executor(), {.program = "/nonexistent"}};
    listener listens{loop.executor(), http, pool, transcriber(http, {}, "whisper-1"), {}};
    std::vector<progress> seen;
    std::vector<attachment> noted;
    bool is_there = true;
    std::array<int, 2> lost_answers{}; // of Redis, by attachment
    listening_settings settings{.platform = {.platform_domains = instagram_media_domains(),
                                             .access_token = "EAAsecret",
                                             .allowed_hosts = {},
                                             .only_below = {}},
                                .note_heard = [this](const conversation_id&, const message_id&,
                                                     std::size_t index,
                                                     const attachment& heard) { return note(index, heard); },
                                .first_repeat = std::chrono::milliseconds(1)};
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

    http.will_answer(410);
    auto there = turn_from("sim_shop", link);
    hear(there);
    ASSERT_EQ(http.calls.size(), 1U);
    EXPECT_EQ(http.calls[0].url, link);
}

TEST_F(ListeningTest, NotesWhatCameOfItAndTellsIt) {
    auto what = turn_from("1784", "https://lookaside.fbsbx.com/a");
    http.will_answer(410);
    EXPECT_EQ(hear(what), hearing::not_understood);
    ASSERT_EQ(noted.size(), 1U) << "the file will not come back";
    EXPECT_EQ(noted[0].sound, hearing::not_understood);
    EXPECT_EQ(noted[0].why, what.messages[0].attachments[0].why);
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_EQ(seen[0].what, stage::not_heard);

    hear(what);
    EXPECT_EQ(http.calls.size(), 1U) << "it was heard before";
}

TEST_F(ListeningTest, TellsNothingOfAMessageThatIsGone) {
    is_there = false;
    for (const int lost : {0, 1'000}) {
        lost_answers[0] = lost;
        auto what = turn_from("1784", "https://lookaside.fbsbx.com/a");
        http.will_answer(410);
        EXPECT_EQ(hear(what), hearing::not_understood);
        EXPECT_TRUE(seen.empty());
    }
}

TEST_F(ListeningTest, ALostAnswerOfRedisLosesNothing) {
    lost_answers[0] = 2;
    auto what = turn_from("1784", "https://lookaside.fbsbx.com/a");
    http.will_answer(410);
    hear(what);
    EXPECT_EQ(noted.size(), 1U);
    EXPECT_EQ(seen.size(), 1U);
}

TEST_F(ListeningTest, AFileWhoseMessageRedisDoesNotNameIsNotKept) {
    const scratch_folder folder;
    asio::thread_pool files(1);
    media_archive archive(files, folder.path(), {.kept = std::chrono::hours(24)});
    settings.archive = &archive;
    listener keeps(loop.executor(), http, pool, transcriber(http, {}, "whisper-1"), {.returns_files = true});
    listening ears_that_keep(loop.executor(), &keeps, settings, {});
    auto what = turn_from("1784", "https://lookaside.fbsbx.com/a");
    auto& notes = what.messages[0].attachments;
    notes.push_back(notes[0]);
    for (std::size_t i = 0; i < notes.size(); ++i) http.will_answer(200, "OggS, nearly");
    lost_answers = {1'000, 2};
    loop.await(ears_that_keep.hear(what));
    std::vector<std::string> kept;
    for (const auto& file : std::filesystem::directory_iterator(folder.path() / what.conversation.text()))
        kept.push_back(file.path().extension() == ".ogg" ? file.path().stem().string() : "");
    ASSERT_EQ(kept.size(), 1U);
    EXPECT_TRUE(kept[0].ends_with("-1")) << kept[0];
}

TEST_F(ListeningTest, WhatMayPassIsTriedAgainWithTheTurn) {
    auto what = turn_from("1784", "https://lookaside.fbsbx.com/a");
    for (int i = 0; i < 3; ++i) http.will_fail(errc::unavailable);
    EXPECT_EQ(hear(what), hearing::not_understood);
    EXPECT_TRUE(noted.empty());
    EXPECT_EQ(seen.size(), 1U);

    auto again = turn_from("1784", "https://lookaside.fbsbx.com/a");
    http.will_answer(410);
    EXPECT_EQ(hear(again), hearing::not_understood);
    EXPECT_EQ(http.calls.size(), 4U);
    EXPECT_EQ(noted.size(), 1U);
}

TEST_F(ListeningTest, ANoteTakesNoLongerThanItMay) {
    settings.longest = std::chrono::milliseconds(50);
    listening hurried(loop.executor(), &listens, settings, {});
    auto what = turn_from("1784", "https://lookaside.fbsbx.com/a");
    http.will_hang();
    loop.await(hurried.hear(what));
    EXPECT_EQ(what.messages[0].attachments[0].sound, hearing::not_understood);
    EXPECT_TRUE(noted.empty()) << "the next attempt may be luckier";
}

TEST_F(ListeningTest, WhatHasToWaitIsListenedToAtOnce) {
    customer_message note{.id = message_id("m1")};
    note.attachments = {{.kind = attachment_kind::audio, .url = "https://lookaside.fbsbx.com/a"}};
    http.will_answer(410);
    auto what = turn_from("1784", "https://lookaside.fbsbx.com/a");
    ears.hear_early(what.conversation, note);
    EXPECT_EQ(hear(what), hearing::not_understood) << "the turn begins meanwhile";
    EXPECT_EQ(http.calls.size(), 1U) << "listened to twice";
    EXPECT_EQ(noted.size(), 1U);

    loop.await(ears.stop());
    ears.hear_early(what.conversation, {.id = message_id("m2"), .attachments = note.attachments});
    EXPECT_EQ(http.calls.size(), 1U);
}

TEST_F(ListeningTest, ATurnThatIsTakenAwayLeavesItsNotesToBeHeard) {
    http.held = true;
    http.will_answer(410);
    auto what = turn_from("1784", "https://lookaside.fbsbx.com/a");
    task_group turns(loop.executor());
    turns.start("turn", ears.hear(what));
    ASSERT_TRUE(loop.until([&] { return http.calls.size() == 1; }));
    loop.await(turns.finish(std::chrono::seconds(0)));
    EXPECT_TRUE(noted.empty());
    http.held = false;
    EXPECT_TRUE(loop.until([&] { return noted.size() == 1; }));
    EXPECT_EQ(http.calls.size(), 1U);
}

TEST_F(ListeningTest, AFilmThatCannotBeHeardIsAFilm) {
    auto film = turn_from("1784", "https://lookaside.fbsbx.com/a", attachment_kind::video);
    http.will_answer(200, "not a film at all");
    EXPECT_EQ(hear(film), hearing::only_seen);
    EXPECT_TRUE(seen.empty());
    ASSERT_EQ(noted.size(), 1U) << "it is not fetched again";
    EXPECT_EQ(noted[0].sound, hearing::only_seen);
    EXPECT_EQ(noted[0].why, "") << "no reason to ask for anything";
}

TEST_F(ListeningTest, WithoutAModelNothingIsFetched) {
    listening deaf(loop.executor(), nullptr, settings, {});
    auto what = turn_from("1784", "https://lookaside.fbsbx.com/a");
    loop.await(deaf.hear(what));
    EXPECT_EQ(what.messages[0].attachments[0].sound, hearing::not_understood);
    EXPECT_TRUE(http.calls.empty());
    EXPECT_TRUE(noted.empty()) << "there may be one after the next start";
}

} // namespace
} // namespace atende::test
