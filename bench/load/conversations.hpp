// Customers who write a burst of messages, and the world that answers the server: webhooks in, model and
// Graph out, all on one clock.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace bench {

struct conversation_load {
    unsigned short port = 0;
    unsigned short upstream_port = 0;
    std::string app_secret;
    std::size_t customers = 500;
    double per_second = 100; // customers who begin
    int messages = 4;
    std::chrono::milliseconds gap{400}; // between a customer's messages, ± a quarter
    std::chrono::milliseconds window{3'000};
    std::chrono::milliseconds model_time{500};
    std::chrono::seconds at_most{60}; // ends earlier, once every customer has an answer
    std::size_t tell_open = 0;        // prints {"open":…} once that many conversations wait for their answer
};

// One line of JSON. Late: from the customer's last message having left here, plus the window, to the
// request's arrival at the model. Overhead: from the same moment to the arrival of the first text at Graph,
// minus the window, minus what the model took.
std::string run(const conversation_load& plan);

} // namespace bench
