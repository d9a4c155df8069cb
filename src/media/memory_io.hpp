// Files that libavformat reads and writes in memory.
#pragma once

#include "media/av.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace atende {

class memory_source {
public:
    explicit memory_source(const std::string& file); // which must outlive it, and may grow
    [[nodiscard]] AVIOContext* io() { return io_.get(); }

private:
    static int read(void* self, std::uint8_t* to, int size);
    static std::int64_t seek(void* self, std::int64_t offset, int whence);

    const std::string& file_;
    std::size_t at_ = 0;
    av::io io_;
};

class memory_sink {
public:
    explicit memory_sink(std::size_t limit); // writing beyond it fails
    [[nodiscard]] AVIOContext* io() { return io_.get(); }
    [[nodiscard]] const std::string& file() const { return file_; }
    std::string take() { return std::move(file_); }

private:
    static int write(void* self, std::uint8_t* from, int size);
    static std::int64_t seek(void* self, std::int64_t offset, int whence);

    std::string file_;
    std::size_t limit_;
    std::size_t at_ = 0;
    av::io io_;
};

} // namespace atende
