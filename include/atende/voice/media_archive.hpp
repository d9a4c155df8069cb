// Customers' voice notes as files, for a shop that wants to hear them itself: <folder>/<conversation>/<name>.
// Without a retention there are none. Processes that share the folder share the files; from another folder
// nothing is erased.
#pragma once

#include <atende/conversation/ids.hpp>
#include <atende/platform/async.hpp>
#include <atende/platform/result.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

namespace atende {

struct media_archive_settings {
    std::chrono::seconds kept{0};                      // then deleted; 0: nothing is kept
    std::uint64_t most_bytes = std::uint64_t(1) << 30; // of all files; the oldest go first
};

class media_archive {
public:
    // `files`, where it reads and writes, must outlive it.
    media_archive(asio::thread_pool& files, std::filesystem::path folder, media_archive_settings settings);

    [[nodiscard]] bool is_on() const { return settings_.kept.count() > 0; }

    // The `index`-th file of this message, readable by its owner only; nothing if it is of no kind we know.
    // That it cannot be written is logged, and no reason to stop anything.
    awaitable<void> keep(conversation_id of, message_id message, std::size_t index, std::string file);

    // Of a message that was taken back, or is not there any more. A file that cannot be deleted is logged.
    awaitable<void> erase(conversation_id of, message_id message);
    // Its `index`-th file alone.
    awaitable<void> erase(conversation_id of, message_id message, std::size_t index);
    // Of a contact who is forgotten. unavailable, if a file cannot be deleted.
    awaitable<result<void>> erase(conversation_id of);

    // Deletes what is too old or too much, at once and then every hour, until it is cancelled.
    awaitable<void> run();

private:
    [[nodiscard]] std::filesystem::path folder_of(const conversation_id& conversation) const;
    awaitable<void> erase_named(const conversation_id& of, std::string beginning);
    awaitable<void> make_room();

    asio::thread_pool& files_;
    std::filesystem::path folder_;
    media_archive_settings settings_;
    std::uint64_t bytes_ = 0; // about: other processes write and delete, too
};

} // namespace atende
