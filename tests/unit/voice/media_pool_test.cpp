#include "envelope.hpp"
#include "pool_fixture.hpp"

#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <sstream>
#include <string_view>

namespace atende {
namespace {

using namespace std::chrono_literals;

struct media_pool_test : test::pool_fixture {
    void expect_it_goes_on_serving() {
        const auto made = decode(studio.speech());
        ASSERT_TRUE(made) << made.error().detail;
        EXPECT_EQ(made->verdict, audio_verdict::good);
    }

    // One process, warm, that does nothing until it is told to go on.
    pid_t warm_up_and_freeze() {
        expect_it_goes_on_serving();
        EXPECT_EQ(processes().size(), 1U);
        const pid_t process = processes().at(0);
        ::kill(process, SIGSTOP);
        return process;
    }

    // As the kernel knows it, soft; empty: it has none of that name.
    static std::string limit_of(pid_t process, std::string_view name) {
        std::ifstream limits("/proc/" + std::to_string(process) + "/limits");
        for (std::string line; std::getline(limits, line);) {
            if (!line.starts_with(name)) continue;
            std::string soft;
            std::istringstream(line.substr(name.size())) >> soft;
            return soft;
        }
        return {};
    }

    void until_a_process_has_it() {
        ASSERT_TRUE(loop.until([&] { return pool->count().converting == 1; }));
    }
};

TEST_F(media_pool_test, decodes_speech) {
    start();
    const auto made = decode(studio.speech_as("a.m4a"));
    ASSERT_TRUE(made) << made.error().detail;
    EXPECT_EQ(made->verdict, audio_verdict::good);
    EXPECT_GT(test::likeness(made->bytes, studio.speech_as("reference.wav", "-ar 16000 -ac 1 -bitexact")),
              0.9);
}

// libavformat makes a date of it, for which glibc wants to read the time zone's file.
TEST_F(media_pool_test, decodes_what_a_phone_has_dated) {
    start();
    const auto made = decode(studio.speech_as("dated.m4a", "-metadata creation_time=2026-11-22T07:00:00Z"));
    ASSERT_TRUE(made) << made.error().detail;
    EXPECT_EQ(made->verdict, audio_verdict::good);
}

TEST_F(media_pool_test, encodes_speech) {
    start();
    const auto made = loop.await(pool->encode(studio.speech(), audio_format::voice_note, {}));
    ASSERT_TRUE(made) << made.error().detail;
    EXPECT_EQ(made->bytes.substr(0, 4), "OggS");
}

TEST_F(media_pool_test, no_process_before_the_first_file_and_the_same_one_afterwards) {
    start();
    EXPECT_EQ(pool->count().started, 0U);
    for (int i = 0; i < 5; ++i) expect_it_goes_on_serving();
    EXPECT_EQ(pool->count().started, 1U);
    EXPECT_EQ(pool->count().lost, 0U);
}

TEST_F(media_pool_test, a_process_is_limited_in_what_it_can_use_up) {
    start();
    expect_it_goes_on_serving();
    const auto process = processes().at(0);
    EXPECT_EQ(limit_of(process, "Max cpu time"), "30");
    EXPECT_EQ(limit_of(process, "Max file size"), "0");
    EXPECT_EQ(limit_of(process, "Max open files"), "0");
    EXPECT_EQ(limit_of(process, "Max processes"), "0");
    EXPECT_EQ(limit_of(process, "Max core file size"), "0");
#if !__has_feature(address_sanitizer) // which needs terabytes for itself
    EXPECT_LE(std::stoull(limit_of(process, "Max address space")), 1ULL << 30U);
#endif
}

TEST_F(media_pool_test, a_process_is_replaced_after_many_files) {
    start();
    const auto file = studio.speech_as("short.wav", "-t 0.3");
    for (int i = 0; i < 201; ++i) ASSERT_TRUE(decode(file));
    EXPECT_EQ(pool->count().started, 2U);
    EXPECT_EQ(pool->count().lost, 0U);
}

// A file that took it over would hear the next customers, too.
TEST_F(media_pool_test, a_process_is_replaced_after_a_file_that_was_not_whole) {
    start();
    const auto file = studio.speech_as("a.m4a");
    EXPECT_EQ(decode(file.substr(0, file.size() / 2))->verdict, audio_verdict::damaged);
    expect_it_goes_on_serving();
    EXPECT_EQ(pool->count().started, 2U);
}

TEST_F(media_pool_test, several_at_once_share_the_processes) {
    start({.processes = 2});
    const auto file = studio.speech_as("a.m4a");
    std::vector<std::shared_ptr<std::optional<result<converted_audio>>>> outcomes;
    for (int i = 0; i < 6; ++i) outcomes.push_back(begin_decoding(file));
    ASSERT_TRUE(
        loop.until([&] { return std::ranges::all_of(outcomes, [](auto& o) { return o->has_value(); }); }));
    for (const auto& outcome : outcomes) EXPECT_EQ((*outcome)->value().verdict, audio_verdict::good);
    EXPECT_EQ(pool->count().started, 2U);
}

TEST_F(media_pool_test, a_process_without_work_ends) {
    start({.idle = 20ms});
    expect_it_goes_on_serving();
    EXPECT_TRUE(loop.until([&] { return processes().empty(); }));
    EXPECT_EQ(pool->count().running, 0U);
    EXPECT_EQ(pool->count().lost, 0U);
    expect_it_goes_on_serving();
}

TEST_F(media_pool_test, a_crash_fails_that_file_only_and_says_why) {
    start({.processes = 1});
    const pid_t process = warm_up_and_freeze();
    const auto victim = begin_decoding(studio.speech());
    const auto next = begin_decoding(studio.speech());
    until_a_process_has_it();
    ::kill(process, SIGABRT); // of the signals that mean a crash, the one that no sanitizer takes
    ::kill(process, SIGCONT);
    ASSERT_TRUE(loop.until([&] { return victim->has_value() && next->has_value(); }));
    ASSERT_FALSE(victim->value());
    EXPECT_EQ(victim->value().error().code, errc::rejected);
    EXPECT_NE(victim->value().error().detail.find("SIGABRT"), std::string::npos)
        << victim->value().error().detail;
    EXPECT_EQ(next->value()->verdict, audio_verdict::good);
    EXPECT_EQ(pool->count().lost, 1U);
}

TEST_F(media_pool_test, one_that_takes_too_long_is_killed) {
    start({.deadline = 5s});
    const pid_t process = warm_up_and_freeze();
    const auto made = decode(studio.speech());
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, errc::timed_out);
    EXPECT_NE(::kill(process, 0), 0);
    expect_it_goes_on_serving();
}

TEST_F(media_pool_test, one_that_died_in_its_sleep_costs_nobody_anything) {
    start();
    expect_it_goes_on_serving();
    const pid_t process = processes().at(0);
    ::kill(process, SIGKILL);
    siginfo_t dead{};
    ::waitid(P_PID, static_cast<id_t>(process), &dead, WEXITED | WNOWAIT);
    expect_it_goes_on_serving();
}

TEST_F(media_pool_test, refuses_when_too_many_wait) {
    start({.processes = 1, .waiting = 2});
    const pid_t process = warm_up_and_freeze();
    std::vector<std::shared_ptr<std::optional<result<converted_audio>>>> outcomes;
    for (int i = 0; i < 4; ++i) {
        outcomes.push_back(begin_decoding(studio.speech()));
        until_a_process_has_it(); // the first; the others wait
    }
    ASSERT_TRUE(loop.until([&] { return outcomes.back()->has_value(); }));
    ASSERT_FALSE(outcomes.back()->value());
    EXPECT_EQ(outcomes.back()->value().error().code, errc::unavailable);
    ::kill(process, SIGCONT);
    ASSERT_TRUE(loop.until([&] { return outcomes[2]->has_value(); }));
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(outcomes[static_cast<std::size_t>(i)]->value());
}

TEST_F(media_pool_test, what_waited_too_long_for_a_process_is_told_so) {
    start({.processes = 1, .deadline = 5s});
    warm_up_and_freeze();
    const auto slow = begin_decoding(studio.speech());
    const auto waits = begin_decoding(studio.speech());
    ASSERT_TRUE(loop.until([&] { return slow->has_value() && waits->has_value(); }));
    EXPECT_EQ(slow->value().error().code, errc::timed_out);
    EXPECT_EQ(waits->value().error().code, errc::unavailable);
}

TEST_F(media_pool_test, stopping_ends_what_is_under_way) {
    start({.processes = 1});
    warm_up_and_freeze();
    const auto under_way = begin_decoding(studio.speech());
    const auto waits = begin_decoding(studio.speech());
    until_a_process_has_it();
    loop.await(pool->stop());
    ASSERT_TRUE(loop.until([&] { return under_way->has_value() && waits->has_value(); }));
    EXPECT_EQ(under_way->value().error().code, errc::cancelled);
    EXPECT_EQ(waits->value().error().code, errc::cancelled);
    EXPECT_TRUE(processes().empty());
    EXPECT_EQ(decode(studio.speech()).error().code, errc::cancelled);
}

TEST_F(media_pool_test, too_big_and_unknown_files_reach_no_process) {
    start();
    EXPECT_EQ(decode(studio.speech(), {.bytes = 1'000})->verdict, audio_verdict::too_big);
    EXPECT_EQ(decode("hello")->verdict, audio_verdict::unsupported);
    EXPECT_EQ(decode("")->verdict, audio_verdict::unsupported);
    EXPECT_EQ(pool->count().started, 0U);
}

TEST_F(media_pool_test, a_missing_program_is_named) {
    start({.program = "/nonexistent/atende-media"});
    const auto made = decode(studio.speech());
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, errc::unavailable);
    EXPECT_NE(made.error().detail.find("/nonexistent/atende-media"), std::string::npos);
}

TEST_F(media_pool_test, a_program_that_talks_nonsense_is_no_danger) {
    start({.program = "/bin/cat"}); // says back what it hears
    const auto made = decode(studio.speech());
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, errc::rejected);
}

TEST_F(media_pool_test, a_process_knows_none_of_our_secrets) {
    ::setenv("OPENAI_API_KEY", "secret", 1);
    studio.put("spy", "#!/bin/sh\n/usr/bin/env >" + (studio.folder() / "seen").string() + "\n");
    ::chmod((studio.folder() / "spy").c_str(), 0700);
    start({.program = (studio.folder() / "spy").string()});
    EXPECT_FALSE(decode(studio.speech()));
    const auto seen = test::file_contents(studio.folder() / "seen");
    EXPECT_NE(seen.find("PWD="), std::string::npos); // the shell's own
    EXPECT_EQ(seen.find("secret"), std::string::npos);
}

TEST_F(media_pool_test, a_process_is_walled_in) {
    start();
    expect_it_goes_on_serving();
    const std::string proc = "/proc/" + std::to_string(processes().at(0));
    const auto status = test::file_contents(proc + "/status");
    EXPECT_NE(status.find("NoNewPrivs:\t1"), std::string::npos);
    EXPECT_NE(status.find("Seccomp:\t2"), std::string::npos);
    EXPECT_NE(status.find("Threads:\t1"), std::string::npos);
    const auto limits = test::file_contents(proc + "/limits");
    for (const char* name : {"Max open files ", "Max file size ", "Max processes ", "Max core file size "}) {
        const auto at = limits.find(name);
        ASSERT_NE(at, std::string::npos);
        EXPECT_EQ(limits.substr(at + 26, 22).find_first_not_of("0 "), std::string::npos) << limits;
    }
}

} // namespace
} // namespace atende
