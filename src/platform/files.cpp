#include <system_error>
#include <unistd.h>

#include <atende/platform/files.hpp>
#include <cerrno>

namespace atende {

std::string system_reason() {
    return std::generic_category().message(errno);
}

std::unexpected<error> system_failure(std::string_view what, const std::filesystem::path& path) {
    const std::string reason = system_reason(); // before anything else changes errno
    return fail(errc::unavailable, std::string(what) + " " + path.string() + ": " + reason);
}

bool write_all(int descriptor, std::uint64_t at, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(at));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        at += static_cast<std::uint64_t>(written);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

} // namespace atende
