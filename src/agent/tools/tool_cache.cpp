#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/agent/tool_cache.hpp>
#include <atende/platform/crypto.hpp>
#include <atende/platform/json.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/scope_exit.hpp>
#include <atende/platform/text.hpp>
#include <atende/platform/time_limit.hpp>
#include <exception>
#include <optional>
#include <string_view>

namespace atende {

namespace embedded {
extern const std::string_view cache_look_lua, cache_keep_lua, cache_forget_lua, cache_erase_lua;
}

namespace {

using steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds lock_slack{250}; // for keeping what was got
constexpr milliseconds first_pause{10};
constexpr milliseconds longest_pause{200};

std::string digest_of(const cache_terms& terms, const nlohmann::json& arguments,
                      const conversation_id& asker) {
    // A text of JSON, so that no part can be mistaken for another. The keys of an object are in order.
    const auto owner = terms.personal ? asker.text() : asker.account.value;
    const nlohmann::json all{terms.version, owner, arguments};
    return sha256_base64url(json_text(all), 16);
}

script_call call_of(const redis_script& script, std::vector<std::string> keys,
                    std::vector<std::string> arguments) {
    return {.script = &script, .keys = std::move(keys), .arguments = std::move(arguments)};
}

} // namespace

// One thing being asked for, by this process. Callers who are cancelled leave; it goes on for the others.
struct tool_cache::flight {
    keys at;
    std::shared_ptr<tool> source;
    cache_terms terms;
    nlohmann::json arguments;
    tool_context context;
    asio::steady_timer landed;
    std::optional<std::string> text;
    bool forgotten = false; // what comes of it is not kept

    [[nodiscard]] call_report& report() const { return *context.report; }
    void land(std::string with) {
        if (!text) text = std::move(with);
        landed.cancel();
    }
};

class tool_cache::cached_tool final : public tool {
public:
    cached_tool(tool_cache& cache, std::shared_ptr<tool> source, cache_terms terms)
        : cache_(cache),
          source_(std::move(source)),
          terms_(std::move(terms)) {}

    [[nodiscard]] const std::string& name() const override { return source_->name(); }
    [[nodiscard]] const std::string& description() const override { return source_->description(); }
    [[nodiscard]] const nlohmann::json& parameters() const override { return source_->parameters(); }
    [[nodiscard]] bool has_effect() const override { return source_->has_effect(); }
    // Waiting for one who dies, and then asking.
    [[nodiscard]] milliseconds time_limit() const override {
        return 2 * source_->time_limit() + 2 * lock_slack;
    }

    awaitable<std::string> call(nlohmann::json arguments, tool_context context) override {
        const auto report = context.report;
        const auto at = cache_.keys_of(name(), terms_, arguments, context.conversation);
        const auto one = cache_.join(at, source_, terms_, std::move(arguments), std::move(context));
        while (!one->text) co_await one->landed.async_wait(asio::as_tuple(use_awaitable));
        if (report) *report = one->report();
        co_return *one->text;
    }

private:
    tool_cache& cache_;
    std::shared_ptr<tool> source_;
    cache_terms terms_;
};

class tool_cache::invalidating_tool final : public tool {
public:
    invalidating_tool(tool_cache& cache, std::shared_ptr<tool> source, std::vector<std::string> patterns)
        : cache_(cache),
          source_(std::move(source)),
          patterns_(std::move(patterns)) {}

    [[nodiscard]] const std::string& name() const override { return source_->name(); }
    [[nodiscard]] const std::string& description() const override { return source_->description(); }
    [[nodiscard]] const nlohmann::json& parameters() const override { return source_->parameters(); }
    [[nodiscard]] bool has_effect() const override { return source_->has_effect(); }
    [[nodiscard]] milliseconds time_limit() const override { return source_->time_limit() + 2 * lock_slack; }

    awaitable<std::string> call(nlohmann::json arguments, tool_context context) override {
        std::string text;
        std::exception_ptr thrown;
        try {
            text = co_await source_->call(std::move(arguments), std::move(context));
        } catch (...) { // cancelled: what it asked for may be on its way
            thrown = std::current_exception();
        }
        co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
        if (!co_await cache_.forget(patterns_)) {
            spdlog::warn("[TOOL] {}: the cache could not be told; it may give old results until they expire",
                         name());
        }
        if (thrown) std::rethrow_exception(thrown);
        co_return text;
    }

private:
    tool_cache& cache_;
    std::shared_ptr<tool> source_;
    std::vector<std::string> patterns_;
};

tool_cache::tool_cache(asio::any_io_executor executor, redis_client& redis, std::string space)
    : executor_(executor),
      redis_(redis),
      space_("atende:{tools:" + percent_encoded(space) + "}:"),
      look_(std::string(embedded::cache_look_lua)),
      keep_(std::string(embedded::cache_keep_lua)),
      forget_(std::string(embedded::cache_forget_lua)),
      erase_(std::string(embedded::cache_erase_lua)),
      tasks_(std::move(executor)) {}

tool_cache::~tool_cache() = default;

std::shared_ptr<tool> tool_cache::cached(std::shared_ptr<tool> source, cache_terms terms) {
    return std::make_shared<cached_tool>(*this, std::move(source), std::move(terms));
}

std::shared_ptr<tool> tool_cache::invalidating(std::shared_ptr<tool> source,
                                               std::vector<std::string> patterns) {
    return std::make_shared<invalidating_tool>(*this, std::move(source), std::move(patterns));
}

awaitable<void> tool_cache::stop() {
    return tasks_.finish(std::chrono::seconds(0));
}

tool_cache::keys tool_cache::keys_of(const std::string& tool, const cache_terms& terms,
                                     const nlohmann::json& arguments, const conversation_id& asker) const {
    const auto digest = digest_of(terms, arguments, asker);
    return {.entry = space_ + "result:" + tool + ":" + digest,
            .lock = space_ + "asking:" + tool + ":" + digest,
            .generations = space_ + "generations",
            .contact = terms.personal ? contact_key(asker) : std::string()};
}

std::string tool_cache::contact_key(const conversation_id& contact) const {
    return space_ + "contact:" + contact.text();
}

std::shared_ptr<tool_cache::flight> tool_cache::join(const keys& at, const std::shared_ptr<tool>& source,
                                                     const cache_terms& terms, nlohmann::json arguments,
                                                     tool_context context) {
    if (const auto found = flights_.find(at.entry); found != flights_.end()) return found->second;
    context.report = std::make_shared<call_report>();
    auto one =
        std::make_shared<flight>(flight{.at = at,
                                        .source = source,
                                        .terms = terms,
                                        .arguments = std::move(arguments),
                                        .context = std::move(context),
                                        .landed = asio::steady_timer(executor_, steady::time_point::max()),
                                        .text = {},
                                        .forgotten = false});
    flights_.emplace(at.entry, one);
    tasks_.start("tool " + source->name(), fly(one));
    return one;
}

awaitable<void> tool_cache::fly(std::shared_ptr<flight> one) {
    const scope_exit landed([this, &one] { // also when the task is cancelled
        const auto found = flights_.find(one->at.entry);
        if (found != flights_.end() && found->second == one) flights_.erase(found);
        one->land("ERRO: " + one->source->name() + ": falha interna");
    });
    const auto token = random_token();
    const auto limit = one->source->time_limit();
    std::vector keys{one->at.entry, one->at.lock, one->at.generations};
    if (!one->at.contact.empty()) keys.push_back(one->at.contact);
    const auto patience = steady::now() + limit + lock_slack;
    for (auto pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
        auto look =
            call_of(look_, keys, {one->source->name(), token, std::to_string((limit + lock_slack).count())});
        const auto seen = co_await redis_.eval(std::move(look));
        const auto said = seen && !seen->items.empty() ? seen->items[0].text : std::string();
        if (said == "known") {
            one->report().from = call_report::source::cache;
            one->land(seen->items.at(1).text);
            co_return;
        }
        if (said == "wait" && steady::now() < patience) {
            co_await sleep_for(pause);
            continue;
        }
        auto got = co_await within(limit, one->source->call(one->arguments, one->context));
        if (!got) one->report().service_failed = true;
        auto text = std::move(got).value_or("ERRO: " + one->source->name() + ": tempo esgotado");
        std::vector<std::string> kept{one->source->name(), token};
        if (text.starts_with("SUCESSO") && !one->forgotten) {
            const auto generation = said == "ask" ? seen->items.at(1).text : std::string();
            kept.insert(kept.end(), {generation, text, std::to_string(one->terms.ttl.count()),
                                     std::to_string(one->terms.stale.count())});
        } else if (one->report().service_failed && said == "ask" && seen->items.size() > 2 &&
                   seen->items[2].what == redis_reply::kind::text) {
            one->report().from = call_report::source::outdated_cache;
            text = seen->items[2].text;
        }
        // Before anybody hears of it: who is told may ask again at once.
        if (said == "ask") {
            auto keep = call_of(keep_, keys, std::move(kept));
            const auto done = co_await redis_.eval(std::move(keep));
            if (!done) spdlog::warn("[TOOL] {}: not cached: {}", one->source->name(), done.error().detail);
        }
        one->land(std::move(text));
        co_return;
    }
}

awaitable<bool> tool_cache::erase(conversation_id conversation) {
    // One that waits for another replica would only ask after this.
    std::erase_if(flights_, [at = contact_key(conversation)](const auto& entry) {
        if (entry.second->at.contact == at) entry.second->forgotten = true;
        return entry.second->forgotten;
    });
    auto call = call_of(erase_, {contact_key(conversation)}, {});
    const auto done = co_await redis_.eval(std::move(call));
    co_return done.has_value();
}

awaitable<bool> tool_cache::forget(std::vector<std::string> patterns) {
    // Who asks from now on must not join a flight that began before.
    flights_.clear();
    auto call = call_of(forget_, {space_ + "generations"}, std::move(patterns));
    const auto done = co_await redis_.eval(std::move(call));
    // Nor one that began while Redis was being told.
    flights_.clear();
    co_return done.has_value();
}

} // namespace atende
