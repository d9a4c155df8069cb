// The tools of a folder, as a profile's files hold them.
#pragma once

#include "agent/profile/profile_files.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace atende::test {

inline profile_files tool_files(const std::filesystem::path& folder) {
    profile_files files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        std::ifstream file(entry.path());
        files.texts["tools/" + entry.path().filename().string()] = {std::istreambuf_iterator<char>(file), {}};
    }
    return files;
}

} // namespace atende::test
