// What was heard lives and goes with its message: real Redis, real atende-media, processes that share the one
// or the other.
#include "app/listening.hpp"
#include "integration/store_fixture.hpp"
#include "support/scripted_http.hpp"
#include "support/speech.hpp"

#include <gmock/gmock.h>

#include <atende/turns/operator_store.hpp>
#include <filesystem>

namespace atende {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using texts = std::vector<std::string>;
namespace fs = std::filesystem;

const attachment said{.kind = attachment_kind::audio, .sound = hearing::heard, .words = "quero uma moto"};
const attachment lost{
    .kind = attachment_kind::audio, .sound = hearing::not_understood, .why = "download: HTTP 404"};

gathered_event voice_note(const conversation_id& from, const std::string& id, std::string text = "") {
    auto made = test::message(from, id, std::move(text));
    std::get<customer_message>(made.what.body).attachments = {
        {.kind = attachment_kind::image, .url = "https://lookaside.fbsbx.com/picture"},
        {.kind = attachment_kind::audio, .url = "https://lookaside.fbsbx.com/" + id}};
    return made;
}

gathered_event announced(const conversation_id& from, const std::string& id) {
    auto made = test::message(from, id, "");
    std::get<customer_message>(made.what.body).content_withheld = true;
    return made;
}

class Heard : public test::store_test {
protected:
    // A message that was announced has become known.
    void fetch(const std::string& id, std::string text) {
        auto fetched = std::get<customer_message>(voice_note(customer, id, std::move(text)).what.body);
        ASSERT_TRUE(loop.await(store().note_content(customer, fetched)));
    }
    bool note(const std::string& id, const attachment& heard) {
        return loop.await(store().note_heard(customer, message_id(id), 1, heard)).value();
    }
    void person_answers() {
        ASSERT_EQ(hand_over(test::echo_of(customer, "mid.person", "deixa comigo")).what,
                  event_receipt::fate::taken_over);
    }
    void forget() {
        operator_store view(*redis, settings);
        ASSERT_TRUE(loop.await(view.forget(customer)).value().known);
    }
    std::vector<history_entry> history_after_the_pause() {
        end_pause();
        hand_over(test::message(customer, "later", "e aí?"));
        return claim().what.history;
    }
    // All that waits or is remembered of the customer.
    std::string kept() {
        std::string all;
        for (const auto& list : {keys.inbox(), keys.history()})
            for (const auto& one : command({"LRANGE", list, "0", "-1"}).items) all += one.text + '\n';
        return all;
    }
    const std::vector<std::function<void()>> ways_to_go{[this] { hand_over(test::unsend(customer, "m1")); },
                                                        [this] { forget(); }};
};

TEST_F(Heard, WaitsWithItsMessageForTheTurn) {
    hand_over({voice_note(customer, "m1"), voice_note(customer, "m2"), voice_note(customer, "m3")});
    EXPECT_TRUE(note("m1", said));
    EXPECT_TRUE(note("m2", lost));
    EXPECT_TRUE(note("m3", {})) << "only asked whether it is there";
    const auto read = claim().what.messages;
    ASSERT_THAT(read, SizeIs(3));
    EXPECT_EQ(read[0].attachments[0].sound, hearing::none);
    EXPECT_EQ(read[0].attachments[1].sound, hearing::heard);
    EXPECT_EQ(read[0].attachments[1].words, "quero uma moto");
    EXPECT_EQ(read[0].attachments[1].url, "https://lookaside.fbsbx.com/m1");
    EXPECT_EQ(read[1].attachments[1].sound, hearing::not_understood);
    EXPECT_EQ(read[1].attachments[1].why, "download: HTTP 404");
    EXPECT_EQ(read[2].attachments[1].sound, hearing::none);
}

TEST_F(Heard, GoesIntoTheHistoryWithAMessageThatAPersonAnswers) {
    hand_over({voice_note(customer, "m1", "oi"), voice_note(customer, "m2")});
    note("m1", said);
    note("m2", lost);
    person_answers();
    const auto history = history_after_the_pause();
    EXPECT_EQ(texts_of(history), (texts{"oi\n[áudio] quero uma moto", "", "deixa comigo"}));
    EXPECT_EQ(history[1].not_heard, "download: HTTP 404");
}

TEST_F(Heard, JoinsAMessageThatAPersonHasAnsweredMeanwhile) {
    hand_over({voice_note(customer, "m1"), voice_note(customer, "m2")});
    const auto turn = claim();
    person_answers();
    EXPECT_TRUE(note("m1", said));
    EXPECT_TRUE(note("m2", lost));
    EXPECT_EQ(plan(turn, {"olá"}).what, plan_outcome::verdict::paused);
    const auto history = history_after_the_pause();
    EXPECT_EQ(texts_of(history), (texts{"[áudio] quero uma moto", "", "deixa comigo"}));
    EXPECT_EQ(history[1].not_heard, "download: HTTP 404");
}

TEST_F(Heard, JoinsAMessageWhoseContentHadToBeFetched) {
    for (const bool answered : {false, true}) {
        command({"FLUSHALL"});
        hand_over(announced(customer, "m1"));
        if (answered) person_answers();
        fetch("m1", "quanto custa?");
        EXPECT_TRUE(note("m1", said));
        if (answered) {
            EXPECT_EQ(texts_of(history_after_the_pause()),
                      (texts{"quanto custa?\n[áudio] quero uma moto", "deixa comigo"}));
            continue;
        }
        const auto read = claim().what.messages;
        ASSERT_THAT(read, SizeIs(1));
        EXPECT_FALSE(read[0].content_withheld) << "it would be fetched again";
        EXPECT_EQ(read[0].text, "quanto custa?");
        ASSERT_THAT(read[0].attachments, SizeIs(2));
        EXPECT_EQ(read[0].attachments[1].words, "quero uma moto");
    }
}

TEST_F(Heard, WhatIsFetchedUndoesNothing) {
    hand_over(test::edit(customer, "m4", "e a XZ?")); // before its message
    hand_over({announced(customer, "m1"), announced(customer, "m2"), voice_note(customer, "m3", "oi"),
               announced(customer, "m4")});
    hand_over(test::unsend(customer, "m1"));
    hand_over(test::edit(customer, "m2", "quanto custa a XY?"));
    for (const auto* id : {"m1", "m2", "m3", "m4"}) fetch(id, "quanto custa?");
    EXPECT_EQ(texts_of(claim().what.messages), (texts{"quanto custa a XY?", "oi", "e a XZ?"}));
}

TEST_F(Heard, LeavesATurnThatIsRememberedAsItIs) {
    hand_over(voice_note(customer, "m1", "oi"));
    answer("olá");
    const auto before = kept();
    EXPECT_TRUE(note("m1", said));
    EXPECT_EQ(kept(), before);
}

TEST_F(Heard, StaysWhenTheTextBesideItIsEdited) {
    hand_over(voice_note(customer, "m1", "oi"));
    note("m1", said);
    hand_over(test::edit(customer, "m1", "olá"));
    person_answers();
    EXPECT_EQ(texts_of(history_after_the_pause()), (texts{"olá\n[áudio] quero uma moto", "deixa comigo"}));
}

TEST_F(Heard, GoesWhenTheMessageIsTakenBackOrForgotten) {
    for (const bool answered : {false, true}) {
        for (const auto& leave : ways_to_go) {
            command({"FLUSHALL"});
            hand_over(voice_note(customer, "m1"));
            note("m1", said);
            if (answered) person_answers();
            ASSERT_THAT(kept(), HasSubstr("quero"));
            leave();
            EXPECT_THAT(kept(), Not(HasSubstr("quero")));
        }
    }
}

TEST_F(Heard, DoesNotComeBackToAMessageThatIsGone) {
    for (const bool answered : {false, true}) {
        for (const auto& leave : ways_to_go) {
            command({"FLUSHALL"});
            hand_over(voice_note(customer, "m1"));
            if (answered) person_answers();
            leave();
            EXPECT_FALSE(note("m1", said));
            EXPECT_FALSE(note("m1", {}));
            EXPECT_THAT(kept(), Not(HasSubstr("quero")));
        }
    }
}

// What one process has to listen with; its files are its own.
struct process {
    process(test::event_loop& on, turn_store& store)
        : loop(on),
          listens(on.executor(), http, pool, transcriber(http, {}, "whisper-1"), {.returns_files = true}),
          archive(files, folder.path() / "media", {.kept = 24h}),
          ears(
              on.executor(), &listens,
              {.platform = {.platform_domains = instagram_media_domains(),
                            .access_token = {},
                            .allowed_hosts = {},
                            .only_below = {}},
               .archive = &archive,
               .note_heard =
                   [&store](const conversation_id& of, const message_id& message, std::size_t index,
                            const attachment& heard) { return store.note_heard(of, message, index, heard); }},
              [this](const progress& one) { told.push_back(one.what); }) {}
    process(const process&) = delete;
    process& operator=(const process&) = delete;
    ~process() {
        http.held = false;
        loop.await(ears.stop());
        loop.await(pool.stop());
    }

    void hear_early(const gathered_event& given) {
        ears.hear_early(given.what.conversation, std::get<customer_message>(given.what.body));
    }
    // Until it has done all it does about one note.
    bool is_done() {
        http.held = false;
        return loop.until([this] { return ears.under_way() == 0; });
    }
    [[nodiscard]] std::vector<fs::path> kept() const {
        std::vector<fs::path> found;
        std::error_code none;
        for (const auto& each : fs::recursive_directory_iterator(folder.path() / "media", none))
            found.push_back(each.path());
        return found;
    }

    test::event_loop& loop;
    test::scratch_folder folder;
    test::scripted_http http;
    // This program is in the folder below the one that atende-media is in.
    media_pool pool{
        loop.executor(),
        {.program =
             (fs::path(media_program_beside_this()).parent_path().parent_path() / "atende-media").string()}};
    asio::thread_pool files{1};
    listener listens;
    media_archive archive;
    std::vector<stage> told;
    listening ears;
};

class Listening : public Heard {
protected:
    const std::string file = test::sound_studio::shared().speech_as("a.m4a");

    void will_be_heard(process& by) const {
        by.http.will_answer(200, file);
        by.http.will_answer(200, R"({"text":"quero uma moto"})");
    }
};

TEST_F(Listening, WhatOneProcessHeardInThePauseNoOtherHearsAgain) {
    loop.await(store().pause(customer, 60s)).value();
    const auto first = voice_note(customer, "m1"), second = voice_note(customer, "m2");
    hand_over({first, second});
    {
        process gone(loop, store());
        will_be_heard(gone);
        gone.hear_early(first);
        ASSERT_TRUE(gone.is_done());
        gone.http.will_answer(404);
        gone.hear_early(second);
        ASSERT_TRUE(gone.is_done());
        EXPECT_EQ(gone.told, (std::vector{stage::heard, stage::not_heard}));
        EXPECT_THAT(gone.kept(), SizeIs(2)) << "a folder and the file";
    }
    loop.await(store().pause(customer, 0ms)).value();
    auto turn = claim().what;
    process next(loop, store());
    loop.await(next.ears.hear(turn));
    EXPECT_EQ(turn.messages.at(0).attachments[1].words, "quero uma moto");
    EXPECT_EQ(turn.messages.at(1).attachments[1].why, "download: HTTP 404");
    EXPECT_THAT(next.http.calls, IsEmpty());
}

TEST_F(Listening, ATurnThatAPersonTakesAwayIsHeardToItsEnd) {
    hand_over(voice_note(customer, "m1"));
    auto turn = claim().what;
    process here(loop, store());
    will_be_heard(here);
    here.http.held = true;
    task_group turns(loop.executor());
    turns.start("turn", here.ears.hear(turn));
    ASSERT_TRUE(loop.until([&] { return here.http.calls.size() == 1; }));
    person_answers();
    loop.await(turns.finish(0s)); // as when the lease cannot be renewed
    ASSERT_TRUE(here.is_done());
    EXPECT_EQ(texts_of(history_after_the_pause()), (texts{"[áudio] quero uma moto", "deixa comigo"}));
}

TEST_F(Listening, AMessageThatGoesMeanwhileLeavesNothingBehind) {
    const std::vector<std::function<void()>> ways{[this] { hand_over(test::unsend(customer, "m1")); },
                                                  [this] { forget(); }};
    for (const auto& leave : ways) {
        command({"FLUSHALL"});
        loop.await(store().pause(customer, 60s)).value();
        const auto given = voice_note(customer, "m1");
        hand_over(given);
        process here(loop, store());
        will_be_heard(here);
        here.http.held = true;
        here.hear_early(given);
        ASSERT_TRUE(loop.until([&] { return here.http.calls.size() == 1; }));
        leave(); // in another process: this one is told nothing
        ASSERT_TRUE(here.is_done());
        EXPECT_EQ(here.http.calls.size(), 2U) << "it was heard";
        EXPECT_THAT(here.told, IsEmpty());
        EXPECT_THAT(here.kept(), IsEmpty());
        EXPECT_THAT(kept(), Not(HasSubstr("quero")));
    }
}

} // namespace
} // namespace atende
