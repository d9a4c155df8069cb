// Whole files, read and replaced on a worker thread.
#pragma once

#include <atende/platform/result.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace atende {

// Blocks. Nothing if there is no such file. Errors: unavailable, with the system's reason.
result<std::optional<std::string>> read_file(const std::filesystem::path& file);

// Blocks. Readable by its owner only; after a crash at any moment there is the old or the new file, never a
// mixture. Only one caller at a time for the same file. Errors: unavailable, with the system's reason; the
// old file is intact.
result<void> replace_file(const std::filesystem::path& file, std::string_view content);

} // namespace atende
