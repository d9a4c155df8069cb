#include "simulator/event_log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace atende {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using ::testing::ElementsAre;

class simulator_event_log : public ::testing::Test {
protected:
    std::shared_ptr<event_log> make(event_log_limits limits = {}) {
        return std::make_shared<event_log>(loop_.get_executor(), limits, 1);
    }
    // `ended` becomes true when the wait returns.
    void start_wait(const std::shared_ptr<event_log>& log, std::string contact, std::int64_t after,
                    bool& ended, std::chrono::steady_clock::duration limit = 1h) {
        auto on_end = [&ended](std::exception_ptr failure) { ended = failure == nullptr; };
        asio::co_spawn(loop_, log->wait(std::move(contact), after, limit), on_end);
    }
    void run_what_is_ready() {
        loop_.restart();
        loop_.poll();
    }
    static std::vector<std::string> texts(const event_log& log, const std::string& contact,
                                          std::int64_t after = 0) {
        std::vector<std::string> texts;
        for (const auto& event : json::parse(log.read(contact, after))["events"])
            texts.push_back(event["text"]);
        return texts;
    }

    asio::io_context loop_;
};

TEST_F(simulator_event_log, gives_what_came_after_a_position) {
    const auto log = make();
    log->append("sim_ana001", 1000, "message", {{"text", "oi"}});
    log->append("sim_bia001", 1001, "message", {{"text", "olá"}});
    log->append("sim_ana001", 1002, "answer", {{"text", "Oi!"}});

    const auto all = json::parse(log->read("sim_ana001", 0));
    EXPECT_EQ(all["events"][0], json({{"seq", 1}, {"at_ms", 1000}, {"kind", "message"}, {"text", "oi"}}));
    EXPECT_EQ(all["next"], 3);
    EXPECT_THAT(texts(*log, "sim_ana001", 1), ElementsAre("Oi!"));

    const auto nothing_new = json::parse(log->read("sim_ana001", 3));
    EXPECT_TRUE(nothing_new["events"].empty());
    EXPECT_EQ(nothing_new["next"], 3);
    EXPECT_EQ(json::parse(log->read("sim_new0001", 7))["next"], 7);
}

TEST_F(simulator_event_log, wakes_only_who_waits_for_that_contact) {
    const auto log = make();
    bool ana = false;
    bool bia = false;
    start_wait(log, "sim_ana001", 0, ana);
    start_wait(log, "sim_bia001", 0, bia);
    run_what_is_ready();
    EXPECT_FALSE(ana);

    log->append("sim_ana001", 1, "message", {{"text", "oi"}});
    run_what_is_ready();
    EXPECT_TRUE(ana);
    EXPECT_FALSE(bia);

    log->end_waits();
    run_what_is_ready();
    EXPECT_TRUE(bia);
}

TEST_F(simulator_event_log, does_not_wait_for_what_is_there) {
    const auto log = make();
    log->append("sim_ana001", 1, "message", {{"text", "oi"}});
    bool ended = false;
    start_wait(log, "sim_ana001", 0, ended);
    run_what_is_ready();
    EXPECT_TRUE(ended);
}

TEST_F(simulator_event_log, stops_waiting_at_the_limit) {
    const auto log = make();
    bool ended = false;
    start_wait(log, "sim_ana001", 0, ended, 1ms);
    loop_.run();
    EXPECT_TRUE(ended);
}

TEST_F(simulator_event_log, waits_no_more_once_ended) {
    const auto log = make();
    log->end_waits();
    bool ended = false;
    start_wait(log, "sim_ana001", 0, ended);
    run_what_is_ready();
    EXPECT_TRUE(ended);
}

TEST_F(simulator_event_log, survives_a_loop_destroyed_under_a_wait) {
    auto loop = std::make_unique<asio::io_context>();
    const auto log = std::make_shared<event_log>(loop->get_executor(), event_log_limits{}, 1);
    asio::co_spawn(*loop, log->wait("sim_ana001", 0, 1h), [](std::exception_ptr) {});
    loop->poll();
    loop.reset();
    log->end_waits();
}

TEST_F(simulator_event_log, forgets_the_oldest_events_and_the_contact_unused_for_longest) {
    const auto log = make({.contacts = 2, .events_per_contact = 2, .bytes_per_contact = 1 << 20});
    for (const auto* text : {"1", "2", "3"}) log->append("sim_ana001", 1, "message", {{"text", text}});
    EXPECT_THAT(texts(*log, "sim_ana001"), ElementsAre("2", "3"));

    log->append("sim_bia001", 1, "message", {{"text", "b"}});
    log->append("sim_ana001", 1, "message", {{"text", "4"}});
    log->append("sim_cid001", 1, "message", {{"text", "c"}});
    EXPECT_THAT(texts(*log, "sim_bia001"), ElementsAre());
    EXPECT_THAT(texts(*log, "sim_ana001"), ElementsAre("3", "4"));
    EXPECT_THAT(texts(*log, "sim_cid001"), ElementsAre("c"));
}

TEST_F(simulator_event_log, keeps_a_contact_within_its_bytes) {
    const auto log = make({.contacts = 2, .events_per_contact = 500, .bytes_per_contact = 3000});
    for (int i = 0; i < 10; ++i) log->append("sim_ana001", 1, "message", {{"text", std::string(1000, 'a')}});
    EXPECT_LE(log->read("sim_ana001", 0).size(), 3100U);
    log->append("sim_ana001", 1, "message", {{"text", std::string(9000, 'b')}});
    EXPECT_THAT(texts(*log, "sim_ana001"), ElementsAre(std::string(9000, 'b')));
}

TEST_F(simulator_event_log, is_valid_json_whatever_the_text) {
    const auto log = make();
    log->append("sim_ana001", 1, "message", {{"text", "bad \xC3 \"quote\" \x01"}});
    EXPECT_TRUE(json::accept(log->read("sim_ana001", 0)));
}

TEST_F(simulator_event_log, knows_what_became_of_a_message) {
    const auto log = make();
    log->append("sim_ana001", 1, "message", {{"message_id", "m1"}, {"text", "oi"}});
    log->append("sim_ana001", 2, "edited", {{"message_id", "m1"}, {"text", "olá"}});
    log->append("sim_ana001", 3, "answer", {{"message_id", "m2"}, {"text", "Oi!"}});
    EXPECT_TRUE(log->find_message("sim_ana001", "m1").known);
    EXPECT_EQ(log->find_message("sim_ana001", "m1").edits, 1);
    EXPECT_FALSE(log->find_message("sim_ana001", "m2").known) << "not the customer's";
    EXPECT_FALSE(log->find_message("sim_bia001", "m1").known) << "another customer's";
    log->append("sim_ana001", 4, "unsent", {{"message_id", "m1"}});
    EXPECT_TRUE(log->find_message("sim_ana001", "m1").unsent);
}

} // namespace
} // namespace atende
