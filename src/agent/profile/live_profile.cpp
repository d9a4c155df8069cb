#include "agent/profile/profile_files.hpp"

#include <algorithm>
#include <atende/agent/live_profile.hpp>
#include <atende/platform/log.hpp>
#include <optional>

namespace atende {
namespace {

constexpr int most_readings = 5;      // of a folder that changes while it is read
constexpr std::size_t most_told = 20; // problems in the log

// Nothing if the folder is as `known`. Watches before it looks, so that no change falls between.
std::optional<profile_reading> look(const folder_watch& watch, const live_profile_settings& settings,
                                    folder_stamp known) {
    watch.watch(watched_folders(settings.folder));
    if (known.settled && stamp_of(settings.folder).of_files == known.of_files) return std::nullopt;
    auto reading = read_profile(settings.folder, settings.use);
    for (int i = 1; i < most_readings && stamp_of(settings.folder).of_files != reading.stamp.of_files; ++i)
        reading = read_profile(settings.folder, settings.use);
    return reading;
}

std::string line_of(const profile_problem& problem) {
    return text_of(problem, language::english);
}

} // namespace

live_profile::live_profile(asio::any_io_executor executor, asio::thread_pool& files,
                           live_profile_settings settings, const profile_reading& first, taker take)
    : files_(files),
      settings_(std::move(settings)),
      take_(std::move(take)),
      serving_(first.read),
      stamp_(first.stamp),
      watch_(std::make_shared<folder_watch>(std::move(executor))) {}

awaitable<void> live_profile::run() {
    for (;;) {
        auto looking = [watch = watch_, settings = settings_, known = stamp_] {
            return look(*watch, settings, known);
        };
        try {
            if (auto reading = co_await offload(files_, std::move(looking))) consider(*std::move(reading));
        } catch (const std::exception& e) { // memory may be back before the next look
            stamp_ = {};
            refuse({{.file = "profile.yaml",
                     .line = 0,
                     .what = {std::string(e.what()), std::string(e.what())}}});
        }
        co_await watch_->changed(settings_.quiet, settings_.at_most);
    }
}

void live_profile::consider(profile_reading reading) {
    stamp_ = reading.stamp;
    if (!reading.read) return refuse(std::move(reading.problems));
    if (reading.read->version == serving_->version) {
        if (!refused_.empty()) spdlog::info("[PROFILE] {} is whole again", serving_->label({}));
        refused_.clear();
        return;
    }
    if (const auto taken = take_(reading.read); !taken) {
        return refuse(
            {{.file = "profile.yaml", .line = 0, .what = {taken.error().detail, taken.error().detail}}});
    }
    spdlog::info("[PROFILE] {} serves from the next turn on, instead of {}", reading.read->label({}),
                 serving_->label({}));
    serving_ = std::move(reading.read);
    refused_.clear();
}

void live_profile::refuse(std::vector<profile_problem> problems) {
    const bool told = std::ranges::equal(problems, refused_, {}, line_of, line_of);
    refused_ = std::move(problems);
    if (told) return;
    spdlog::error("[PROFILE] the changed files are refused, {} keeps serving; problems: {}",
                  serving_->label({}), refused_.size());
    for (std::size_t i = 0; i < refused_.size() && i < most_told; ++i)
        spdlog::error("[PROFILE] {}", printable(line_of(refused_[i]), 500));
}

} // namespace atende
