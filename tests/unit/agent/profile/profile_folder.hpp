// A profile on disk that a test writes.
#pragma once

#include "support/scratch_folder.hpp"

#include <algorithm>
#include <atende/agent/profile.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace atende::test {

inline constexpr const char* good_profile_yaml = R"(agent_name: Lia
time_zone: America/Sao_Paulo
context: "{{weekday}} {{shop}}"
texts: {one_moment: a, fallback: "{{shop}}", unsupported: c, too_long_note: d}
model: {temperature: 0.2}
limits: {rounds: 3, turn_seconds: 60}
leads: {required: [name, phone], columns: {name: Nome}}
variables: {shop: Loja}
)";

class profile_folder {
public:
    profile_folder() { std::filesystem::create_directories(path()); }

    // One level down, so that profiles/shared can be beside it.
    [[nodiscard]] std::filesystem::path path() const { return scratch_.path() / "loja"; }

    void write(const std::string& name, const std::string& text) const {
        const auto file = path() / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << text;
    }
    void write_good() const {
        write("profile.yaml", good_profile_yaml);
        write("prompt.md", "Você é {{agent_name}} da {{shop}}.");
    }

    [[nodiscard]] profile_reading read(profile_use use = profile_use::check) const {
        return read_profile(path(), use);
    }
    // A line each.
    [[nodiscard]] std::vector<std::string> problems(language lang = language::english) const {
        std::vector<std::string> lines;
        for (const auto& problem : read().problems) lines.push_back(text_of(problem, lang));
        return lines;
    }

private:
    scratch_folder scratch_;
};

} // namespace atende::test
