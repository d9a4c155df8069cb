// An answer that is spoken: one audio, at most once, and the texts that stand in for it. Never silence.
#include "integration/store_fixture.hpp"

#include <atende/turns/operator_store.hpp>

namespace atende {
namespace {

using namespace std::chrono_literals;
using fate = event_receipt::fate;
using names = std::vector<std::string>;
using verdict = begin_outcome::verdict;

class SpokenSend : public test::store_test {
protected:
    // A claimed turn with an audio and these texts planned.
    claimed_turn planned_turn(const names& texts, bool with_texts = false) {
        hand_over(test::message(customer, "m1", "oi"));
        auto turn = claim();
        const turn_plan decided{
            .spoken = spoken_answer{.audio = "a.m4a", .text = "tudo dito", .with_texts = with_texts},
            .texts = texts};
        turn.pending_sends = loop.await(store().plan(customer, turn, decided)).value().sends;
        return turn;
    }
    claimed_turn after_crash() {
        let_lease_expire();
        return claim();
    }
    gathered_event audio_echo(const std::string& id, attachment_kind kind = attachment_kind::audio) {
        return {.what = test::event_of(customer, "echo " + id,
                                       echo{.id = message_id(id), .attachments = {{.kind = kind}}}, 2'000)};
    }
    std::vector<ambiguous_send> listed() {
        operator_store view(*redis, store().settings());
        return loop.await(view.ambiguous(100)).value();
    }
    // Names of audios, and texts.
    static names sends_of(const claimed_turn& turn) {
        names all;
        for (const auto& send : turn.pending_sends)
            all.push_back(send.audio.empty() ? send.text : send.audio);
        return all;
    }
};

TEST_F(SpokenSend, TheAudioComesFirstAndKnowsWhatItSays) {
    const auto turn = planned_turn({"um", "dois"});
    EXPECT_EQ(sends_of(turn), (names{"a.m4a", "um", "dois"}));
    EXPECT_EQ(turn.pending_sends[0].text, "tudo dito");
    const auto next = after_crash();
    EXPECT_EQ(sends_of(next), (names{"a.m4a", "um", "dois"})) << "nothing had begun";
    EXPECT_EQ(next.pending_sends[0].text, "tudo dito");
}

TEST_F(SpokenSend, DeliveredItNeedsNoText) {
    const auto turn = planned_turn({"um", "dois"});
    begin_send(turn.epoch, turn.pending_sends[0].id);
    end_send(turn.pending_sends[0].id, send_status::delivered, "mid.1");
    EXPECT_EQ(begin_send(turn.epoch, turn.pending_sends[1].id), verdict::gone);
    EXPECT_EQ(begin_send(turn.epoch, turn.pending_sends[2].id), verdict::gone);
    EXPECT_EQ(hand_over(audio_echo("mid.1")).what, fate::own_echo);
    EXPECT_EQ(finish(turn.epoch), 0ms) << "nothing is left to do";
    EXPECT_EQ(command({"HLEN", keys.outbox()}).integer, 0) << "nor to remember";
}

TEST_F(SpokenSend, NumbersAreSentInWritingToo) {
    const auto turn = planned_turn({"R$ 497"}, true);
    begin_send(turn.epoch, turn.pending_sends[0].id);
    end_send(turn.pending_sends[0].id, send_status::delivered, "mid.1");
    EXPECT_EQ(begin_send(turn.epoch, turn.pending_sends[1].id), verdict::go);
}

TEST_F(SpokenSend, RefusedItIsSentAsText) {
    const auto turn = planned_turn({"um"});
    begin_send(turn.epoch, turn.pending_sends[0].id);
    end_send(turn.pending_sends[0].id, send_status::rejected);
    EXPECT_EQ(sends_of(after_crash()), names{"um"});
    ASSERT_EQ(listed().size(), 1U) << "somebody should know why";
    EXPECT_TRUE(listed().front().send.audio);
    EXPECT_EQ(listed().front().send.text, "tudo dito");
}

TEST_F(SpokenSend, OfUnknownOutcomeItIsNotRepeatedAndTheTextIsSent) {
    const auto turn = planned_turn({"um"});
    begin_send(turn.epoch, turn.pending_sends[0].id);
    end_send(turn.pending_sends[0].id, send_status::ambiguous);
    EXPECT_EQ(sends_of(after_crash()), names{"um"});
}

TEST_F(SpokenSend, AWorkerThatDiesWhileItSendsLeavesTheTextToTheNext) {
    const auto turn = planned_turn({"um"});
    begin_send(turn.epoch, turn.pending_sends[0].id);
    const auto next = after_crash();
    EXPECT_EQ(next.interrupted_sends, 1);
    EXPECT_EQ(sends_of(next), names{"um"}) << "the audio may have left: never again";
}

TEST_F(SpokenSend, SurelyNotSentItIsTriedAgainBeforeTheText) {
    const auto turn = planned_turn({"um"});
    begin_send(turn.epoch, turn.pending_sends[0].id);
    end_send(turn.pending_sends[0].id, send_status::retry);
    EXPECT_EQ(sends_of(after_crash()), (names{"a.m4a", "um"}));
}

TEST_F(SpokenSend, ItsEchoThatOvertakesOurAnswerIsOurs) {
    const auto turn = planned_turn({"um"});
    begin_send(turn.epoch, turn.pending_sends[0].id);
    EXPECT_EQ(hand_over(audio_echo("mid.1", attachment_kind::other)).what, fate::own_echo);
    end_send(turn.pending_sends[0].id, send_status::ambiguous); // the answer itself got lost
    EXPECT_EQ(begin_send(turn.epoch, turn.pending_sends[1].id), verdict::gone) << "it is there: no text";
    EXPECT_TRUE(listed().empty());
}

TEST_F(SpokenSend, ItsEchoAfterACrashSparesTheCustomerTheText) {
    const auto turn = planned_turn({"um"});
    begin_send(turn.epoch, turn.pending_sends[0].id);
    hand_over(audio_echo("mid.1"));
    const auto next = after_crash();
    EXPECT_TRUE(next.pending_sends.empty());
    EXPECT_EQ(next.interrupted_sends, 0);
}

TEST_F(SpokenSend, APictureFromTheShopsAccountIsAPersons) {
    const auto turn = planned_turn({"um"});
    begin_send(turn.epoch, turn.pending_sends[0].id);
    EXPECT_EQ(hand_over(audio_echo("mid.1", attachment_kind::image)).what, fate::taken_over);
}

TEST_F(SpokenSend, AnAudioFromTheShopsAccountIsAPersonsWhileWeSendNone) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto turn = claim();
    const auto text = plan(turn, {"um"}).sends.front();
    begin_send(turn.epoch, text.id);
    EXPECT_EQ(hand_over(audio_echo("mid.1")).what, fate::taken_over);
}

TEST_F(SpokenSend, APersonWhoTakesOverCancelsTheAudioAndItsText) {
    const auto turn = planned_turn({"um"}, true);
    EXPECT_EQ(hand_over(test::echo_of(customer, "mid.person", "deixa comigo")).what, fate::taken_over);
    EXPECT_EQ(begin_send(turn.epoch, turn.pending_sends[0].id), verdict::paused);
    end_pause();
    EXPECT_EQ(command({"LLEN", keys.queue()}).integer, 0);
    EXPECT_EQ(command({"HLEN", keys.outbox()}).integer, 0);
}

TEST_F(SpokenSend, FoundOnThePlatformItIsSettled) {
    settings.look_for_uncertain = 0ms;
    const auto turn = planned_turn({"um"});
    begin_send(turn.epoch, turn.pending_sends[0].id);
    end_send(turn.pending_sends[0].id, send_status::ambiguous);
    const auto next = after_crash();
    ASSERT_EQ(next.uncertain_sends.size(), 1U);
    EXPECT_EQ(next.uncertain_sends.front().audio, "a.m4a");
    const look seen{.found = {message_id("mid.1")}};
    EXPECT_EQ(loop.await(store().resolve_send(customer, next.uncertain_sends.front().id, seen)).value(),
              send_fate::delivered);
    EXPECT_EQ(begin_send(next.epoch, next.pending_sends.front().id), verdict::gone);
}

TEST_F(SpokenSend, AVersionThatKnowsNoAudioLeavesTheConversationAlone) {
    planned_turn({"um"});
    EXPECT_EQ(command({"HGET", keys.state(), "format"}).text, "2");
}

TEST_F(SpokenSend, PlanAskedAgainNamesTheSameSends) {
    hand_over(test::message(customer, "m1", "oi"));
    const auto turn = claim();
    const turn_plan decided{.spoken = spoken_answer{.audio = "a.m4a", .text = "dito"}, .texts = {"um"}};
    const auto first = loop.await(store().plan(customer, turn, decided)).value().sends;
    const auto again = loop.await(store().plan(customer, turn, decided)).value().sends;
    ASSERT_EQ(first.size(), 2U);
    ASSERT_EQ(again.size(), 2U);
    EXPECT_EQ(first[0].id, again[0].id);
    EXPECT_EQ(again[0].audio, "a.m4a");
    EXPECT_EQ(first[1].id, again[1].id);
}

} // namespace
} // namespace atende
