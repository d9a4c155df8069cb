// Commented beginnings, in Portuguese, that pass `atende check` as they are.
#pragma once

#include <atende/platform/language.hpp>
#include <expected>
#include <filesystem>
#include <string_view>
#include <vector>

namespace atende {

// The files written, or why none was. Nothing that is there is overwritten.
using written_files = std::expected<std::vector<std::filesystem::path>, sentence>;

// A whole profile in a folder that is not there yet.
written_files write_new_profile(const std::filesystem::path& folder);

// tools/<name>.yaml in the folder of a profile.
written_files write_new_tool(const std::filesystem::path& profile, std::string_view name);

} // namespace atende
