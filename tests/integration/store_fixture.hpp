#pragma once

#include "support/event_loop.hpp"
#include "support/events.hpp"
#include "support/redis_server.hpp"
#include "turns/keys.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace atende::test {

// A turn_store on an empty Redis, and what is needed to look behind it.
class store_test : public testing::Test {
protected:
    event_loop loop;
    std::unique_ptr<redis_client> redis = make_redis_client(loop.executor(), shared_redis_server().address(),
                                                            std::chrono::milliseconds(10'000));
    turn_store_settings settings;
    std::optional<turn_store> made;
    const conversation_id customer = conversation_of("1001");
    const conversation_keys keys{customer};

    store_test() {
        settings.echo_hold = milliseconds(0);
        if (!loop.until([this] { return redis->connected(); })) throw std::runtime_error("no Redis");
        command({"FLUSHALL"});
    }

    turn_store& store() {
        if (!made) made.emplace(*redis, settings);
        return *made;
    }
    redis_reply command(redis_command words) { return loop.await(redis->command(std::move(words))).value(); }

    std::vector<event_receipt> hand_over(const std::vector<gathered_event>& events) {
        return loop.await(store().hand_over(events)).value();
    }
    event_receipt hand_over(gathered_event one) { return hand_over(std::vector{std::move(one)}).front(); }

    claim_outcome try_claim() { return loop.await(store().claim(customer)).value(); }
    claimed_turn claim() {
        auto outcome = try_claim();
        // INGEST rounds the time up: what is due at once is due within a millisecond.
        if (const auto* early = std::get_if<not_due>(&outcome); early && early->due_in == milliseconds(1)) {
            loop.await(sleep_for(milliseconds(1)));
            outcome = try_claim();
        }
        if (!std::holds_alternative<claimed_turn>(outcome)) throw std::runtime_error("nothing to claim");
        return std::get<claimed_turn>(std::move(outcome));
    }
    // The lease runs out at once: as if its worker had died long ago.
    void let_lease_expire() { command({"ZADD", keys.due(), "0", keys.member()}); }

    plan_outcome plan(const claimed_turn& claim, std::vector<std::string> texts, bool committed = false) {
        turn_plan decided{.texts = std::move(texts), .committed = committed};
        for (const auto& m : claim.what.messages)
            decided.history.push_back(
                {.who = speaker::customer, .text = m.text, .ids = {m.id}, .edit = m.edit});
        for (const auto& text : decided.texts) decided.history.push_back({.who = speaker::bot, .text = text});
        return loop.await(store().plan(customer, claim, decided)).value();
    }
    begin_outcome::verdict begin_send(std::int64_t epoch, std::int64_t send) {
        return loop.await(store().begin_send(customer, epoch, send)).value().what;
    }
    void end_send(std::int64_t send, send_status status, std::string mid = "") {
        ASSERT_TRUE(loop.await(
            store().end_send(customer, send, {.status = status, .id = message_id(std::move(mid))})));
    }
    milliseconds finish(std::int64_t epoch, milliseconds delay = milliseconds(0)) {
        return loop.await(store().finish(customer, epoch, delay)).value().due_in;
    }
    // One whole turn, delivered.
    void answer(const std::string& text, const std::string& mid = "mid.ours") {
        const auto turn = claim();
        for (const auto& send : plan(turn, {text}).sends) {
            ASSERT_EQ(begin_send(turn.epoch, send.id), begin_outcome::verdict::go);
            end_send(send.id, send_status::delivered, mid);
        }
        finish(turn.epoch);
    }
    // No other way to let a person's pause pass without waiting for it.
    void end_pause() { command({"HDEL", keys.state(), "pause"}); }

    static std::vector<std::string> texts_of(const std::vector<heard_message>& messages) {
        std::vector<std::string> texts;
        for (const auto& m : messages) texts.push_back(m.text);
        return texts;
    }
    static std::vector<std::string> texts_of(const std::vector<history_entry>& entries) {
        std::vector<std::string> texts;
        for (const auto& entry : entries) texts.push_back(entry.text);
        return texts;
    }
};

} // namespace atende::test
