#include "app/application.hpp"

#include "app/part_settings.hpp"
#include "app/tool_set.hpp"

#include <boost/asio/this_coro.hpp>
#include <fmt/ranges.h>

#include <algorithm>
#include <atende/agent/leads/csv_lead_store.hpp>
#include <atende/agent/openai_model.hpp>
#include <atende/agent/script_model.hpp>
#include <atende/channels/instagram_channel.hpp>
#include <atende/channels/web_channel.hpp>
#include <atende/intake/replay.hpp>
#include <atende/platform/log.hpp>
#include <iterator>
#include <ranges>

namespace atende {
namespace {

constexpr auto redis_timeout = std::chrono::milliseconds(4'000);
constexpr auto turn_grace = std::chrono::seconds(8); // a send under way may take 15 s more; 25 s in all
constexpr auto http_grace = std::chrono::seconds(1);
constexpr auto longest_keeping = longest_listening + std::chrono::seconds(15); // its file is written then

std::string authority_of(std::string_view url) {
    const std::size_t scheme = url.find("//");
    if (scheme == std::string_view::npos) return {};
    const std::string_view rest = url.substr(scheme + 2);
    return std::string(rest.substr(0, rest.find('/')));
}

// Returns early when the task is cancelled, which then goes on all the same.
awaitable<void> wait_or_stop(std::chrono::milliseconds time) {
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto stop = co_await asio::this_coro::cancellation_state;
    if (stop.cancelled() == asio::cancellation_type::none) co_await sleep_for(time);
}

void warn_about_channels(const settings& configured, const profile& shop) {
    if (const auto problem = channel_problem(configured, shop))
        spdlog::warn("channels: {}", problem->in(language::english));
}

} // namespace

std::vector<sentence> serving_problems(const settings& configured, const profile& shop) {
    if (!configured.offline() || shop.script) return tool_problems(shop, configured);
    if (configured.dry_run)
        return {bilingual{"AI_DRY_RUN é true, e o perfil não tem script.yaml para tocar sem modelo",
                          "AI_DRY_RUN is true, and the profile has no script.yaml to play offline"}};
    return {bilingual{"falta OPENAI_API_KEY, e o perfil não tem script.yaml para tocar sem modelo",
                      "OPENAI_API_KEY is missing, and the profile has no script.yaml to play offline"}};
}

result<void> can_serve(const settings& configured, const profile& shop) {
    const auto problems = serving_problems(configured, shop);
    if (problems.empty()) return {};
    return fail(errc::invalid_input,
                fmt::format("{}", fmt::join(problems | std::views::transform(&sentence::english), "\n")));
}

application::application(const settings& configured, const profile_reading& shop,
                         asio::any_io_executor executor, redis_address redis_at)
    : settings_(configured),
      executor_(std::move(executor)),
      redis_(make_redis_client(executor_, std::move(redis_at), redis_timeout)),
      http_(make_curl_client(executor_, "atende/" ATENDE_VERSION)),
      app_secrets_(configured.app_secrets.empty() ? std::vector{random_token(32)} : configured.app_secrets),
      gate_(configured.admin_token, configured.admin_allow),
      simulator_(make_simulator()),
      live_events_(executor_, *redis_, {.replicas = configured.redis_wait_replicas}),
      ledger_(make_redis_lead_ledger(*redis_)),
      tool_cache_(executor_, *redis_, shop.read->name),
      mcp_(executor_, *http_, mcp_surroundings_of(configured), [this] { agent_.use_tools(all_tools()); }),
      knowledge_(executor_, http_.get(), knowledge_options_for(configured, *shop.read)),
      faq_counts_(*redis_, shop.read->name),
      own_tools_(tools_of(*shop.read)),
      agent_(shop.read, make_model(shop.read), own_tools_, configured.agent_name,
             configured.max_agent_input_characters, watcher(), {.base = &knowledge_, .counts = &faq_counts_},
             {.matters = [this](const auto& whom) { return speaking_.depends_on_scope(whom); }}),
      delivery_(make_real_channel()),
      media_(executor_, {.program = media_program_beside_this()}),
      media_archive_(unhurried_, configured.data_folder / "media", archive_settings(configured)),
      listener_(executor_, *http_, media_,
                transcriber(*http_, audio_api_of(configured), configured.transcription_model),
                listener_limits(configured)),
      listening_(
          executor_, configured.offline() ? nullptr : &listener_,
          {.platform = media_source_of(configured),
           .archive = media_archive_.is_on() ? &media_archive_ : nullptr,
           .note_heard =
               [this](const conversation_id& of, const message_id& message, std::size_t index,
                      const attachment& heard) { return store_.note_heard(of, message, index, heard); }},
          watcher()),
      audio_shelf_(*redis_, configured.audio_reply_kept),
      speech_(*http_, media_, audio_shelf_, speech_settings_for(configured)),
      speaking_(configured, speech_, delivery_, shop.read->voice),
      answering_(
          executor_, listening_, agent_, speaking_, delivery_,
          [this]() -> const profile& { return live_.serving(); },
          [this](conversation_id of, message_id id) { return fetch_content(std::move(of), std::move(id)); },
          memory_hooks()),
      store_(*redis_, store_settings(configured, *shop.read)),
      engine_(executor_, store_, answering_, engine_settings(configured), watcher()),
      live_(executor_, unhurried_, profile_settings(configured), shop,
            [this](const std::shared_ptr<const profile>& next) { return change_profile(next); }),
      desk_(desk_settings_of(*shop.read), store_, gathered(), page_watcher()),
      journal_(executor_, files_, journal_settings(configured)),
      spool_(executor_, files_, desk_, spool_settings(configured)),
      intake_(desk_, spool_, journal_, {.spool_after = configured.spool_after}),
      webhook_({.verify_token = configured.verify_token, .app_secrets = app_secrets_}, desk_, intake_),
      web_sessions_(*redis_, web_site_of(configured.web_chat_origins), store_.settings().idle_ttl),
      web_chat_(web_settings(configured), web_sessions_, desk_, live_events_),
      operator_store_(*redis_, store_.settings()),
      auditor_(*redis_, store_.settings()),
      background_(executor_),
      forgetting_(executor_),
      admin_(gate_, admin_parts()),
      knowledge_api_(gate_, configured.environment != app_environment::prod, knowledge_, faq_counts_),
      event_api_(gate_, operator_store_, live_events_),
      health_(settings_, *redis_, engine_, intake_, auditor_, knowledge_, live_),
      server_(executor_, {}) {}

// What happens to a webhook, before it is of a turn: the simulator's page alone shows that.
progress_sink application::page_watcher() {
    if (!simulator_) return {};
    return [this](const progress& seen) {
        if (is_simulated(seen.conversation.account)) simulator_->watch(seen);
    };
}

progress_sink application::watcher() {
    return [this, page = page_watcher()](const progress& seen) {
        if (page) page(seen);
        live_events_.note(seen);
    };
}

std::unique_ptr<simulator> application::make_simulator() {
    if (!settings_.simulator) return nullptr;
    simulator_settings options;
    options.shop = [this] { return shown_shop(); };
    options.allowed_host = authority_of(settings_.public_base_url);
    options.app_secret = app_secrets_.front();
    options.sandbox_access_token = sandbox_token_;
    options.api_version = settings_.graph_version;
    return std::make_unique<simulator>(std::move(options), *http_, gate_, executor_);
}

std::unique_ptr<channel> application::make_real_channel() {
    if (settings_.access_token.empty()) return nullptr;
    return make_instagram_channel(*http_, channel_settings(settings_));
}

std::shared_ptr<lead_store> application::make_lead_store(const profile& shop) {
    if (settings_.nocodb_table_url.empty())
        return make_csv_lead_store(settings_.data_folder / "leads.csv", shop.time_zone);
    nocodb_settings options{.table = *parse_nocodb_table_url(settings_.nocodb_table_url),
                            .api_token = settings_.nocodb_token};
    return make_nocodb_lead_store(*http_, *ledger_, std::move(options), shop.leads);
}

std::shared_ptr<model> application::make_model(const std::shared_ptr<const profile>& shop) {
    if (settings_.offline()) return make_script_model(shop, settings_.agent_name);
    return make_openai_model(*http_, {.base_url = settings_.openai_base_url,
                                      .api_key = settings_.openai_api_key,
                                      .model = model_name(settings_, *shop),
                                      .temperature = shop->model.temperature,
                                      .max_output_tokens = shop->model.max_output_tokens});
}

std::vector<std::shared_ptr<tool>> application::tools_of(const profile& shop) {
    return make_tools(shop, {.configured = settings_,
                             .http = *http_,
                             .cache = tool_cache_,
                             .leads = make_lead_store(shop),
                             .history = [this](conversation_id of) { return remembered(std::move(of)); }});
}

awaitable<result<std::vector<history_entry>>> application::remembered(conversation_id of) {
    auto seen = co_await operator_store_.show(std::move(of));
    if (!seen) co_return std::unexpected(std::move(seen.error()));
    if (!*seen) co_return std::vector<history_entry>{};
    auto& history = (*seen)->history;
    std::erase_if(history,
                  [&](const auto& entry) { return !may_be_told_to(store_.settings().profile, entry); });
    co_return std::move(history);
}

std::vector<std::shared_ptr<tool>> application::all_tools() {
    auto all = own_tools_;
    std::ranges::move(mcp_.tools(), std::back_inserter(all));
    return all;
}

// Turns that are being thought keep what they began with, down to the tools.
result<void> application::change_profile(const std::shared_ptr<const profile>& shop) {
    if (auto playable = can_serve(settings_, *shop); !playable) return playable;
    own_tools_ = tools_of(*shop);
    listening_.use(hints_of(*shop));
    mcp_.use(shop->mcp_servers);
    agent_.change(shop, make_model(shop), all_tools());
    knowledge_.change(knowledge_options_for(settings_, *shop).options);
    speaking_.change(shop->voice);
    store_.change(store_settings(settings_, *shop));
    auditor_.allow_wait(store_.settings().longest_wait);
    desk_.change(quiet_settings_of(settings_, *shop));
    warn_about_channels(settings_, *shop);
    return {};
}

simulated_shop application::shown_shop() const {
    const auto& shop = live_.serving();
    simulated_shop shown{.profile = shop.name,
                         .profile_version = shop.version_with(knowledge_.version()),
                         .agent_name =
                             settings_.agent_name.empty() ? shop.agents.front().name : settings_.agent_name,
                         .model = settings_.offline() ? "offline" : model_name(settings_, shop),
                         .refused = {},
                         .suggestions = shop.simulator.suggestions,
                         .demo = shop.simulator.demo};
    for (const auto& problem : live_.refused())
        shown.refused.push_back(text_of(problem, language::portuguese));
    return shown;
}

awaitable<result<customer_message>> application::fetch_content(conversation_id conversation, message_id id) {
    auto fetched =
        co_await fetch_instagram_message(*http_, channel_settings(settings_), conversation, std::move(id));
    if (!fetched || fetched->content_withheld) co_return fetched;
    if (const auto kept = co_await store_.note_content(conversation, *fetched); !kept)
        spdlog::warn("turn {}: what was fetched of a message is not kept: {}", conversation.text(),
                     printable(kept.error().detail));
    co_return fetched;
}

answering::memory_hooks application::memory_hooks() {
    return {.remember = [this](const turn& basis,
                               const contact_notes& notes) { return store_.remember(basis, notes); },
            .forget_elsewhere =
                [this](conversation_id conversation) { return forget_elsewhere(std::move(conversation)); }};
}

// What is kept beside the conversation itself, whether its contact or an operator asked.
awaitable<result<void>> application::forget_elsewhere(conversation_id conversation) {
    if (auto erased = co_await erase_kept(conversation); !erased) co_return erased;
    if (auto erased = co_await faq_counts_.erase(conversation); !erased) co_return erased;
    if (auto erased = co_await operator_store_.forget_events(conversation); !erased) co_return erased;
    forgetting_.start("forget", erase_again(std::move(conversation)));
    co_return result<void>{};
}

// What somebody, here or in another process, may be about to keep more of.
awaitable<result<void>> application::erase_kept(conversation_id conversation) {
    if (!co_await tool_cache_.erase(conversation))
        co_return fail(errc::unavailable, "what tools said of the contact could not be erased");
    co_return co_await media_archive_.erase(conversation);
}

// Whoever worked for the contact has ended then, or learned of it when the lease was renewed.
awaitable<void> application::erase_again(conversation_id conversation) {
    co_await wait_or_stop(std::max(settings_.lease, longest_keeping));
    if (const auto erased = co_await erase_kept(conversation); !erased)
        spdlog::error("{}: what came after it was forgotten is kept: {}", conversation.text(),
                      printable(erased.error().detail));
}

awaitable<result<bool>> application::forget(conversation_id conversation) {
    const auto done = co_await operator_store_.forget(conversation);
    if (!done) co_return std::unexpected(done.error());
    if (auto rest = co_await forget_elsewhere(conversation); !rest) co_return std::unexpected(rest.error());
    if (done->working) forgetting_.start("forget", forget_live_again(conversation));
    co_return done->known;
}

// The worker of a turn that was under way learns of it when it renews its lease; until then it may go on
// telling.
awaitable<void> application::forget_live_again(conversation_id conversation) {
    co_await wait_or_stop(settings_.lease);
    co_await operator_store_.forget_live(conversation);
}

event_desk::gathered_sink application::gathered() {
    return [this](const conversation_id& conversation, std::chrono::milliseconds due_in) {
        engine_.wake_in(conversation, due_in);
    };
}

event_desk_settings application::desk_settings_of(const profile& shop) {
    event_desk_settings options{.quiet = quiet_settings_of(settings_, shop)};
    options.waits_long = [this](const conversation_id& of, const customer_message& message) {
        if (live_.serving().answers_on(of.platform)) listening_.hear_early(of, message);
    };
    options.unsent = [this](conversation_id of, message_id message) {
        return take_back(std::move(of), std::move(message));
    };
    return options;
}

// What is kept of the message beside the conversation itself.
awaitable<void> application::take_back(conversation_id of, message_id message) {
    co_await media_archive_.erase(of, std::move(message));
    if (const auto done = co_await operator_store_.forget_live(of); !done) // it may quote the message
        spdlog::warn("live events of {} are kept: {}", of.text(), printable(done.error().detail));
}

awaitable<result<replay_report>> application::replay_journal(std::int64_t from_ms, std::int64_t until_ms) {
    const auto done = co_await replay(journal_settings(settings_).folder,
                                      {.from_ms = from_ms, .until_ms = until_ms}, desk_, files_);
    co_return replay_report{.webhooks = done.webhooks,
                            .events = done.events,
                            .duplicates = done.duplicates,
                            .handed_over = done.handed_over,
                            .unreadable = done.unreadable,
                            .reached_ms = done.reached_ms,
                            .cut_short = done.cut_short ? done.cut_short->detail : std::string()};
}

admin_api_parts application::admin_parts() {
    return {.turns = store_,
            .view = operator_store_,
            .audits = auditor_,
            .wake = gathered(),
            .running_turns = [this] { return engine_.running(); },
            .replay = [this](std::int64_t from, std::int64_t until) { return replay_journal(from, until); },
            .forget = [this](conversation_id conversation) { return forget(std::move(conversation)); }};
}

result<void> application::listen() {
    if (auto read = knowledge_.load(); !read) return read;
    webhook_.add_routes(server_);
    web_chat_.add_routes(server_);
    health_.add_routes(server_);
    admin_.add_routes(server_);
    knowledge_api_.add_routes(server_);
    event_api_.add_routes(server_);
    audio_shelf_.add_routes(server_);
    if (simulator_) simulator_->add_routes(server_);
    const auto port = server_.listen(settings_.host, settings_.port);
    if (!port) return std::unexpected(port.error());
    const std::string url = server_url(settings_, *port);
    listening_.use(hints_of(live_.serving()));
    if (simulator_) {
        simulator_->set_self_url(url);
        listening_.open_sandbox(url + std::string(sandbox_media_path) + "/");
        delivery_.open_sandbox(
            make_instagram_channel(*http_, {.base_url = url + std::string(sandbox_graph_path),
                                            .api_version = settings_.graph_version,
                                            .access_token = sandbox_token_,
                                            .account = {},
                                            .audio_base_url = audio_url(url),
                                            .simulated = true}));
    }
    if (const auto problem = speaking_problem(settings_))
        spdlog::warn("audio: {}", problem->in(language::english));
    warn_about_channels(settings_, live_.serving());
    delivery_.open_web(make_web_channel([this](conversation_id to, send_intent message) {
        return live_events_.deliver(std::move(to), std::move(message));
    }));
    mcp_.use(live_.serving().mcp_servers);
    knowledge_.start();
    engine_.start();
    background_.start("auditor", auditor_.run(settings_.audit_pass));
    background_.start("profile", live_.run());
    background_.start("media", media_archive_.run());
    journal_.start();
    spool_.start();
    spdlog::info("listening on {}{}", url, simulator_ ? " (open it in a browser to try the agent)" : "");
    return {};
}

awaitable<void> application::stop() {
    server_.stop_accepting();
    auditor_.stop();
    if (simulator_) simulator_->stop();
    spool_.stop_draining();
    co_await engine_.stop(
        turn_grace); // the server still serves: the sandbox of simulated sends is in this process
    co_await answering_.stop();
    co_await listening_.stop();
    co_await media_.stop();
    co_await background_.finish(std::chrono::seconds(0)); // from here on the profile does not change
    co_await live_events_.stop();
    co_await mcp_.stop();
    co_await tool_cache_.stop();
    co_await knowledge_.stop();
    if (simulator_) co_await simulator_->finish(http_grace);
    co_await server_.stop(http_grace);
    co_await forgetting_.finish(std::chrono::seconds(0)); // at once: nothing here keeps anything any more
    co_await spool_.finish();
    co_await journal_.stop();
}

} // namespace atende
