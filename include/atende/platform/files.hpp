// What writing files takes beside a file_descriptor. Blocks: for worker threads, and for the start.
#pragma once

#include <atende/platform/result.hpp>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

namespace atende {

// What errno says: of the call just made.
std::string system_reason();

// unavailable: "<what> <path>: <reason>", of the call just made.
std::unexpected<error> system_failure(std::string_view what, const std::filesystem::path& path);

// All bytes, from `at` on. False, with errno, if some could not be written; others may have been.
bool write_all(int descriptor, std::uint64_t at, std::string_view bytes);

} // namespace atende
