// Files of webhook records in a folder, named after the time they were begun. Everything here blocks: for the
// worker pool, and for the start.
#pragma once

#include <atende/platform/file_descriptor.hpp>
#include <atende/platform/result.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

struct record_file {
    std::filesystem::path path;
    std::int64_t begun_ms = 0; // Unix
    std::uint64_t bytes = 0;
};

// When the UTC day ends in which it was begun, and the journal begins the next one.
std::int64_t day_end_ms(const record_file& file);

// "2026-10-14": the UTC day of a time.
std::string utc_day(std::int64_t unix_ms);

// Oldest first; what has another kind of name is not ours. A folder that does not exist is empty.
std::vector<record_file> list_record_files(const std::filesystem::path& folder);

// An open record file is locked by its process: nobody else takes it over or deletes it.
struct open_record_file {
    record_file what;
    file_descriptor descriptor;
};

// New and empty, mode 0600, named after `at_ms` or the next free millisecond; makes the folder. Its name is
// on disk when this returns.
result<open_record_file> create_record_file(const std::filesystem::path& folder, std::int64_t at_ms);

// One that an ended process left, with the size it has now that nobody writes to it any more; unavailable
// while another still holds it, or once another has deleted it.
result<open_record_file> adopt_record_file(record_file what);

enum class durability { page_cache, disk };

struct append_outcome {
    std::string problem;     // empty: all bytes are in the file
    bool continuable = true; // the file ends where it ended before; false: write to it no more
};

// Writes at `at`, the end of the file. What was written of bytes that did not all fit is cut off again.
append_outcome append_bytes(int descriptor, std::uint64_t at, std::string_view bytes, durability how);

// From `from` to `until`, or as much of it as there is.
result<std::string> read_bytes(int descriptor, std::uint64_t from, std::uint64_t until);
result<std::string> read_whole(const std::filesystem::path& path);

// Deletes, oldest first, those whose last possible day ended before `oldest_kept_ms`, and those beyond
// `most_bytes` in all; none that a process holds.
void prune_record_files(const std::filesystem::path& folder, std::int64_t oldest_kept_ms,
                        std::uint64_t most_bytes);

} // namespace atende
