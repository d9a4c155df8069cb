#include "bare/webhook_door.hpp"

int main() {
    boost::asio::io_context loop(1);
    bench::nothing_more nothing;
    bench::run_door(loop, nothing);
}
