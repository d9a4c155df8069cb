// The operator's commands on the command line: which there are, and the call each becomes.
#pragma once

#include <atende/people/operator_client.hpp>
#include <atende/platform/language.hpp>
#include <memory>
#include <string>

namespace CLI {
class App; // NOLINT(readability-identifier-naming): theirs
}

namespace atende {

class operator_commands {
public:
    // Adds them to `program`, which must outlive this, with their help in `lang`.
    operator_commands(CLI::App& program, language lang);
    ~operator_commands();
    operator_commands(const operator_commands&) = delete;
    operator_commands& operator=(const operator_commands&) = delete;

    // After parsing: whether it was one of these.
    [[nodiscard]] bool parsed() const;
    // What to call; its url is empty unless it was given, its token is.
    [[nodiscard]] operator_call call() const;

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace atende
