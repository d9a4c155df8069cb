#include "media/memory_io.hpp"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <new>

namespace atende {
namespace {

constexpr int buffer_bytes = 32 << 10;

av::io make_io(void* self, bool writes, int (*read)(void*, std::uint8_t*, int),
               int (*write)(void*, std::uint8_t*, int), std::int64_t (*seek)(void*, std::int64_t, int)) {
    auto* buffer = static_cast<unsigned char*>(av_malloc(buffer_bytes));
    AVIOContext* io = buffer == nullptr
                          ? nullptr
                          : avio_alloc_context(buffer, buffer_bytes, writes ? 1 : 0, self, read, write, seek);
    if (io == nullptr) throw std::bad_alloc();
    return av::io(io);
}

// The new position, the size if that was the question, or an error.
std::int64_t sought(std::size_t& at, std::size_t size, std::int64_t offset, int whence) {
    std::int64_t base = 0;
    switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE: return static_cast<std::int64_t>(size);
    case SEEK_SET: break;
    case SEEK_CUR: base = static_cast<std::int64_t>(at); break;
    case SEEK_END: base = static_cast<std::int64_t>(size); break;
    default: return AVERROR(EINVAL);
    }
    std::int64_t to = 0;
    if (__builtin_add_overflow(base, offset, &to) || to < 0) return AVERROR(EINVAL);
    at = static_cast<std::size_t>(to);
    return to;
}

} // namespace

memory_source::memory_source(const std::string& file)
    : file_(file),
      io_(make_io(this, false, &memory_source::read, nullptr, &memory_source::seek)) {}

int memory_source::read(void* self, std::uint8_t* to, int size) {
    auto& source = *static_cast<memory_source*>(self);
    if (source.at_ >= source.file_.size()) return AVERROR_EOF;
    const auto count = std::min(static_cast<std::size_t>(size), source.file_.size() - source.at_);
    std::memcpy(to, source.file_.data() + source.at_, count);
    source.at_ += count;
    return static_cast<int>(count);
}

std::int64_t memory_source::seek(void* self, std::int64_t offset, int whence) {
    auto& source = *static_cast<memory_source*>(self);
    return sought(source.at_, source.file_.size(), offset, whence);
}

memory_sink::memory_sink(std::size_t limit)
    : limit_(limit),
      io_(make_io(this, true, nullptr, &memory_sink::write, &memory_sink::seek)) {}

int memory_sink::write(void* self, std::uint8_t* from, int size) {
    auto& sink = *static_cast<memory_sink*>(self);
    const std::size_t end = sink.at_ + static_cast<std::size_t>(size);
    if (end > sink.limit_) return AVERROR(ENOSPC);
    if (end > sink.file_.size()) sink.file_.resize(end);
    std::memcpy(sink.file_.data() + sink.at_, from, static_cast<std::size_t>(size));
    sink.at_ = end;
    return size;
}

std::int64_t memory_sink::seek(void* self, std::int64_t offset, int whence) {
    auto& sink = *static_cast<memory_sink*>(self);
    return sought(sink.at_, sink.file_.size(), offset, whence);
}

} // namespace atende
