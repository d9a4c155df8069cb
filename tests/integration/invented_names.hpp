// Names without a DNS, for whatever in this program looks one up: our own code, and libcurl. So that no such
// test asks a stranger anything, connections to the public internet are refused here, as where there is none.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace atende::test {

struct place {
    std::string address; // numeric
    std::uint16_t port;  // 0: the one that is asked for
};

// Known as long as this lives. The first look-up is answered with the first of `answers`, and so on; once
// there is only one left, with that.
class invented_name {
public:
    invented_name(std::string name, std::vector<std::vector<place>> answers);
    ~invented_name();
    invented_name(const invented_name&) = delete;
    invented_name& operator=(const invented_name&) = delete;

private:
    std::string name_;
};

// Public addresses that connections were tried to since the last call, in order.
std::vector<std::string> refused_strangers();

} // namespace atende::test
