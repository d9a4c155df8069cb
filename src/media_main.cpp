// atende-media: started by the server, converts audio in a sandbox. Of no use by hand.
#include "media/av.hpp"
#include "media/job_loop.hpp"
#include "media/sandbox.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <atende/voice/media_protocol.hpp>
#include <cstdio>
#include <ctime>

namespace {

bool is_pipe(int descriptor) {
    struct stat about{};
    return ::fstat(descriptor, &about) == 0 && S_ISFIFO(about.st_mode);
}

} // namespace

int main() {
    if (!is_pipe(STDIN_FILENO) || !is_pipe(STDOUT_FILENO)) {
        std::fputs("atende-media converts audio for atende, which starts it\n", stderr);
        return 2;
    }
    av_log_set_callback(nullptr); // it would write to standard error
    ::tzset();                    // the date of a recording is made with a file that cannot be opened later
    if (const auto inside = atende::enter_sandbox(); !inside) {
        std::fprintf(stderr, "atende-media: no sandbox, so no audio: %s\n", inside.error().detail.c_str());
        return atende::media_exit_no_sandbox;
    }
    atende::serve_conversions();
    ::_exit(0);
}
