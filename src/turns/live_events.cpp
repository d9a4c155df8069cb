#include "turns/live_event_data.hpp"
#include "turns/live_events_state.hpp"
#include "turns/script_reply.hpp"
#include "turns/scripts.hpp"

#include <boost/asio/as_tuple.hpp>

#include <algorithm>
#include <atende/platform/log.hpp>
#include <atende/platform/unix_time.hpp>
#include <set>

namespace atende {
namespace {

using steady = std::chrono::steady_clock;

constexpr std::size_t most_queued = 4'096;
constexpr std::size_t audiences_before_a_look = 1'024;
constexpr auto delivered_known_for = std::chrono::hours(8 * 24);

bool is_piece(const progress& seen) {
    return seen.what == stage::content || seen.what == stage::rewritten;
}

} // namespace

live_events_state::live_events_state(asio::any_io_executor on, redis_client& client,
                                     live_events_settings with)
    : executor(std::move(on)),
      redis(client),
      settings(with),
      gathering(executor),
      written(executor),
      tasks(executor) {
    written.expires_at(steady::time_point::max()); // several may wait for it: it is only ever cancelled
}

bool live_events_state::is_watched(const conversation_id& conversation) {
    const auto found = audiences.find(conversation);
    if (found == audiences.end()) return false;
    if (!found->second.here.empty() || found->second.until > steady::now()) return true;
    audiences.erase(found);
    return false;
}

void live_events_state::queue(const progress& seen) {
    if (queued.size() >= most_queued) return; // Redis is away; the message itself makes up for a lost piece
    const auto same = [&seen](const progress& other) { return other.conversation == seen.conversation; };
    const auto last = std::find_if(queued.rbegin(), queued.rend(), same);
    if (seen.what == stage::content && last != queued.rend() && is_piece(*last)) {
        last->detail += seen.detail;
        return;
    }
    queued.push_back(seen);
    if (!is_piece(seen)) gathering.cancel();
    if (writing) return;
    writing = true;
    tasks.start("live events", write_queued());
}

awaitable<void> live_events_state::write_queued() {
    const auto self = shared_from_this();
    co_await asio::this_coro::throw_if_cancelled(false);
    while (!queued.empty()) {
        if (std::ranges::all_of(queued, is_piece) && !stopping) {
            gathering.expires_after(settings.gathering);
            co_await gathering.async_wait(asio::as_tuple(use_awaitable));
        }
        auto batch = std::exchange(queued, {});
        ++batches_begun;
        co_await write({std::make_move_iterator(batch.begin()), std::make_move_iterator(batch.end())});
        ++batches_written;
        written.cancel();
    }
    writing = false;
}

awaitable<bool> live_events_state::write(std::vector<progress> batch) {
    std::vector<redis_command> commands;
    std::set<conversation_id> concerned;
    for (const auto& seen : batch) {
        auto event = live_event_of(seen);
        if (!event) continue;
        commands.push_back({"XADD", conversation_keys(seen.conversation).live(), "MAXLEN", "~",
                            text(settings.events_kept), "*", "type", std::move(event->type), "data",
                            std::move(event->data)});
        concerned.insert(seen.conversation);
    }
    for (const auto& conversation : concerned)
        commands.push_back({"PEXPIRE", conversation_keys(conversation).live(), text(settings.kept_for)});
    const auto done = co_await redis.pipeline(commands);
    if (!done) {
        spdlog::debug("live events: {} not kept: {}", batch.size(), printable(done.error().detail));
        co_return false;
    }
    for (const auto& conversation : concerned) wake(conversation);
    co_return true;
}

void live_events_state::wake(const conversation_id& conversation) {
    const auto found = audiences.find(conversation);
    if (found == audiences.end()) return;
    for (auto* follower : found->second.here) {
        follower->stale = true;
        follower->changed.cancel();
    }
}

std::shared_ptr<live_follower::state> live_events_state::join(const conversation_id& conversation,
                                                              live_reader reader) {
    auto& here = audiences[conversation].here;
    const auto is_rival = [reader](const auto* other) { return other->reader == reader && other->has_place; };
    const auto rivals = static_cast<std::size_t>(std::ranges::count_if(here, is_rival));
    const bool is_customer = reader == live_reader::customer;
    const bool has_place = places_taken[reader] < settings.most_followers &&
                           rivals < (is_customer ? settings.most_of_customer : settings.most_of_shop);
    if (!has_place && !is_customer) return nullptr;
    auto made = std::make_shared<live_follower::state>(shared_from_this(), conversation, reader, has_place);
    here.push_back(made.get());
    ++followers;
    if (has_place) ++places_taken[reader];
    return made;
}

void live_events_state::leave(live_follower::state& follower) {
    auto& of_conversation = audiences[follower.who];
    std::erase(of_conversation.here, &follower);
    of_conversation.until = steady::now() + settings.watched_for;
    --followers;
    if (follower.has_place) --places_taken[follower.reader];
}

live_events::live_events(asio::any_io_executor executor, redis_client& redis, live_events_settings settings)
    : state_(std::make_shared<live_events_state>(std::move(executor), redis, settings)) {}

live_events::~live_events() = default;

void live_events::note(const progress& seen) {
    auto& s = *state_;
    if (seen.what == stage::begun && seen.watched && !s.stopping) {
        if (s.audiences.size() >= audiences_before_a_look)
            std::erase_if(s.audiences, [now = steady::now()](const auto& entry) {
                return entry.second.here.empty() && entry.second.until < now;
            });
        s.audiences[seen.conversation].until = steady::now() + s.settings.watched_for;
    }
    if (s.stopping || s.audiences.empty() || !s.is_watched(seen.conversation)) return;
    // What a web chat was sent, deliver() has written.
    if (seen.what == stage::sent && seen.conversation.platform == platform_kind::web) return;
    s.queue(seen);
}

awaitable<result<message_id>> live_events::deliver(conversation_id to, send_intent message) {
    const auto s = state_;
    // What was written of it comes before it.
    const auto before = s->queued.empty() ? s->batches_begun : s->batches_begun + 1;
    while (s->batches_written < before) {
        s->gathering.cancel();
        co_await s->written.async_wait(asio::as_tuple(use_awaitable));
    }
    message_id name(to.text() + "#" + std::to_string(message.id));
    const conversation_keys keys(to);
    auto event = *live_event_of({.conversation = to,
                                 .what = stage::sent,
                                 .at_ms = unix_ms_now(),
                                 .detail = std::move(message.text),
                                 .number = message.id});
    script_call call{.script = &scripts().deliver,
                     .keys = {keys.own(name), keys.live()},
                     .arguments =
                         list_of(text(milliseconds(delivered_known_for)), text(s->settings.events_kept),
                                 text(s->settings.kept_for), std::move(event.type), std::move(event.data))};
    const auto done = co_await s->redis.eval(std::move(call), s->settings.replicas);
    if (!done) co_return std::unexpected(done.error());
    s->wake(to);
    co_return name;
}

awaitable<void> live_events::stop() {
    const auto s = state_;
    s->stopping = true;
    s->gathering.cancel();
    for (const auto& [conversation, who] : s->audiences) s->wake(conversation);
    const auto deadline = steady::now() + std::chrono::seconds(1);
    while (s->followers > 0 && steady::now() < deadline) co_await sleep_for(std::chrono::milliseconds(2));
    co_await s->tasks.finish(std::chrono::seconds(1));
}

} // namespace atende
