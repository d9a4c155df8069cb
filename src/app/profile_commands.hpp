// check, new-profile and new-tool: for whoever writes a profile. No server is needed.
#pragma once

#include <atende/agent/profile.hpp>
#include <atende/app/settings.hpp>
#include <atende/platform/language.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace CLI {
class App; // NOLINT(readability-identifier-naming): theirs
}

namespace atende {

class profile_commands {
public:
    // Adds them to `program`, which must not outlive this.
    profile_commands(CLI::App& program, language lang);
    ~profile_commands();
    profile_commands(const profile_commands&) = delete;
    profile_commands& operator=(const profile_commands&) = delete;

    [[nodiscard]] bool parsed() const;
    // Runs the one that was given; `configured` has the profile where none is named. Returns the process's
    // exit code: 0 all is well, 1 the profile has problems, 2 there is no such profile or a name is taken.
    [[nodiscard]] int run(const settings& configured) const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

// Reads the profile and prints every problem on standard error, with its file as an editor can open it.
// Nothing, and a line that says so, if `folder` is no folder.
std::optional<profile_reading> read_for_command(const std::filesystem::path& folder, profile_use use,
                                                language lang);

// A profile as people name it: a folder, or one of profiles/.
std::filesystem::path profile_named(const std::string& name);

} // namespace atende
