#include "turns/live_events_state.hpp"
#include "turns/script_reply.hpp"

#include <boost/asio/as_tuple.hpp>

#include <algorithm>
#include <atende/turns/live_events.hpp>
#include <charconv>

namespace atende {
namespace {

using steady = std::chrono::steady_clock;

constexpr int most_events_at_once = 200;

struct stream_id {
    std::uint64_t ms = 0;
    std::uint64_t sequence = 0;
    friend auto operator<=>(const stream_id&, const stream_id&) = default;
};

// "1763741702123-0"; the second half may be left out, as Redis allows.
std::optional<stream_id> stream_id_of(std::string_view text) {
    stream_id id;
    const char* const end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, id.ms);
    if (first.ec != std::errc{}) return std::nullopt;
    if (first.ptr == end) return id;
    if (*first.ptr != '-') return std::nullopt;
    const auto second = std::from_chars(first.ptr + 1, end, id.sequence);
    if (second.ec != std::errc{} || second.ptr != end) return std::nullopt;
    return id;
}

std::string text_of(const stream_id& id) {
    return std::to_string(id.ms) + "-" + std::to_string(id.sequence);
}

live_event event_in(const redis_reply& entry) {
    live_event event{.id = item(entry, 0).text, .type = {}, .data = {}};
    const auto& fields = item(entry, 1).items;
    for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
        if (fields[i].text == "type") event.type = fields[i + 1].text;
        if (fields[i].text == "data") event.data = fields[i + 1].text;
    }
    return event;
}

} // namespace

redis_command watch_command(const conversation_keys& keys, const live_events_settings& settings) {
    return {"SET", keys.watched(), "1", "PX", text(settings.watched_for)};
}

live_follower::state::state(std::shared_ptr<live_events_state> of, conversation_id conversation,
                            live_reader reader, bool has_place)
    : events(std::move(of)),
      who(std::move(conversation)),
      keys(who),
      reader(reader),
      has_place(has_place),
      renew_at(steady::now() + events->settings.watched_for / 4),
      changed(events->executor) {}

live_follower::~live_follower() {
    state_->events->leave(*state_);
}

const std::string& live_follower::position() const {
    return state_->last;
}

bool live_follower::resumed() const {
    return state_->resumed;
}

awaitable<std::optional<std::vector<live_event>>> live_follower::next(std::chrono::milliseconds patience) {
    const auto s = state_;
    const auto& settings = s->events->settings;
    const auto deadline = steady::now() + patience;
    if (std::exchange(s->missed, false)) {
        co_return std::vector{live_event{
            .type = "status",
            .data =
                R"({"type":"status","stage":"missed","content":"Parte da conversa não está mais guardada."})"}};
    }
    while (!s->events->stopping) {
        s->stale = false;
        std::vector<redis_command> commands{
            {"XRANGE", s->keys.live(), "(" + s->last, "+", "COUNT", text(most_events_at_once)}};
        if (steady::now() >= s->renew_at) {
            s->renew_at = steady::now() + settings.watched_for / 4;
            commands.push_back(watch_command(s->keys, settings));
        }
        const auto replies = co_await s->events->redis.pipeline(commands);
        std::vector<live_event> events;
        if (replies) {
            for (const auto& entry : replies->front().items) events.push_back(event_in(entry));
        }
        if (!events.empty()) {
            s->last = events.back().id;
            co_return events;
        }
        if (!s->has_place) break;
        if (steady::now() >= deadline) co_return events;
        s->changed.expires_at(std::min(deadline, steady::now() + settings.poll));
        if (!s->stale) co_await s->changed.async_wait(asio::as_tuple(use_awaitable));
    }
    co_return std::nullopt;
}

awaitable<result<std::shared_ptr<live_follower>>> live_events::follow(conversation_id conversation,
                                                                      std::string after, live_reader reader) {
    const auto s = state_;
    const auto from = after.empty() ? std::optional<stream_id>(stream_id{}) : stream_id_of(after);
    if (!from) co_return fail(errc::invalid_input, "Last-Event-ID: expected the id of an event, or 0");
    const auto made = s->stopping ? nullptr : s->join(conversation, reader);
    if (!made) co_return fail(errc::rejected, "too many streams are open");
    auto follower = std::make_shared<live_follower>(made); // from here on it leaves by itself

    auto watch = watch_command(made->keys, s->settings);
    watch.emplace_back("GET"); // whether anybody followed until now
    std::vector<redis_command> commands{std::move(watch)};
    if (after.empty()) {
        commands.push_back({"XREVRANGE", made->keys.live(), "+", "-", "COUNT", "1"});
    } else {
        commands.push_back({"XRANGE", made->keys.live(), "-", "+", "COUNT", "1"});
    }
    const auto replies = co_await s->redis.pipeline(commands);
    if (!replies) co_return std::unexpected(replies.error());
    for (const auto& reply : *replies) {
        if (reply.what == redis_reply::kind::error) co_return fail(errc::rejected, reply.text);
    }
    const std::string found = item(item(replies->back(), 0), 0).text;
    if (after.empty()) {
        if (!found.empty()) made->last = found;
        co_return follower;
    }
    made->last = text_of(*from);
    made->resumed = *from != stream_id{};
    // Of a web chat everything is kept, of others what happens while somebody follows.
    const bool may_lack =
        made->who.platform != platform_kind::web && replies->front().what == redis_reply::kind::nil;
    made->missed =
        made->resumed && (may_lack || found.empty() || *from < stream_id_of(found).value_or(stream_id{}));
    co_return follower;
}

} // namespace atende
