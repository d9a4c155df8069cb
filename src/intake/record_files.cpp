#include "intake/record_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>

#include <algorithm>
#include <atende/platform/files.hpp>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <optional>

namespace atende {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view suffix = ".webhooks";
constexpr int most_name_tries = 1'000;

// "2026-10-14-1791970212345.webhooks"
std::optional<std::int64_t> begun_from(const std::string& name) {
    if (!name.ends_with(suffix)) return std::nullopt;
    const std::size_t dash = name.rfind('-');
    if (dash == std::string::npos) return std::nullopt;
    std::int64_t begun = 0;
    const char* const end = name.data() + name.size() - suffix.size();
    const auto [stop, failed] = std::from_chars(name.data() + dash + 1, end, begun);
    if (failed != std::errc{} || stop != end) return std::nullopt;
    return begun;
}

bool sync_folder(const fs::path& folder) {
    const file_descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory.is_open()) return false;
    // Some file systems cannot; then there is nothing more to be had.
    return ::fsync(directory.get()) == 0 || errno == EINVAL || errno == ENOTSUP;
}

bool make_folder(const fs::path& folder) {
    if (::mkdir(folder.c_str(), S_IRWXU) == 0) {
        return sync_folder(folder.has_parent_path() ? folder.parent_path() : fs::path("."));
    }
    return errno == EEXIST;
}

bool has_name(int descriptor) {
    struct stat about{};
    return ::fstat(descriptor, &about) == 0 && about.st_nlink > 0;
}

void remove_unless_held(const record_file& file) {
    const file_descriptor opened(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC));
    if (opened.is_open() && ::flock(opened.get(), LOCK_EX | LOCK_NB) == 0) ::unlink(file.path.c_str());
}

} // namespace

std::string utc_day(std::int64_t unix_ms) {
    const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(unix_ms)};
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(time)};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                       static_cast<unsigned>(day.day()));
}

std::int64_t day_end_ms(const record_file& file) {
    constexpr std::int64_t day_ms = 24LL * 3'600'000;
    return (file.begun_ms / day_ms + 1) * day_ms;
}

std::vector<record_file> list_record_files(const fs::path& folder) {
    std::vector<record_file> files;
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        const auto begun = begun_from(entry->path().filename().string());
        std::error_code unreadable;
        const std::uintmax_t bytes = entry->file_size(unreadable);
        if (begun && !unreadable)
            files.push_back({.path = entry->path(), .begun_ms = *begun, .bytes = bytes});
    }
    std::ranges::sort(files, {}, &record_file::begun_ms);
    return files;
}

result<open_record_file> create_record_file(const fs::path& folder, std::int64_t at_ms) {
    if (!make_folder(folder)) return system_failure("cannot create", folder);
    open_record_file made;
    for (int tries = 0; tries < most_name_tries; ++tries, ++at_ms) {
        made.what.begun_ms = at_ms;
        made.what.path = folder / (utc_day(at_ms) + "-" + std::to_string(at_ms) + std::string(suffix));
        constexpr int new_file = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
        made.descriptor = file_descriptor(::open(made.what.path.c_str(), new_file, S_IRUSR | S_IWUSR));
        if (made.descriptor.is_open() || errno != EEXIST) break;
    }
    if (!made.descriptor.is_open()) return system_failure("cannot create", made.what.path);
    // Between the two calls another process may have taken it for a left-over.
    if (::flock(made.descriptor.get(), LOCK_EX | LOCK_NB) != 0 || !has_name(made.descriptor.get()))
        return fail(errc::unavailable, made.what.path.string() + " was taken by another process");
    if (!sync_folder(folder)) return system_failure("cannot sync", folder);
    return made;
}

result<open_record_file> adopt_record_file(record_file what) {
    open_record_file adopted;
    adopted.descriptor = file_descriptor(::open(what.path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    if (!adopted.descriptor.is_open()) return system_failure("cannot open", what.path);
    if (::flock(adopted.descriptor.get(), LOCK_EX | LOCK_NB) != 0)
        return fail(errc::unavailable, what.path.string() + " belongs to another process");
    struct stat about{};
    if (::fstat(adopted.descriptor.get(), &about) != 0) return system_failure("cannot read", what.path);
    if (about.st_nlink == 0) return fail(errc::unavailable, what.path.string() + " was deleted");
    // Its process may have written to it, and ended, after the folder was listed.
    what.bytes = static_cast<std::uint64_t>(about.st_size);
    adopted.what = std::move(what);
    return adopted;
}

append_outcome append_bytes(int descriptor, std::uint64_t at, std::string_view bytes, durability how) {
    append_outcome outcome;
    if (!write_all(descriptor, at, bytes)) {
        outcome.problem = system_reason();
    } else if (how == durability::disk && ::fdatasync(descriptor) != 0) {
        outcome.problem = system_reason();
        // The kernel may have dropped the pages and call the next fdatasync a success.
        outcome.continuable = false;
    }
    if (!outcome.problem.empty() && ::ftruncate(descriptor, static_cast<off_t>(at)) != 0) {
        outcome.continuable = false;
    }
    return outcome;
}

result<std::string> read_bytes(int descriptor, std::uint64_t from, std::uint64_t until) {
    std::string bytes(until - from, '\0');
    std::size_t have = 0;
    while (have < bytes.size()) {
        const ssize_t got =
            ::pread(descriptor, bytes.data() + have, bytes.size() - have, static_cast<off_t>(from + have));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(errc::unavailable, system_reason());
        if (got == 0) break;
        have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return bytes;
}

result<std::string> read_whole(const fs::path& path) {
    const file_descriptor opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat about{};
    if (!opened.is_open() || ::fstat(opened.get(), &about) != 0) return system_failure("cannot read", path);
    auto bytes = read_bytes(opened.get(), 0, static_cast<std::uint64_t>(about.st_size));
    if (!bytes) return fail(errc::unavailable, "cannot read " + path.string() + ": " + bytes.error().detail);
    return bytes;
}

void prune_record_files(const fs::path& folder, std::int64_t oldest_kept_ms, std::uint64_t most_bytes) {
    const auto files = list_record_files(folder);
    std::uint64_t bytes = 0;
    for (const auto& file : files) bytes += file.bytes;
    for (const auto& file : files) {
        if (day_end_ms(file) >= oldest_kept_ms && bytes <= most_bytes) continue;
        remove_unless_held(file);
        bytes -= file.bytes;
    }
}

} // namespace atende
