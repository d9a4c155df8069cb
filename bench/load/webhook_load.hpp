// Webhooks and nothing else: as fast as they are answered, or at a pace.
#pragma once

#include <cstddef>
#include <string>

namespace bench {

struct webhook_load {
    unsigned short port = 0;
    std::string app_secret;
    std::size_t requests = 0;
    std::size_t customers = 20'000;
    std::size_t connections = 64;
    double per_second = 0; // 0: closed loop. Otherwise latency counts from the planned moment of sending
};

// One line of JSON.
std::string run(const webhook_load& plan);

} // namespace bench
