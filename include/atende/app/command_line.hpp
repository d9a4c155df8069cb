// The commands of the program.
#pragma once

namespace atende {

// Returns the process's exit code: 0 success, 1 it failed, 2 the configuration or the command line is wrong.
int run_command_line(int argc, char** argv);

} // namespace atende
