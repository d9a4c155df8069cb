#include <atende/app/command_line.hpp>

int main(int argc, char** argv) {
    return atende::run_command_line(argc, argv);
}
