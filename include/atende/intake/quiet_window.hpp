// How long to wait after a message before the conversation is answered: customers write in fragments.
#pragma once

#include <atende/conversation/event.hpp>
#include <chrono>
#include <optional>

namespace atende {

struct quiet_settings {
    std::optional<std::chrono::milliseconds> fixed; // for every message, whatever it says
    std::chrono::milliseconds usual{2'500};
    std::chrono::milliseconds complete{
        1'200}; // a whole sentence, a tapped button: little more is to be expected
    std::chrono::milliseconds fragment{4'000}; // "oi", "eu queria": more is on its way
};

std::chrono::milliseconds quiet_window(const event& what, const quiet_settings& settings);

} // namespace atende
