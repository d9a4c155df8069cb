#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atende/platform/crypto.hpp>
#include <atende/platform/file_descriptor.hpp>
#include <atende/platform/files.hpp>
#include <atende/platform/log.hpp>
#include <atende/voice/audio_container.hpp>
#include <atende/voice/media_archive.hpp>
#include <cstdint>
#include <ctime>
#include <string_view>
#include <utility>
#include <vector>

namespace atende {
namespace {

namespace fs = std::filesystem;

std::string_view extension_of(audio_container kind) {
    switch (kind) {
    case audio_container::mp4: return "m4a";
    case audio_container::ogg: return "ogg";
    case audio_container::mp3: return "mp3";
    case audio_container::aac: return "aac";
    case audio_container::wav: return "wav";
    case audio_container::amr: return "amr";
    case audio_container::webm: return "webm";
    case audio_container::unknown: break;
    }
    return {};
}

// A platform's id may be of any length and hold any character.
std::string name_of(const message_id& message) {
    return sha256_hex(message.value, 12);
}

std::unexpected<error> failure(std::string_view what, const fs::path& path, const std::error_code& why) {
    return fail(errc::unavailable, fmt::format("{} {}: {}", what, path.string(), why.message()));
}

// A folder that is not there has none.
result<std::vector<fs::path>> entries_of(const fs::path& folder) {
    std::vector<fs::path> all;
    std::error_code failed;
    for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed))
        all.push_back(at->path());
    if (failed && failed != std::errc::no_such_file_or_directory) return failure("list", folder, failed);
    return all;
}

// All that can be deleted is, whatever fails.
result<void> erase_files(const fs::path& folder, const std::string& name) {
    std::error_code failed;
    result<void> done;
    const auto entries = entries_of(folder);
    if (!entries) return std::unexpected(entries.error());
    for (const auto& entry : *entries) {
        if (!entry.filename().string().starts_with(name)) continue;
        if (!fs::remove(entry, failed) && failed) done = failure("delete", entry, failed);
    }
    ::rmdir(folder.c_str()); // if it is empty
    return done;
}

result<void> write_file(const fs::path& path, std::string_view bytes) {
    std::error_code failed;
    fs::create_directories(path.parent_path(), failed);
    if (failed) return failure("create", path.parent_path(), failed);
    const fs::path unfinished = path.string() + ".part";
    const file_descriptor file(::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file.is_open() || !write_all(file.get(), 0, bytes)) {
        auto why = system_failure("write", unfinished);
        fs::remove(unfinished, failed);
        return why;
    }
    fs::rename(unfinished, path, failed);
    if (failed) return failure("rename", unfinished, failed);
    return {};
}

struct kept_file {
    std::time_t at = 0;
    std::uint64_t bytes = 0;
    fs::path path;
};

struct pruning {
    int erased = 0;
    std::uint64_t left = 0; // bytes
};

// Deletes what is older, then the oldest until the rest is no more than `most`. Another process may delete
// the same.
result<pruning> prune(const fs::path& folder, std::chrono::seconds older_than, std::uint64_t most) {
    pruning done;
    std::vector<kept_file> files;
    const auto now = ::time(nullptr);
    const auto conversations = entries_of(folder);
    if (!conversations) return std::unexpected(conversations.error());
    for (const auto& conversation : *conversations) {
        const auto entries = entries_of(conversation);
        if (!entries) return std::unexpected(entries.error());
        for (const auto& path : *entries) {
            struct ::stat seen{};
            if (::stat(path.c_str(), &seen) != 0) continue;
            if (now - seen.st_mtime >= older_than.count()) {
                if (::unlink(path.c_str()) == 0) ++done.erased;
            } else {
                files.push_back({seen.st_mtime, static_cast<std::uint64_t>(seen.st_size), path});
                done.left += files.back().bytes;
            }
        }
        ::rmdir(conversation.c_str()); // if it is empty
    }
    std::ranges::sort(files, {}, &kept_file::at);
    for (const auto& file : files) {
        if (done.left <= most) break;
        if (::unlink(file.path.c_str()) != 0) continue;
        done.left -= file.bytes;
        ++done.erased;
    }
    return done;
}

} // namespace

media_archive::media_archive(asio::thread_pool& files, fs::path folder, media_archive_settings settings)
    : files_(files),
      folder_(std::move(folder)),
      settings_(settings) {}

fs::path media_archive::folder_of(const conversation_id& conversation) const {
    return folder_ / conversation.text();
}

awaitable<void> media_archive::keep(conversation_id of, message_id message, std::size_t index,
                                    std::string file) {
    const auto extension = extension_of(sniff_audio(file));
    if (!is_on() || extension.empty()) co_return;
    auto path = folder_of(of) / fmt::format("{}-{}.{}", name_of(message), index, extension);
    bytes_ += file.size();
    auto work = [path = std::move(path), file = std::move(file)] { return write_file(path, file); };
    if (const auto done = co_await offload(files_, std::move(work)); !done)
        spdlog::error("[AUDIO] not kept: {} {}", printable(done.error().detail), of.text());
    if (bytes_ > settings_.most_bytes) co_await make_room();
}

awaitable<void> media_archive::erase(conversation_id of, message_id message) {
    co_await erase_named(of, name_of(message));
}

awaitable<void> media_archive::erase(conversation_id of, message_id message, std::size_t index) {
    co_await erase_named(of, fmt::format("{}-{}.", name_of(message), index));
}

awaitable<void> media_archive::erase_named(const conversation_id& of, std::string beginning) {
    if (!is_on()) co_return;
    auto work = [folder = folder_of(of), name = std::move(beginning)] { return erase_files(folder, name); };
    if (const auto done = co_await offload(files_, std::move(work)); !done)
        spdlog::error("[AUDIO] not deleted: {} {}", printable(done.error().detail), of.text());
}

awaitable<result<void>> media_archive::erase(conversation_id of) {
    auto work = [folder = folder_of(of)]() -> result<void> {
        std::error_code failed;
        fs::remove_all(folder, failed);
        if (failed) return failure("delete", folder, failed);
        return {};
    };
    co_return co_await offload(files_, std::move(work));
}

awaitable<void> media_archive::make_room() {
    // With some to spare, so that not every file is reason to look at all.
    auto work = [folder = folder_, settings = settings_] {
        return prune(folder, settings.kept, settings.most_bytes / 10 * 9);
    };
    const auto done = co_await offload(files_, std::move(work));
    if (!done) {
        spdlog::error("[AUDIO] old files are not deleted: {}", printable(done.error().detail));
        co_return;
    }
    bytes_ = done->left;
    if (done->erased > 0)
        spdlog::info("[AUDIO] {} kept files were old, or one too many: deleted", done->erased);
}

awaitable<void> media_archive::run() {
    for (;;) {
        co_await make_room();
        co_await sleep_for(std::chrono::hours(1));
    }
}

} // namespace atende
