// A profile's files as they were at one moment. Everything that a profile is made of is read here, once, and
// parsed from memory, so that what is checked, hashed and served is the same. Without knowledge/, which
// knowledge_base reads, and which has a version of its own.
#pragma once

#include "agent/profile/problem_list.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

enum class eval_files { read, skip }; // the server has no use for them

struct profile_files {
    // By path below the profile's folder with '/' ("tools/estoque.yaml"); shared parts as
    // "../shared/parts/<name>.md". UTF-8 without byte order mark, lines end in "\n".
    std::map<std::string, std::string> texts;

    [[nodiscard]] const std::string* find(const std::string& file) const;
    // Those below a folder ("tools/"), by path.
    [[nodiscard]] std::vector<std::string> below(std::string_view folder) const;
    // Of everything here that shapes an answer: 12 hexadecimal digits. Evals do not.
    [[nodiscard]] std::string version() const;
};

// Hidden, or what an editor or Windows leaves behind: no part of a profile, and no mistake.
bool is_set_aside(std::string_view name);

// A file that cannot be read, is too large, not UTF-8 or a link out of the profile and its shared parts is a
// problem; so is a name that looks like a misspelt one, or has an ending that its folder has no use for.
// Blocks.
profile_files read_profile_files(const std::filesystem::path& folder, eval_files evals,
                                 problem_list& problems);

// Blocks, reads no file.
folder_stamp stamp_of(const std::filesystem::path& folder);

// The folders whose files make the profile, and those in which it, or its shared parts, would appear. Blocks.
std::vector<std::filesystem::path> watched_folders(const std::filesystem::path& folder);

} // namespace atende
