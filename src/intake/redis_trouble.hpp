// What a failed hand-over says about Redis.
#pragma once

#include <atende/platform/result.hpp>
#include <string_view>

namespace atende {

enum class redis_trouble {
    unreachable, // or it does not answer
    refuses,     // it answers, but stores nothing at all for now
    one_event,   // it works; one script failed, and will fail again
};

redis_trouble redis_trouble_of(const error& failure);

// What a person has to do about a Redis that refuses; empty for what ends by itself.
std::string_view advice_for(const error& failure);

} // namespace atende
