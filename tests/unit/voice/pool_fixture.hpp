// A real pool of real atende-media processes, and a look at them from outside.
#pragma once

#include "support/event_loop.hpp"
#include "support/speech.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atende/voice/media_pool.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace atende::test {

struct pool_fixture : testing::Test {
    ~pool_fixture() override { stop(); }

    void start(media_pool_options options = {}) {
        stop();
        if (options.program.empty()) options.program = program();
        pool = std::make_unique<media_pool>(loop.executor(), std::move(options));
    }

    void stop() {
        if (pool) loop.await(pool->stop());
        pool.reset();
    }

    // Beside the folder this test program is in.
    static std::string program() {
        return (std::filesystem::path(media_program_beside_this()).parent_path().parent_path() /
                "atende-media")
            .string();
    }

    result<converted_audio> decode(std::string file, audio_limits limits = {}) {
        return loop.await(pool->decode(std::move(file), limits), std::chrono::seconds(60));
    }

    // Under way until the loop ran long enough.
    std::shared_ptr<std::optional<result<converted_audio>>> begin_decoding(std::string file) {
        auto outcome = std::make_shared<std::optional<result<converted_audio>>>();
        asio::co_spawn(loop.executor(), keep(pool->decode(std::move(file), {}), outcome), asio::detached);
        return outcome;
    }

    // Processes of ours that are atende-media.
    static std::vector<pid_t> processes() {
        std::vector<pid_t> found;
        std::ifstream children("/proc/self/task/" + std::to_string(::getpid()) + "/children");
        for (pid_t child = 0; children >> child;) {
            std::string name;
            std::ifstream("/proc/" + std::to_string(child) + "/comm") >> name;
            if (name == "atende-media") found.push_back(child);
        }
        return found;
    }

    static awaitable<void> keep(awaitable<result<converted_audio>> work,
                                std::shared_ptr<std::optional<result<converted_audio>>> into) {
        *into = co_await std::move(work);
    }

    event_loop loop;
    sound_studio& studio = sound_studio::shared();
    std::unique_ptr<media_pool> pool;
};

} // namespace atende::test
