#include <atende/app/command_line.hpp>

// Read by jemalloc (https://jemalloc.net/jemalloc.3.html#tuning). One thread does nearly all the work.
extern "C" const char* malloc_conf;
const char* malloc_conf = "narenas:1";

int main(int argc, char** argv) {
    return atende::run_command_line(argc, argv);
}
