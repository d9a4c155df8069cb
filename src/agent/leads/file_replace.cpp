#include "agent/leads/file_replace.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>

#include <array>
#include <atende/platform/file_descriptor.hpp>
#include <atende/platform/files.hpp>
#include <cerrno>
#include <thread>

namespace atende {
namespace {

result<void> make_folder(const std::filesystem::path& folder) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) return fail(errc::unavailable, "cannot create " + folder.string() + ": " + failed.message());
    return {};
}

std::filesystem::path folder_of(const std::filesystem::path& file) {
    return file.has_parent_path() ? file.parent_path() : ".";
}

} // namespace

result<std::optional<std::string>> read_file(const std::filesystem::path& file) {
    const file_descriptor in(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!in.is_open() && errno == ENOENT) return std::nullopt;
    if (!in.is_open()) return system_failure("cannot open", file);
    std::string content;
    std::array<char, 64 << 10> buffer{};
    while (true) {
        const ssize_t got = ::read(in.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_failure("cannot read", file);
        if (got == 0) return content;
        content.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

result<void> replace_file(const std::filesystem::path& file, std::string_view content) {
    const std::filesystem::path folder = folder_of(file);
    if (auto made = make_folder(folder); !made) return made;
    std::filesystem::path temporary = file;
    temporary += ".tmp";
    {
        const file_descriptor out(::open(
            temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
        if (!out.is_open()) return system_failure("cannot create", temporary);
        if (::fchmod(out.get(), S_IRUSR | S_IWUSR) != 0 || !write_all(out.get(), 0, content) ||
            ::fsync(out.get()) != 0) {
            return system_failure("cannot write", temporary);
        }
    }
    if (::rename(temporary.c_str(), file.c_str()) != 0) return system_failure("cannot replace", file);
    const file_descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.is_open()) ::fsync(directory.get()); // some file systems cannot; the content itself is safe
    return {};
}

result<file_lock> file_lock::of(const std::filesystem::path& file, std::chrono::milliseconds patience) {
    if (const auto made = make_folder(folder_of(file)); !made) return std::unexpected(made.error());
    std::filesystem::path path = file;
    path += ".lock";
    file_descriptor opened(
        ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!opened.is_open()) return system_failure("cannot open", path);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    // Asked again and again: waiting in flock() knows no deadline, and a holder may be frozen.
    while (::flock(opened.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR) return system_failure("cannot lock", path);
        if (std::chrono::steady_clock::now() >= deadline)
            return fail(errc::unavailable, "another process does not let go of " + path.string());
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return file_lock(std::move(opened));
}

} // namespace atende
