#include "agent/profile/file_fence.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atende/platform/file_descriptor.hpp>
#include <cerrno>
#include <optional>

namespace atende {
namespace {

namespace fs = std::filesystem;

sentence unreadable() {
    return {"não pode ser lido; espera um arquivo de texto", "cannot be read; expected a text file"};
}

sentence too_large(std::size_t most) {
    return {fmt::format("espera no máximo {} MB", most >> 20U),
            fmt::format("expected at most {} MB", most >> 20U)};
}

// Never waits for the writer of a pipe that has just taken the file's place.
file_descriptor opened(const fs::path& real) {
    file_descriptor in(::open(real.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    struct stat about{};
    if (!in.is_open() || ::fstat(in.get(), &about) != 0 || !S_ISREG(about.st_mode)) return file_descriptor();
    return in;
}

// Up to one byte more than `most`; nothing if the system cannot read it.
std::optional<std::string> beginning_of(const file_descriptor& in, std::size_t most) {
    std::string bytes;
    std::array<char, 64 << 10> buffer{};
    while (bytes.size() <= most) {
        const auto wanted = std::min(buffer.size(), most + 1 - bytes.size());
        const ssize_t got = ::read(in.get(), buffer.data(), wanted);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return std::nullopt;
        if (got == 0) break;
        bytes.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return bytes;
}

} // namespace

file_fence::file_fence(const std::vector<fs::path>& folders) {
    for (const auto& folder : folders) {
        std::error_code failed;
        auto real = fs::canonical(folder, failed);
        if (!failed) folders_.push_back(std::move(real));
    }
}

bool file_fence::surrounds(const fs::path& real) const {
    return std::ranges::any_of(folders_, [&](const fs::path& folder) {
        return std::mismatch(folder.begin(), folder.end(), real.begin(), real.end()).first == folder.end();
    });
}

bool file_fence::excludes(const fs::path& path) const {
    std::error_code failed;
    const auto real = fs::canonical(path, failed);
    return !failed && !surrounds(real);
}

std::expected<std::string, sentence> file_fence::read(const fs::path& path, std::size_t most) const {
    std::error_code failed;
    const auto real = fs::canonical(path, failed);
    if (failed) return std::unexpected(unreadable());
    if (!surrounds(real)) return std::unexpected(leads_out());
    if (!fs::is_regular_file(real, failed)) return std::unexpected(unreadable());
    const auto in = opened(real);
    auto bytes = in.is_open() ? beginning_of(in, most) : std::nullopt;
    if (!bytes) return std::unexpected(unreadable());
    if (bytes->size() > most) return std::unexpected(too_large(most));
    return *std::move(bytes);
}

sentence file_fence::leads_out() {
    return {"espera o que está na própria pasta; o link leva para fora dela",
            "expected what is in the folder itself; the link leads out of it"};
}

} // namespace atende
