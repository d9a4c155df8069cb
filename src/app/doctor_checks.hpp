// What `atende doctor` tries, one thing each. Every call ends within 10 s, the audio reader's within 20 s,
// those to MCP servers within a minute.
#pragma once

#include <atende/agent/profile.hpp>
#include <atende/app/settings.hpp>
#include <atende/platform/async.hpp>
#include <atende/platform/http_client.hpp>
#include <string>
#include <string_view>

namespace atende {

struct finding {
    enum class state { good, unused, wrong };
    state is = state::good;
    sentence what{std::string(), std::string()}; // if it is wrong: what to do
};

finding good(sentence what);
finding good(const std::string& what);
finding unused(sentence what);
finding wrong(sentence what);
finding unreachable(const std::string& what, const std::string& why);

// The shop's own: doctor_shop.cpp.
struct known_files {
    finding found;
    std::string version; // empty if there is nothing, or if it cannot be read
};
// `shop` is right.
known_files check_knowledge(const settings& configured, const profile_reading& shop);
// `known`: the version of its knowledge.
finding check_profile(const settings& configured, const profile_reading& shop, std::string_view known);
finding check_channels(const settings& configured, const profile& shop);
awaitable<finding> check_leads(const settings& configured, const profile& shop, http_client& http);
awaitable<finding> check_mcp_server(const settings& configured, mcp_server_spec server, http_client& http);

// The machine's, the model's and Meta's: doctor_checks.cpp.
finding check_data_folder(const settings& configured);
awaitable<finding> check_redis(const settings& configured, asio::any_io_executor executor);
awaitable<finding> check_media_program(asio::any_io_executor executor);
// Whether the model's server knows it, and takes the key.
awaitable<finding> check_model(const settings& configured, const std::string& model, http_client& http);
awaitable<finding> check_embeddings(const settings& configured, http_client& http);
awaitable<finding> check_spoken_answers(const settings& configured, http_client& http);
// PUBLIC_BASE_URL, as Meta would use it: its handshake, and a signed webhook without events.
awaitable<finding> check_webhook(const settings& configured, http_client& http);
awaitable<finding> check_instagram_account(const settings& configured, http_client& http);
awaitable<finding> check_instagram_subscription(const settings& configured, http_client& http);

} // namespace atende
