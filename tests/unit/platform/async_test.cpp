#include "support/event_loop.hpp"

#include <boost/asio/this_coro.hpp>
#include <gtest/gtest.h>

#include <atende/platform/async.hpp>
#include <stdexcept>
#include <thread>

namespace atende {
namespace {

using namespace std::chrono_literals;

awaitable<void> wait_then_count(std::chrono::milliseconds time, int& count) {
    co_await sleep_for(time);
    ++count;
}

awaitable<void> fail_at_once() {
    throw std::runtime_error("on purpose");
    co_return; // makes this a coroutine
}

awaitable<int> three_tasks_within_grace() {
    int ended = 0;
    task_group group(co_await asio::this_coro::executor);
    for (int i = 0; i < 3; ++i) group.start("waits", wait_then_count(1ms, ended));
    co_await group.finish(10s);
    EXPECT_EQ(group.running(), 0U);
    co_return ended;
}

awaitable<int> one_task_without_grace() {
    int ended = 0;
    task_group group(co_await asio::this_coro::executor);
    group.start("waits for an hour", wait_then_count(1h, ended));
    EXPECT_EQ(group.running(), 1U);
    co_await group.finish(0s);
    EXPECT_EQ(group.running(), 0U);
    co_return ended;
}

awaitable<bool> a_failing_task() {
    task_group group(co_await asio::this_coro::executor);
    group.start("fails", fail_at_once());
    co_await group.finish(10s);
    co_return true;
}

awaitable<bool> work_on_another_thread() {
    asio::thread_pool pool(1);
    const auto loop_thread = std::this_thread::get_id();
    const auto pool_thread = co_await offload(pool, [] { return std::this_thread::get_id(); });
    EXPECT_NE(pool_thread, loop_thread);
    EXPECT_EQ(std::this_thread::get_id(), loop_thread);
    co_return true;
}

int throwing_work() {
    throw std::runtime_error("disk on fire");
}

awaitable<bool> work_that_throws() {
    asio::thread_pool pool(1);
    bool caught = false;
    try {
        co_await offload(pool, throwing_work);
    } catch (const std::runtime_error& e) {
        caught = std::string_view(e.what()) == "disk on fire";
    }
    co_return caught;
}

TEST(TaskGroup, WaitsForItsTasksWithinTheGrace) {
    EXPECT_EQ(test::run(three_tasks_within_grace()), 3);
}

TEST(TaskGroup, CancelsWhatIsLeft) {
    EXPECT_EQ(test::run(one_task_without_grace()), 1) << "a cancelled sleep returns early, without error";
}

TEST(TaskGroup, SurvivesATaskThatThrows) {
    EXPECT_TRUE(test::run(a_failing_task()));
}

TEST(Offload, RunsOnThePoolAndResumesOnTheLoop) {
    EXPECT_TRUE(test::run(work_on_another_thread()));
}

TEST(Offload, HandsAnExceptionToTheCaller) {
    EXPECT_TRUE(test::run(work_that_throws()));
}

} // namespace
} // namespace atende
