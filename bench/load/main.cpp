#include "load/conversations.hpp"
#include "load/webhook_load.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <exception>

namespace {

void run_command_line(int argc, char** argv) {
    CLI::App app("load for Atende's benchmark; prints one line of JSON");
    app.require_subcommand(1);
    std::string secret;
    unsigned short port = 0;
    app.add_option("--port", port, "of the server that is measured")->required();
    app.add_option("--secret", secret, "signs the webhooks")->required();

    bench::webhook_load webhooks;
    auto* const only_webhooks = app.add_subcommand("webhooks", "POST /webhook, nothing else");
    only_webhooks->add_option("--requests", webhooks.requests)->required();
    only_webhooks->add_option("--customers", webhooks.customers);
    only_webhooks->add_option("--connections", webhooks.connections);
    only_webhooks->add_option("--per-second", webhooks.per_second, "0: as fast as they are answered");

    bench::conversation_load bursts;
    int gap = 400;
    int window = 3'000;
    int model = 500;
    int seconds = 60;
    auto* const conversations =
        app.add_subcommand("conversations", "bursts, with the model and Graph played here");
    conversations->add_option("--upstream-port", bursts.upstream_port, "where the model and Graph are played")
        ->required();
    conversations->add_option("--customers", bursts.customers);
    conversations->add_option("--per-second", bursts.per_second);
    conversations->add_option("--messages", bursts.messages);
    conversations->add_option("--gap-ms", gap);
    conversations->add_option("--window-ms", window);
    conversations->add_option("--model-ms", model);
    conversations->add_option("--at-most-s", seconds);
    conversations->add_option("--tell-open", bursts.tell_open);

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& wrong) {
        std::exit(app.exit(wrong));
    }
    webhooks.port = bursts.port = port;
    webhooks.app_secret = bursts.app_secret = secret;
    bursts.gap = std::chrono::milliseconds(gap);
    bursts.window = std::chrono::milliseconds(window);
    bursts.model_time = std::chrono::milliseconds(model);
    bursts.at_most = std::chrono::seconds(seconds);
    fmt::print("{}\n", *only_webhooks ? bench::run(webhooks) : bench::run(bursts));
}

} // namespace

int main(int argc, char** argv) {
    try {
        run_command_line(argc, argv);
    } catch (const std::exception& failure) {
        fmt::print(stderr, "bench_load: {}\n", failure.what());
        return 1;
    }
}
