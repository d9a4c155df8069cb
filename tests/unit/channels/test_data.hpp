#pragma once

#include "support/test_paths.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace atende::test {

inline const std::filesystem::path instagram_data = std::filesystem::path(test_data) / "instagram";

// Empty if there is no such file.
inline std::string read_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// The names of all bodies with a golden rendering, without extension.
inline std::vector<std::string> golden_names() {
    std::vector<std::string> out;
    for (const auto& file : std::filesystem::directory_iterator(instagram_data / "expected")) {
        out.push_back(file.path().stem().string());
    }
    std::ranges::sort(out);
    return out;
}

inline std::string golden_body(const std::string& name) {
    return read_file(instagram_data / (name + ".json"));
}

} // namespace atende::test
