// What a voice note costs, by our pool or by starting the ffmpeg program. Prints one line of JSON.
#include "load/figures.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atende/voice/media_pool.hpp>
#include <fstream>
#include <iterator>
#include <spawn.h>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using bench::steady;

struct task {
    std::string program;
    std::string file;
    int rounds = 50;
    int at_once = 1;
};

struct outcome {
    bench::times latency;
    std::size_t wav_bytes = 0; // of the last one
};

std::chrono::microseconds cpu_of(int whom) {
    rusage used{};
    ::getrusage(whom, &used);
    return std::chrono::seconds(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           std::chrono::microseconds(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

// Ours and that of the children we waited for.
std::chrono::microseconds cpu_of_all() {
    return cpu_of(RUSAGE_SELF) + cpu_of(RUSAGE_CHILDREN);
}

atende::awaitable<void> convert_one(atende::media_pool& pool, const std::string& file, outcome& into,
                                    int& left) {
    const auto began = steady::now();
    const auto made = co_await pool.decode(file, {});
    into.latency.add(steady::now() - began);
    if (!made || made->verdict != atende::audio_verdict::good) throw std::runtime_error("not converted");
    into.wav_bytes = made->bytes.size();
    --left;
}

void rethrow(const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
}

// The processes are warm, as they are after the first voice note; their start counts into the CPU all the
// same.
outcome by_pool(const task& what) {
    boost::asio::io_context loop(1);
    atende::media_pool pool(loop.get_executor(), {.program = what.program});
    const std::string file{std::istreambuf_iterator<char>(std::ifstream(what.file, std::ios::binary).rdbuf()),
                           {}};
    outcome all;
    outcome warming;
    for (int round = -1; round < what.rounds; ++round) {
        int left = what.at_once;
        for (int i = 0; i < what.at_once; ++i)
            boost::asio::co_spawn(loop, convert_one(pool, file, round < 0 ? warming : all, left), rethrow);
        while (left > 0) loop.run_one();
        loop.restart();
    }
    bool stopped = false;
    boost::asio::co_spawn(loop, pool.stop(), [&](const std::exception_ptr&) { stopped = true; });
    while (!stopped) loop.run_one();
    return all;
}

struct ffmpeg_run {
    pid_t process = -1;
    int output = -1;
};

ffmpeg_run start_ffmpeg(const task& what) {
    std::array<std::string, 12> words{what.program, "-v",    "error", "-nostdin", "-i", what.file,
                                      "-ar",        "16000", "-ac",   "1",        "-f", "wav"};
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    std::string to_pipe = "pipe:1";
    arguments.push_back(to_pipe.data());
    arguments.push_back(nullptr);
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    ::fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    ffmpeg_run run{.output = ends[0]};
    const int failed =
        ::posix_spawnp(&run.process, arguments[0], &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (failed != 0) throw std::runtime_error("cannot start " + what.program);
    return run;
}

std::size_t read_output(const ffmpeg_run& run) {
    std::string wav;
    std::vector<char> piece(1 << 20);
    for (ssize_t count = 0; (count = ::read(run.output, piece.data(), piece.size())) > 0;)
        wav.append(piece.data(), static_cast<std::size_t>(count));
    ::close(run.output);
    int status = 0;
    ::waitpid(run.process, &status, 0);
    if (status != 0) throw std::runtime_error("ffmpeg failed");
    return wav.size();
}

outcome by_ffmpeg(const task& what) {
    outcome all;
    for (int round = 0; round < what.rounds; ++round) {
        const auto began = steady::now();
        std::vector<ffmpeg_run> runs;
        for (int i = 0; i < what.at_once; ++i) runs.push_back(start_ffmpeg(what));
        for (const auto& run : runs) {
            all.wav_bytes = read_output(run);
            all.latency.add(steady::now() - began);
        }
    }
    return all;
}

void run_command_line(int argc, char** argv) {
    CLI::App app("a voice note to WAV, for Atende's benchmark");
    app.require_subcommand(1);
    task what;
    app.add_option("--file", what.file)->required();
    app.add_option("--rounds", what.rounds);
    app.add_option("--at-once", what.at_once);
    auto* const pool = app.add_subcommand("pool", "by media_pool");
    auto* const ffmpeg = app.add_subcommand("ffmpeg", "by a process each");
    pool->add_option("--program", what.program, "atende-media")->required();
    ffmpeg->add_option("--program", what.program, "ffmpeg")->required();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        std::exit(app.exit(wrong));
    }
    const auto before = cpu_of_all();
    const outcome all = *pool ? by_pool(what) : by_ffmpeg(what);
    const double cpu_ms = static_cast<double>((cpu_of_all() - before).count()) / 1'000.0;
    fmt::print("{{\"cpu_ms\":{:.3f},\"wav_bytes\":{},{}}}\n",
               cpu_ms / static_cast<double>(all.latency.count()), all.wav_bytes, all.latency.json("latency"));
}

} // namespace

int main(int argc, char** argv) {
    try {
        run_command_line(argc, argv);
    } catch (const std::exception& failure) {
        fmt::print(stderr, "bench_audio: {}\n", failure.what());
        return 1;
    }
}
