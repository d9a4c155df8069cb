#include "intake/redis_trouble.hpp"

#include <gtest/gtest.h>

namespace atende {
namespace {

TEST(RedisTrouble, WhatDoesNotAnswerIsUnreachable) {
    for (const auto code : {errc::unavailable, errc::timed_out, errc::interrupted, errc::protocol}) {
        EXPECT_EQ(redis_trouble_of({code, "OOM is not said by Redis here"}), redis_trouble::unreachable);
        EXPECT_TRUE(advice_for({code, "OOM is not said by Redis here"}).empty());
    }
}

TEST(RedisTrouble, ARedisThatStoresNothingRefuses) {
    for (const char* answer :
         {"OOM command not allowed when used memory > 'maxmemory'. script: 5f, on @user_script:5.",
          "MISCONF Errors writing to the AOF file: No space left on device",
          "READONLY You can't write against a read only replica.",
          "ERR Error running script (call to f_5f): @user_script:5: @user_script: 5: -OOM command not "
          "allowed "
          "when used memory > 'maxmemory'.",
          "NOREPLICAS Not enough good replicas to write."}) {
        EXPECT_EQ(redis_trouble_of({errc::rejected, answer}), redis_trouble::refuses) << answer;
        EXPECT_FALSE(advice_for({errc::rejected, answer}).empty()) << answer;
    }
}

TEST(RedisTrouble, WhatEndsByItselfNeedsNobody) {
    const error loading{errc::rejected, "LOADING Redis is loading the dataset in memory"};
    EXPECT_EQ(redis_trouble_of(loading), redis_trouble::refuses);
    EXPECT_TRUE(advice_for(loading).empty());
}

TEST(RedisTrouble, AnythingElseConcernsOneEvent) {
    for (const char* answer :
         {"WRONGTYPE Operation against a key holding the wrong kind of value",
          "ERR user_script:12: attempt to index a nil value script: 5f, on @user_script:12.", "OOMPH"}) {
        EXPECT_EQ(redis_trouble_of({errc::rejected, answer}), redis_trouble::one_event) << answer;
        EXPECT_TRUE(advice_for({errc::rejected, answer}).empty());
    }
}

} // namespace
} // namespace atende
