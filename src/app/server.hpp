// The composition root: builds the parts, wires them, runs them, takes them down.
#pragma once

#include <atende/app/settings.hpp>

namespace atende {

// Serves until SIGTERM or SIGINT. Returns the process's exit code: 0 after a graceful stop.
int serve(const settings& configured);

} // namespace atende
