#include <gtest/gtest.h>

#include <atende/platform/retry_policy.hpp>

namespace atende {
namespace {

using std::chrono::milliseconds;

// Thu, 01 Jan 1970 00:01:00 GMT
const auto now = std::chrono::system_clock::from_time_t(60);

failed_attempt status(int code) {
    failed_attempt failed;
    failed.status = code;
    return failed;
}

failed_attempt no_answer(errc code) {
    failed_attempt failed;
    failed.no_answer = code;
    return failed;
}

TEST(RetryWait, BacksOffTwiceAndGivesUp) {
    EXPECT_EQ(retry_wait(status(500), 0, 0, now), milliseconds(500));
    EXPECT_EQ(retry_wait(status(500), 1, 0, now), milliseconds(1'000));
    EXPECT_EQ(retry_wait(status(500), 2, 0, now), std::nullopt);
}

TEST(RetryWait, JitterOnlyShortens) {
    EXPECT_EQ(retry_wait(status(500), 1, 0.5, now), milliseconds(875));
    EXPECT_GE(retry_wait(status(500), 1, 0.999, now), milliseconds(750));
}

TEST(RetryWait, RepeatsWhatMayPass) {
    for (const int code : {408, 409, 429, 500, 502, 503, 504, 529})
        EXPECT_TRUE(retry_wait(status(code), 0, 0, now)) << code;
    for (const int code : {301, 400, 401, 403, 404, 422})
        EXPECT_FALSE(retry_wait(status(code), 0, 0, now)) << code;
    for (const auto code : {errc::unavailable, errc::timed_out, errc::interrupted, errc::protocol}) {
        EXPECT_TRUE(retry_wait(no_answer(code), 0, 0, now));
    }
    for (const auto code : {errc::cancelled, errc::too_large})
        EXPECT_FALSE(retry_wait(no_answer(code), 0, 0, now));
}

TEST(RetryWait, DoesWhatTheServerAsks) {
    auto busy = status(429);
    busy.retry_after = "3";
    EXPECT_EQ(retry_wait(busy, 0, 0.9, now), milliseconds(3'000));
    busy.retry_after = "1.5";
    EXPECT_EQ(retry_wait(busy, 0, 0.9, now), milliseconds(1'500));
    busy.retry_after_ms = "250"; // the more exact one wins
    EXPECT_EQ(retry_wait(busy, 0, 0.9, now), milliseconds(250));
    busy.retry_after_ms = "";
    busy.retry_after = "Thu, 01 Jan 1970 00:01:20 GMT";
    EXPECT_EQ(retry_wait(busy, 0, 0.9, now), milliseconds(20'000));
}

TEST(RetryWait, DoesNotWaitForever) {
    auto busy = status(429);
    busy.retry_after = "120";
    EXPECT_EQ(retry_wait(busy, 0, 0, now), milliseconds(120'000));
    for (const auto* too_long : {"121", "1e300", "99999999999999999999", "Thu, 01 Jan 2070 00:00:00 GMT"}) {
        busy.retry_after = too_long;
        EXPECT_EQ(retry_wait(busy, 0, 0, now), std::nullopt) << too_long;
    }
}

TEST(RetryWait, IgnoresNonsense) {
    auto busy = status(429);
    for (const auto* nonsense : {"soon", "-1", "0", "nan", "3s", "Thu, 01 Jan 1970 00:00:20 GMT"}) {
        busy.retry_after = nonsense;
        EXPECT_EQ(retry_wait(busy, 0, 0, now), milliseconds(500)) << nonsense;
    }
}

TEST(RetryWait, TheServersVerdictWins) {
    auto failed = status(500);
    failed.x_should_retry = "false";
    EXPECT_FALSE(retry_wait(failed, 0, 0, now));
    failed = status(400);
    failed.x_should_retry = "true";
    EXPECT_TRUE(retry_wait(failed, 0, 0, now));
}

TEST(RetryWait, NoWaitEarnsCredit) {
    for (const auto* code :
         {"insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded",
          "project_spend_limit_exceeded", "organization_usage_limit_exceeded"}) {
        auto broke = status(429);
        broke.error_code = code;
        broke.x_should_retry = "true";
        EXPECT_FALSE(retry_wait(broke, 0, 0, now)) << code;
    }
}

} // namespace
} // namespace atende
