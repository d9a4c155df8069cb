// A folder of knowledge on disk, and who reads it.
#pragma once

#include "support/event_loop.hpp"
#include "support/scratch_folder.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atende/agent/knowledge.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atende::test {

class knowledge_fixture : public ::testing::Test {
protected:
    event_loop loop;
    scratch_folder home;
    knowledge_options options;
    bool auto_reload = true;
    bool of_profile = false; // its own folder
    std::vector<std::unique_ptr<knowledge_base>> made;

    knowledge_fixture() { options.whole_up_to = 0; }
    ~knowledge_fixture() override {
        for (auto& base : made) loop.await(base->stop());
    }

    void write(const std::string& name, std::string_view text) const {
        const auto file = home.path() / "knowledge" / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << text;
    }

    knowledge_base& base(bool required = false) {
        made.push_back(std::make_unique<knowledge_base>(
            loop.executor(), nullptr,
            knowledge_settings{.folders = {{.path = home.path() / "knowledge",
                                            .required = required,
                                            .profile = of_profile ? home.path() : std::filesystem::path()}},
                               .options = options,
                               .auto_reload = auto_reload,
                               .watch_interval = std::chrono::milliseconds(20),
                               .embeddings = {}}));
        return *made.back();
    }
    knowledge_base& loaded() {
        auto& ready = base();
        const auto read = ready.load();
        EXPECT_TRUE(read) << read.error().detail;
        return ready;
    }
    std::vector<std::string> found(knowledge_base& in, std::string question, std::string before = {}) {
        std::vector<std::string> files;
        for (const auto& source : loop.await(in.look_up(std::move(question), std::move(before))).sources)
            files.push_back(fmt::format("{}:{}-{}", source.file, source.first_line, source.last_line));
        return files;
    }
};

} // namespace atende::test
