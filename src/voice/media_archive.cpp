#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atende/platform/crypto.hpp>
#include <atende/platform/file_descriptor.hpp>
#include <atende/platform/files.hpp>
#include <atende/platform/log.hpp>
#include <atende/voice/audio_container.hpp>
#include <atende/voice/media_archive.hpp>
#include <ctime>
#include <string_view>
#include <utility>

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
    const auto digest = sha256(message.value);
    return to_hex({reinterpret_cast<const char*>(digest.data()), 12});
}

std::unexpected<error> failure(std::string_view what, const fs::path& path, const std::error_code& why) {
    return fail(errc::unavailable, fmt::format("{} {}: {}", what, path.string(), why.message()));
}

// In the place of a message's files, for whoever is about to write one.
constexpr std::string_view taken_back = ".gone";
constexpr std::time_t taken_back_known_s = 3'600;

result<void> erase_files(const fs::path& folder, const std::string& name) {
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed) return failure("create", folder, failed);
    const auto mark = folder / (name + std::string(taken_back));
    const file_descriptor marked(::open(mark.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!marked.is_open()) return system_failure("write", mark);
    for (const auto& entry : fs::directory_iterator(folder, failed)) {
        const auto file = entry.path().filename().string();
        if (!file.starts_with(name) || file.ends_with(taken_back)) continue;
        if (!fs::remove(entry.path(), failed) && failed) return failure("delete", entry.path(), failed);
    }
    return {};
}

result<void> write_file(const fs::path& path, const std::string& name, std::string_view bytes) {
    std::error_code failed;
    fs::create_directories(path.parent_path(), failed);
    if (failed) return failure("create", path.parent_path(), failed);
    const fs::path unfinished = path.string() + ".part";
    const file_descriptor file(::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!file.is_open() || !write_all(file.get(), 0, bytes)) return system_failure("write", unfinished);
    fs::rename(unfinished, path, failed);
    if (failed) return failure("rename", unfinished, failed);
    if (fs::exists(path.parent_path() / (name + std::string(taken_back)), failed))
        return erase_files(path.parent_path(), name);
    return {};
}

// Returns how many. Another process may delete the same.
int erase_older(const fs::path& folder, std::chrono::seconds than) {
    int erased = 0;
    std::error_code failed;
    const auto now = ::time(nullptr);
    for (const auto& conversation : fs::directory_iterator(folder, failed)) {
        for (const auto& file : fs::directory_iterator(conversation.path(), failed)) {
            struct ::stat seen{};
            const bool is_mark = file.path().extension() == taken_back;
            const auto time = is_mark ? taken_back_known_s : std::time_t{than.count()};
            if (::stat(file.path().c_str(), &seen) != 0 || now - seen.st_mtime < time) continue;
            if (fs::remove(file.path(), failed) && !is_mark) ++erased;
        }
        ::rmdir(conversation.path().c_str()); // if it is empty
    }
    return erased;
}

} // namespace

media_archive::media_archive(asio::thread_pool& files, fs::path folder, std::chrono::seconds kept)
    : files_(files),
      folder_(std::move(folder)),
      kept_(kept) {}

fs::path media_archive::folder_of(const conversation_id& conversation) const {
    return folder_ / conversation.text();
}

awaitable<void> media_archive::keep(conversation_id of, message_id message, std::size_t index,
                                    std::string file) {
    const auto extension = extension_of(sniff_audio(file));
    if (!is_on() || extension.empty()) co_return;
    auto name = name_of(message);
    auto path = folder_of(of) / fmt::format("{}-{}.{}", name, index, extension);
    auto work = [path = std::move(path), name = std::move(name), file = std::move(file)] {
        return write_file(path, name, file);
    };
    if (const auto done = co_await offload(files_, std::move(work)); !done)
        spdlog::error("[AUDIO] not kept: {} {}", printable(done.error().detail), of.text());
}

awaitable<void> media_archive::erase(conversation_id of, message_id message) {
    if (!is_on()) co_return;
    auto work = [folder = folder_of(of), name = name_of(message)] { return erase_files(folder, name); };
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

awaitable<void> media_archive::run() {
    for (;;) {
        auto work = [folder = folder_, kept = kept_] { return erase_older(folder, kept); };
        if (const int erased = co_await offload(files_, std::move(work)))
            spdlog::info("[AUDIO] {} files are past their time and deleted", erased);
        co_await sleep_for(std::chrono::hours(1));
    }
}

} // namespace atende
