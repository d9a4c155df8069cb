// The parts of a running server, and how they are wired.
#pragma once

#include "app/answering.hpp"
#include "app/health.hpp"
#include "app/listening.hpp"
#include "app/speaking.hpp"

#include <boost/asio/thread_pool.hpp>

#include <atende/agent/agent.hpp>
#include <atende/agent/faq_counts.hpp>
#include <atende/agent/knowledge.hpp>
#include <atende/agent/leads/nocodb_lead_store.hpp>
#include <atende/agent/live_profile.hpp>
#include <atende/agent/mcp_client.hpp>
#include <atende/agent/model.hpp>
#include <atende/agent/profile.hpp>
#include <atende/agent/tool_cache.hpp>
#include <atende/app/settings.hpp>
#include <atende/channels/channel.hpp>
#include <atende/delivery/delivery.hpp>
#include <atende/intake/intake.hpp>
#include <atende/intake/web_chat.hpp>
#include <atende/intake/webhook.hpp>
#include <atende/people/admin_api.hpp>
#include <atende/people/event_api.hpp>
#include <atende/people/knowledge_api.hpp>
#include <atende/platform/crypto.hpp>
#include <atende/platform/redis_client.hpp>
#include <atende/platform/token_gate.hpp>
#include <atende/simulator/simulator.hpp>
#include <atende/turns/auditor.hpp>
#include <atende/turns/live_events.hpp>
#include <atende/turns/operator_store.hpp>
#include <atende/turns/turn_engine.hpp>
#include <atende/turns/turn_store.hpp>
#include <atende/turns/web_sessions.hpp>
#include <atende/voice/audio_shelf.hpp>
#include <atende/voice/listener.hpp>
#include <atende/voice/media_pool.hpp>
#include <atende/voice/speech.hpp>
#include <memory>
#include <string>
#include <vector>

namespace atende {

// Why this profile, right in itself, cannot serve with this configuration; a line each.
std::vector<sentence> serving_problems(const settings& configured, const profile& shop);
// The same for the log.
result<void> can_serve(const settings& configured, const profile& shop);

// Members are built in this order and destroyed in the reverse one.
class application {
public:
    // `configured` outlives it; can_serve() the profile that was read.
    application(const settings& configured, const profile_reading& shop, asio::any_io_executor executor,
                redis_address redis_at);

    result<void> listen();
    // Graceful: see docs/architecture.md, "SIGTERM". Before destruction, if it listened.
    awaitable<void> stop();

private:
    progress_sink page_watcher();
    progress_sink watcher();
    std::unique_ptr<simulator> make_simulator();
    std::unique_ptr<channel> make_real_channel();
    std::shared_ptr<lead_store> make_lead_store(const profile& shop);
    std::shared_ptr<model> make_model(const std::shared_ptr<const profile>& shop);
    std::vector<std::shared_ptr<tool>> tools_of(const profile& shop);
    awaitable<result<std::vector<history_entry>>> remembered(conversation_id of);
    std::vector<std::shared_ptr<tool>> all_tools();
    result<void> change_profile(const std::shared_ptr<const profile>& shop);
    [[nodiscard]] simulated_shop shown_shop() const;
    awaitable<result<customer_message>> fetch_content(conversation_id conversation, message_id id);
    answering::memory_hooks memory_hooks();
    awaitable<result<void>> forget_elsewhere(conversation_id conversation);
    awaitable<result<void>> erase_kept(conversation_id conversation);
    awaitable<void> erase_again(conversation_id conversation);
    awaitable<result<bool>> forget(conversation_id conversation);
    awaitable<void> forget_live_again(conversation_id conversation);
    event_desk::gathered_sink gathered();
    event_desk_settings desk_settings_of(const profile& shop);
    awaitable<void> take_back(conversation_id of, message_id message);
    awaitable<result<replay_report>> replay_journal(std::int64_t from_ms, std::int64_t until_ms);
    admin_api_parts admin_parts();

    const settings& settings_;
    asio::any_io_executor executor_;
    std::unique_ptr<redis_client> redis_;
    std::unique_ptr<http_client> http_;
    // Where the configuration has none, the simulator's webhooks are signed with a secret of this process.
    std::vector<std::string> app_secrets_;
    std::string sandbox_token_ = random_token();
    token_gate gate_;
    std::unique_ptr<simulator> simulator_;
    live_events live_events_;
    std::unique_ptr<lead_ledger> ledger_;
    tool_cache tool_cache_;
    mcp_servers mcp_;
    knowledge_base knowledge_;
    faq_counts faq_counts_;
    std::vector<std::shared_ptr<tool>> own_tools_; // of the profile that serves, but those of MCP servers
    agent agent_;
    delivery delivery_;
    media_pool media_;
    asio::thread_pool unhurried_{1}; // profiles, kept voice notes: nothing that webhooks wait for
    media_archive media_archive_;
    listener listener_;
    listening listening_;
    audio_shelf audio_shelf_;
    speech speech_;
    speaking speaking_;
    answering answering_;
    turn_store store_;
    turn_engine engine_;
    live_profile live_;
    asio::thread_pool files_{1}; // one thread: what is written in an order is on disk in that order
    event_desk desk_;
    webhook_journal journal_;
    webhook_spool spool_;
    intake intake_;
    webhook webhook_;
    web_sessions web_sessions_;
    web_chat web_chat_;
    operator_store operator_store_;
    auditor auditor_;
    task_group background_;
    task_group forgetting_;
    admin_api admin_;
    knowledge_api knowledge_api_;
    event_api event_api_;
    health health_;
    http_server server_;
};

} // namespace atende
