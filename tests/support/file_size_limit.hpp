// A disk that is full, as far as this process can tell: no file may grow beyond a size.
#pragma once

#include <sys/resource.h>

#include <csignal>
#include <cstdint>
#include <stdexcept>

namespace atende::test {

class file_size_limit {
public:
    explicit file_size_limit(std::uint64_t bytes) {
        std::signal(SIGXFSZ, SIG_IGN); // a write then fails instead
        if (::getrlimit(RLIMIT_FSIZE, &before_) != 0) throw std::runtime_error("no file size limit");
        const rlimit small{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
        if (::setrlimit(RLIMIT_FSIZE, &small) != 0) throw std::runtime_error("no file size limit");
    }
    file_size_limit(const file_size_limit&) = delete;
    file_size_limit& operator=(const file_size_limit&) = delete;
    ~file_size_limit() { ::setrlimit(RLIMIT_FSIZE, &before_); }

private:
    rlimit before_{};
};

} // namespace atende::test
