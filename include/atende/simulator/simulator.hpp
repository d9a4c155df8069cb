// A customer's Instagram and Meta's servers, in the browser and in this process: try Atende with no account.
// No shortcut: what the page sends becomes a signed webhook POSTed to this server's own /webhook, and an
// answer is shown only once it has come through the Graph API client to the sandbox endpoint. Lives on the
// event loop's thread; state is in memory and bounded.
#pragma once

#include <atende/conversation/progress.hpp>
#include <atende/platform/http_client.hpp>
#include <atende/platform/http_server.hpp>
#include <atende/platform/token_gate.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

// The account every simulated contact writes to.
inline constexpr std::string_view simulator_account = "sim_shop";
// Below the server's own URL: what the Graph API client takes as its base URL for simulated contacts.
inline constexpr std::string_view sandbox_graph_path = "/sandbox/graph";

// Below it are the voice notes that were recorded on the page: the links in their webhooks lead there.
inline constexpr std::string_view sandbox_media_path = "/sandbox/media";

// What the page shows of the profile that serves.
struct simulated_shop {
    std::string profile;
    std::string profile_version;
    std::string agent_name;
    std::string model;                      // its name, or "offline"
    std::vector<std::string> refused;       // why the folder's newer files do not serve, a problem each
    std::vector<std::string> suggestions{}; // what the page offers to write
    std::vector<std::string> demo{};        // the customer's messages in the demonstration
};

struct simulator_settings {
    std::function<simulated_shop()> shop; // asked for each time the page wants to know
    std::string
        allowed_host;       // without an admin token: a Host accepted besides loopback names and IP literals
    std::string app_secret; // signs the webhooks
    std::string sandbox_access_token; // the bearer token the sandbox Graph endpoint accepts
    std::string api_version = "v25.0";
    std::chrono::milliseconds echo_delay{150}; // from an accepted send to its echo webhook
};

struct simulator_state;

class simulator {
public:
    // `http` must outlive finish(), `gate` the server. The gate's token is asked for on every page and API
    // route; where it has none they are open to whoever comes by a name that is ours.
    simulator(simulator_settings settings, http_client& http, token_gate& gate,
              asio::any_io_executor executor);
    ~simulator();
    simulator(const simulator&) = delete;
    simulator& operator=(const simulator&) = delete;

    [[nodiscard]] std::vector<http_route> routes() const;
    void add_routes(http_server& server) const;

    // Where this process serves /webhook ("http://127.0.0.1:8000"), known once it listens. Until then what
    // the page sends is answered 502.
    void set_self_url(std::string url);

    // A progress_sink: shows simulated conversations' progress on the page, ignores all others. Never throws.
    void watch(const progress& seen);

    // Ends every long poll at once and starts no further echo. Call before http_server::stop, or it waits for
    // them.
    void stop();

    // After stop(): waits up to `grace` for the echoes under way, then cancels them. Needed before
    // destruction.
    awaitable<void> finish(std::chrono::steady_clock::duration grace);

private:
    std::shared_ptr<simulator_state> state_;
};

} // namespace atende
