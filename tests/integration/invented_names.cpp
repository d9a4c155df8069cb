#include "invented_names.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <atende/platform/public_address.hpp>
#include <cerrno>
#include <deque>
#include <dlfcn.h>
#include <map>
#include <netdb.h>
#include <optional>
#include <utility>

namespace atende::test {
namespace {

// libcurl looks names up on threads of its own.
struct {
    std::mutex lock;
    std::map<std::string, std::deque<std::vector<place>>, std::less<>> names;
    std::vector<std::string> strangers;
} shared;

std::optional<std::vector<place>> places_of(std::string_view name) {
    const std::lock_guard guard(shared.lock);
    const auto known = shared.names.find(name);
    if (known == shared.names.end()) return std::nullopt;
    auto answer = known->second.front();
    if (known->second.size() > 1) known->second.pop_front();
    return answer;
}

bool is_stranger(const sockaddr* to, socklen_t size) {
    if (to->sa_family != AF_INET && to->sa_family != AF_INET6) return false;
    std::array<char, NI_MAXHOST> numeric{};
    const int failed = ::getnameinfo(to, size, numeric.data(), numeric.size(), nullptr, 0, NI_NUMERICHOST);
    if (failed != 0 || !is_public_address(numeric.data())) return false;
    const std::lock_guard guard(shared.lock);
    shared.strangers.emplace_back(numeric.data());
    return true;
}

// What the C library would have done.
template <class Function>
Function* next(Function&, const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

} // namespace

invented_name::invented_name(std::string name, std::vector<std::vector<place>> answers)
    : name_(std::move(name)) {
    const std::lock_guard guard(shared.lock);
    EXPECT_FALSE(answers.empty());
    shared.names.emplace(name_, std::deque(answers.begin(), answers.end()));
}

invented_name::~invented_name() {
    const std::lock_guard guard(shared.lock);
    shared.names.erase(name_);
}

std::vector<std::string> refused_strangers() {
    const std::lock_guard guard(shared.lock);
    return std::exchange(shared.strangers, {});
}

} // namespace atende::test

// A program's own function stands before that of every shared library it uses.
extern "C" {

int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** found) {
    static auto* const real = atende::test::next(::getaddrinfo, "getaddrinfo");
    const auto places = host == nullptr ? std::nullopt : atende::test::places_of(host);
    if (!places) return real(host, service, hints, found);
    for (const auto& [address, port] : *places) {
        const auto number = std::to_string(port);
        if (const int failed = real(address.c_str(), port == 0 ? service : number.c_str(), hints, found))
            return failed;
        while (*found != nullptr) found = &(*found)->ai_next;
    }
    return 0;
}

int connect(int socket, const sockaddr* to, socklen_t size) {
    static auto* const real = atende::test::next(::connect, "connect");
    if (!atende::test::is_stranger(to, size)) return real(socket, to, size);
    errno = ENETUNREACH;
    return -1;
}
}
