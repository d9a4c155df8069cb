// Whole files, read and replaced on a worker thread.
#pragma once

#include <atende/platform/file_descriptor.hpp>
#include <atende/platform/result.hpp>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace atende {

// Blocks. Nothing if there is no such file. Errors: unavailable, with the system's reason.
result<std::optional<std::string>> read_file(const std::filesystem::path& file);

// Blocks. Readable by its owner only; after a crash at any moment there is the old or the new file, never a
// mixture. Only the holder of its lock may call. Errors: unavailable, with the system's reason; the old file
// is intact.
result<void> replace_file(const std::filesystem::path& file, std::string_view content);

// While it lives, nobody else on this machine has the lock of that file, not even in another container with
// the same volume. The lock is a file of its own, `file`.lock, because `file` is replaced.
class file_lock {
public:
    // Blocks for at most `patience`. Errors: unavailable, with the system's reason or that it is taken.
    static result<file_lock> of(const std::filesystem::path& file, std::chrono::milliseconds patience);

private:
    explicit file_lock(file_descriptor held) : held_(std::move(held)) {}
    file_descriptor held_;
};

} // namespace atende
