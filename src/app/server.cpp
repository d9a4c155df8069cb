#include "app/server.hpp"

#include "app/answering.hpp"
#include "app/health.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/this_coro.hpp>
#include <sys/resource.h>

#include <atende/agent/agent.hpp>
#include <atende/agent/leads/csv_lead_store.hpp>
#include <atende/agent/leads/lead_tool.hpp>
#include <atende/agent/leads/nocodb_lead_store.hpp>
#include <atende/agent/live_profile.hpp>
#include <atende/agent/openai_model.hpp>
#include <atende/agent/profile.hpp>
#include <atende/agent/script_model.hpp>
#include <atende/channels/instagram_channel.hpp>
#include <atende/delivery/delivery.hpp>
#include <atende/intake/intake.hpp>
#include <atende/intake/replay.hpp>
#include <atende/intake/webhook.hpp>
#include <atende/people/admin_api.hpp>
#include <atende/platform/crypto.hpp>
#include <atende/platform/private_redis.hpp>
#include <atende/simulator/simulator.hpp>
#include <atende/turns/auditor.hpp>
#include <atende/turns/operator_store.hpp>
#include <csignal>

namespace atende {
namespace {

constexpr auto redis_timeout = std::chrono::milliseconds(4'000);
constexpr auto turn_grace = std::chrono::seconds(8); // a send under way may take 15 s more; 25 s in all
constexpr auto http_grace = std::chrono::seconds(1);

instagram_settings real_channel(const settings& s) {
    return {.base_url = s.graph_base_url,
            .api_version = s.graph_version,
            .access_token = s.access_token,
            .account = s.account_id};
}

std::string host_of(std::string_view url) {
    const std::size_t scheme = url.find("//");
    if (scheme == std::string_view::npos) return {};
    const std::string_view rest = url.substr(scheme + 2);
    return std::string(rest.substr(0, rest.find('/')));
}

std::uint64_t megabytes(int count) {
    return static_cast<std::uint64_t>(count) << 20U;
}

turn_store_settings store_settings(const settings& s, const profile& shop) {
    turn_store_settings out;
    out.longest_wait = s.debounce_max;
    out.lease = s.lease;
    out.replicas = s.redis_wait_replicas;
    out.look_for_uncertain = s.send_verdict / 12;
    out.human_pause = s.human_pause;
    out.breaker_pause = std::max(out.breaker_pause, s.human_pause);
    out.echo_hold = s.echo_hold;
    out.most_answers_in_ten_minutes = s.max_answers_in_ten_minutes;
    out.most_answers_in_a_day = s.max_answers_in_a_day;
    out.most_rapid_turns = s.max_rapid_turns;
    out.automation_texts = shop.people.automatic_texts;
    out.pause_words = shop.people.pause_words;
    out.resume_words = shop.people.resume_words;
    // Trimmed by messages here and by turns when it is read: enough for turns of seven messages each, and for
    // one burst.
    out.history_length = shop.limits.history_turns == 0
                             ? 0
                             : std::max(shop.limits.history_turns * 8, 2 * (out.most_messages + 1));
    out.history_ttl = std::chrono::duration_cast<milliseconds>(shop.limits.history_age);
    out.idle_ttl = std::max(out.idle_ttl, out.history_ttl); // what is remembered needs its counters
    return out;
}

profile_use use_of(const settings& s) {
    return s.offline() ? profile_use::serve_offline : profile_use::serve;
}

result<void> can_serve(const settings& s, const profile& shop) {
    if (!s.offline() || shop.script) return {};
    return fail(errc::invalid_input,
                s.dry_run ? "AI_DRY_RUN is true, and the profile has no script.yaml to play offline"
                          : "OPENAI_API_KEY is missing, and the profile has no script.yaml to play offline");
}

// Members are built in this order and destroyed in the reverse one.
class application {
public:
    application(const settings& configured, const profile_reading& shop, asio::any_io_executor executor,
                redis_address redis_at);

    result<void> listen();
    awaitable<void> stop();

private:
    progress_sink watcher();
    std::unique_ptr<simulator> make_simulator();
    std::unique_ptr<channel> make_real_channel();
    std::unique_ptr<lead_store> make_lead_store(const profile& shop);
    std::vector<std::shared_ptr<tool>> make_tools(const profile& shop);
    std::shared_ptr<model> make_model(const std::shared_ptr<const profile>& shop);
    result<void> change_profile(const std::shared_ptr<const profile>& shop);
    [[nodiscard]] simulated_shop shown_shop() const;
    answering::content_fetcher content_fetcher();
    [[nodiscard]] turn_engine_settings engine_options() const;
    [[nodiscard]] event_desk_settings desk_options() const;
    [[nodiscard]] live_profile_settings profile_options() const;
    [[nodiscard]] webhook_journal_settings journal_options() const;
    [[nodiscard]] webhook_spool_settings spool_options() const;
    event_desk::gathered_sink gathered();
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
    std::unique_ptr<lead_ledger> ledger_;
    agent agent_;
    delivery delivery_;
    answering answering_;
    turn_store store_;
    turn_engine engine_;
    asio::thread_pool compiling_{1}; // profiles: nothing that customers wait for
    live_profile live_;
    asio::thread_pool files_{1}; // one thread: what is written in an order is on disk in that order
    event_desk desk_;
    webhook_journal journal_;
    webhook_spool spool_;
    intake intake_;
    webhook webhook_;
    operator_store operator_store_;
    auditor auditor_;
    task_group background_;
    admin_api admin_;
    health health_;
    http_server server_;
};

application::application(const settings& configured, const profile_reading& shop,
                         asio::any_io_executor executor, redis_address redis_at)
    : settings_(configured),
      executor_(std::move(executor)),
      redis_(make_redis_client(executor_, std::move(redis_at), redis_timeout)),
      http_(make_curl_client(executor_, "atende/" ATENDE_VERSION)),
      app_secrets_(configured.app_secrets.empty() ? std::vector{random_token(32)} : configured.app_secrets),
      gate_(configured.admin_token, configured.admin_allow),
      simulator_(make_simulator()),
      ledger_(make_redis_lead_ledger(*redis_)),
      agent_(shop.read, make_model(shop.read), make_tools(*shop.read), configured.agent_name,
             configured.max_agent_input_characters, watcher()),
      delivery_(make_real_channel()),
      answering_(executor_, agent_, delivery_, content_fetcher()),
      store_(*redis_, store_settings(configured, *shop.read)),
      engine_(executor_, store_, answering_, engine_options(), watcher()),
      live_(executor_, compiling_, profile_options(), shop,
            [this](const std::shared_ptr<const profile>& next) { return change_profile(next); }),
      desk_(desk_options(), store_, gathered(), watcher()),
      journal_(executor_, files_, journal_options()),
      spool_(executor_, files_, desk_, spool_options()),
      intake_(desk_, spool_, journal_, {.spool_after = configured.spool_after}),
      webhook_({.verify_token = configured.verify_token, .app_secrets = app_secrets_}, desk_, intake_),
      operator_store_(*redis_, store_.settings()),
      auditor_(*redis_, store_.settings()),
      background_(executor_),
      admin_(gate_, admin_parts()),
      health_(settings_, *redis_, engine_, intake_, auditor_, live_),
      server_(executor_, {}) {}

progress_sink application::watcher() {
    if (!simulator_) return {};
    return [this](const progress& seen) {
        if (is_simulated(seen.conversation.account)) simulator_->watch(seen);
    };
}

std::unique_ptr<simulator> application::make_simulator() {
    if (!settings_.simulator) return nullptr;
    simulator_settings options;
    options.shop = [this] { return shown_shop(); };
    options.model_label = settings_.offline() ? "offline" : settings_.agent_model;
    options.allowed_host = host_of(settings_.public_base_url);
    options.app_secret = app_secrets_.front();
    options.sandbox_access_token = sandbox_token_;
    options.api_version = settings_.graph_version;
    return std::make_unique<simulator>(std::move(options), *http_, gate_, executor_);
}

std::unique_ptr<channel> application::make_real_channel() {
    if (settings_.access_token.empty()) return nullptr;
    return make_instagram_channel(*http_, real_channel(settings_));
}

std::unique_ptr<lead_store> application::make_lead_store(const profile& shop) {
    if (settings_.nocodb_table_url.empty())
        return make_csv_lead_store(settings_.data_folder / "leads.csv", shop.time_zone);
    nocodb_settings options{.table = *parse_nocodb_table_url(settings_.nocodb_table_url),
                            .api_token = settings_.nocodb_token};
    return make_nocodb_lead_store(*http_, *ledger_, std::move(options), shop.leads);
}

std::vector<std::shared_ptr<tool>> application::make_tools(const profile& shop) {
    struct leads {
        std::unique_ptr<lead_store> store;
        std::shared_ptr<tool> save;
    };
    // The store lives as long as the tool: turns keep the tools that they began with.
    auto both = std::make_shared<leads>(leads{.store = make_lead_store(shop), .save = nullptr});
    both->save = make_lead_tool(shop.leads, *both->store);
    return {std::shared_ptr<tool>(both, both->save.get())};
}

std::shared_ptr<model> application::make_model(const std::shared_ptr<const profile>& shop) {
    if (settings_.offline()) return make_script_model(shop, settings_.agent_name);
    return make_openai_model(*http_, {.base_url = settings_.openai_base_url,
                                      .api_key = settings_.openai_api_key,
                                      .model = settings_.agent_model,
                                      .temperature = shop->model.temperature,
                                      .max_output_tokens = shop->model.max_output_tokens});
}

result<void> application::change_profile(const std::shared_ptr<const profile>& shop) {
    if (auto playable = can_serve(settings_, *shop); !playable) return playable;
    agent_.change(shop, make_model(shop), make_tools(*shop));
    store_.change(store_settings(settings_, *shop));
    return {};
}

simulated_shop application::shown_shop() const {
    const auto& shop = live_.serving();
    simulated_shop shown{.profile = shop.name,
                         .profile_version = shop.version,
                         .agent_name = settings_.agent_name.empty() ? shop.agent_name : settings_.agent_name,
                         .refused = {}};
    for (const auto& problem : live_.refused())
        shown.refused.push_back(text_of(problem, language::portuguese));
    return shown;
}

answering::content_fetcher application::content_fetcher() {
    return [this](conversation_id conversation, message_id id) {
        return fetch_instagram_message(*http_, real_channel(settings_), std::move(conversation),
                                       std::move(id));
    };
}

turn_engine_settings application::engine_options() const {
    turn_engine_settings options;
    options.verdict_after = settings_.send_verdict;
    return options;
}

event_desk_settings application::desk_options() const {
    event_desk_settings options;
    options.quiet.fixed = settings_.debounce;
    return options;
}

live_profile_settings application::profile_options() const {
    return {.folder = settings_.profile_folder, .use = use_of(settings_)};
}

webhook_journal_settings application::journal_options() const {
    return {.folder = settings_.data_folder / "journal", .most_bytes = megabytes(settings_.journal_max_mb)};
}

webhook_spool_settings application::spool_options() const {
    return {.folder = settings_.data_folder / "spool", .most_bytes = megabytes(settings_.spool_max_mb)};
}

event_desk::gathered_sink application::gathered() {
    return [this](const conversation_id& conversation, std::chrono::milliseconds due_in) {
        engine_.wake_in(conversation, due_in);
    };
}

awaitable<result<replay_report>> application::replay_journal(std::int64_t from_ms, std::int64_t until_ms) {
    const auto done =
        co_await replay(journal_options().folder, {.from_ms = from_ms, .until_ms = until_ms}, desk_, files_);
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
            .replay = [this](std::int64_t from, std::int64_t until) { return replay_journal(from, until); }};
}

result<void> application::listen() {
    webhook_.add_routes(server_);
    health_.add_routes(server_);
    admin_.add_routes(server_);
    if (simulator_) simulator_->add_routes(server_);
    const auto port = server_.listen(settings_.host, settings_.port);
    if (!port) return std::unexpected(port.error());
    const std::string url = server_url(settings_, *port);
    if (simulator_) {
        simulator_->set_self_url(url);
        delivery_.open_sandbox(
            make_instagram_channel(*http_, {.base_url = url + std::string(sandbox_graph_path),
                                            .api_version = settings_.graph_version,
                                            .access_token = sandbox_token_,
                                            .account = {},
                                            .simulated = true}));
    }
    engine_.start();
    background_.start("auditor", auditor_.run(settings_.audit_pass));
    background_.start("profile", live_.run());
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
    co_await background_.finish(std::chrono::seconds(0));
    if (simulator_) co_await simulator_->finish(http_grace);
    co_await server_.stop(http_grace);
    co_await spool_.finish();
    co_await journal_.stop();
}

struct redis_choice {
    std::unique_ptr<private_redis> own;
    redis_address at;
};

result<redis_choice> choose_redis(const settings& s, const asio::any_io_executor& executor) {
    if (!s.redis_url.empty()) {
        auto at = parse_redis_url(s.redis_url);
        if (!at) return std::unexpected(std::move(at.error()));
        return redis_choice{.own = nullptr, .at = *std::move(at)};
    }
    auto own = start_private_redis(executor, s.data_folder / "redis");
    if (!own) return std::unexpected(std::move(own.error()));
    redis_address at = (*own)->address();
    return redis_choice{.own = *std::move(own), .at = std::move(at)};
}

awaitable<void> run_until_signal(application& app) {
    asio::signal_set signals(co_await asio::this_coro::executor, SIGTERM, SIGINT);
    const auto [failed, number] = co_await signals.async_wait(asio::as_tuple(use_awaitable));
    spdlog::info("stopping on signal {}", number);
    co_await app.stop();
    spdlog::info("stopped");
}

// The usual soft limit of 1,024 descriptors is less than the connections this server may hold.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

int complain(std::string_view problem) {
    spdlog::critical("{}", problem);
    return 1;
}

int run(const settings& configured, const profile_reading& shop, asio::io_context& loop,
        redis_address redis_at) {
    application app(configured, shop, loop.get_executor(), std::move(redis_at));
    if (const auto listening = app.listen(); !listening) return complain(listening.error().detail);
    int exit_code = 1;
    auto ended = [&loop, &exit_code](const std::exception_ptr& failure) {
        exit_code = failure ? 1 : 0;
        loop.stop();
    };
    asio::co_spawn(loop, run_until_signal(app), std::move(ended));
    loop.run();
    return exit_code;
}

} // namespace

int serve(const settings& configured) {
    start_log(configured.log_level, configured.log_as);
    raise_descriptor_limit();
    const auto shop = read_profile(configured.profile_folder, use_of(configured));
    for (const auto& problem : shop.problems)
        spdlog::critical("[PROFILE] {}", printable(text_of(problem, language::english), 500));
    if (!shop.read) return 1;
    if (const auto playable = can_serve(configured, *shop.read); !playable)
        return complain(playable.error().detail);
    asio::io_context loop(1);
    std::error_code failed;
    std::filesystem::create_directories(configured.data_folder, failed);
    if (failed)
        return complain("DATA_DIR " + configured.data_folder.string() +
                        " cannot be created: " + failed.message());
    auto redis = choose_redis(configured, loop.get_executor());
    if (!redis) return complain(redis.error().detail);

    flush_log_with([&loop](std::function<void()> flush) { asio::post(loop, std::move(flush)); });
    const int exit_code = run(configured, shop, loop, std::move(redis->at));
    if (redis->own) { // last: everything else has let go of it
        asio::co_spawn(loop, redis->own->stop(), [&loop](const std::exception_ptr&) { loop.stop(); });
        loop.restart();
        loop.run();
    }
    flush_log_with({});
    return exit_code;
}

} // namespace atende
