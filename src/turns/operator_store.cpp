#include "turns/keys.hpp"
#include "turns/notes_codec.hpp"
#include "turns/operator_records.hpp"
#include "turns/record_codec.hpp"
#include "turns/script_reply.hpp"
#include "turns/scripts.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/turns/operator_store.hpp>
#include <map>
#include <unordered_set>

namespace atende {
namespace {

constexpr std::size_t page_size = 200;   // conversations asked for in one round trip
constexpr std::size_t scan_step = 1'000; // keys Redis looks at in one SCAN: well below a millisecond

redis_command scan(std::string cursor, std::string pattern, std::size_t step = scan_step) {
    return {"SCAN", std::move(cursor), "MATCH", std::move(pattern), "COUNT", std::to_string(step)};
}

script_call operator_call(const redis_script& script, const conversation_id& conversation,
                          std::vector<std::string> arguments) {
    const conversation_keys keys(conversation);
    arguments.insert(arguments.begin(), keys.member());
    return {.script = &script, .keys = keys.all(), .arguments = std::move(arguments)};
}

// "<what> <variant> <profile>" and its number.
void add_figure(std::map<std::pair<std::string, std::string>, variant_figures>& into, std::string_view field,
                std::int64_t count) {
    const auto first = field.find(' ');
    const auto second = field.find(' ', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) return;
    const std::string variant(field.substr(first + 1, second - first - 1));
    const std::string profile(field.substr(second + 1));
    auto& figures = into[{profile, variant}];
    figures.profile = profile;
    figures.variant = variant;
    const auto what = field.substr(0, first);
    if (what == "turns") figures.turns += count;
    if (what == "conversations") figures.conversations += count;
    if (what == "leads") figures.leads += count;
}

} // namespace

operator_store::operator_store(redis_client& redis, turn_store_settings settings)
    : redis_(redis),
      settings_(std::move(settings)) {}

awaitable<result<std::vector<redis_reply>>> operator_store::all(std::vector<redis_command> commands) {
    auto replies = co_await redis_.pipeline(commands);
    if (!replies) co_return std::unexpected(replies.error());
    for (const auto& reply : *replies) {
        if (reply.what == redis_reply::kind::error) co_return fail(errc::rejected, reply.text);
    }
    co_return std::move(*replies);
}

awaitable<result<store_counts>> operator_store::counts() {
    auto time = co_await redis_.command({"TIME"});
    if (!time) co_return std::unexpected(time.error());
    store_counts counts{.now_ms = redis_time_ms(*time)};
    std::vector<redis_command> commands;
    for (int shard = 0; shard < shard_count; ++shard) {
        const std::string prefix = shard_prefix(shard);
        commands.push_back({"ZCARD", prefix + "due"});
        commands.push_back({"ZCOUNT", prefix + "due", "-inf", text(counts.now_ms)});
        commands.push_back({"ZRANGE", prefix + "due", "0", "0", "WITHSCORES"});
        commands.push_back({"ZCARD", prefix + "ambiguous"});
        commands.push_back({"ZCARD", prefix + "missing"});
        commands.push_back({"HLEN", prefix + "dead"});
    }
    const auto replies = co_await all(std::move(commands));
    if (!replies) co_return std::unexpected(replies.error());
    for (std::size_t i = 0; i + 5 < replies->size(); i += 6) {
        counts.due += (*replies)[i].integer;
        counts.overdue += (*replies)[i + 1].integer;
        if (const auto& first = (*replies)[i + 2]; first.items.size() == 2) {
            counts.oldest_overdue_ms =
                std::max(counts.oldest_overdue_ms, counts.now_ms - number(first.items[1]));
        }
        counts.ambiguous += (*replies)[i + 3].integer;
        counts.missing += (*replies)[i + 4].integer;
        counts.dead += (*replies)[i + 5].integer;
    }
    co_return counts;
}

awaitable<result<std::vector<variant_figures>>> operator_store::variants() {
    std::vector<redis_command> commands;
    for (int shard = 0; shard < shard_count; ++shard)
        commands.push_back({"HGETALL", shard_prefix(shard) + "variants"});
    const auto replies = co_await all(std::move(commands));
    if (!replies) co_return std::unexpected(replies.error());
    std::map<std::pair<std::string, std::string>, variant_figures> found;
    for (const auto& reply : *replies) {
        for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2)
            add_figure(found, reply.items[i].text, number(reply.items[i + 1]));
    }
    std::vector<variant_figures> figures;
    for (auto& [name, one] : found) figures.push_back(std::move(one));
    co_return figures;
}

awaitable<result<std::vector<conversation_summary>>>
operator_store::summaries(std::vector<conversation_id> of) {
    std::vector<conversation_summary> found;
    found.reserve(of.size());
    for (std::size_t begin = 0; begin < of.size(); begin += page_size) {
        const std::size_t end = std::min(of.size(), begin + page_size);
        std::vector<redis_command> commands{{"TIME"}};
        for (std::size_t i = begin; i < end; ++i) {
            for (auto& command : summary_commands(conversation_keys(of[i])))
                commands.push_back(std::move(command));
        }
        const auto replies = co_await all(std::move(commands));
        if (!replies) co_return std::unexpected(replies.error());
        const std::int64_t now = redis_time_ms(replies->front());
        for (std::size_t i = begin; i < end; ++i) {
            const std::size_t at = 1 + (i - begin) * summary_replies;
            found.push_back(summary_of(of[i], std::span(*replies).subspan(at, summary_replies), now));
        }
    }
    co_return found;
}

awaitable<result<conversation_page>> operator_store::conversations(std::size_t most, std::string after) {
    std::vector<conversation_id> ids;
    std::unordered_set<std::string> seen; // SCAN may show a key twice
    std::string cursor = after.empty() ? "0" : std::move(after);
    // What a step finds cannot be put back, so a step is as short as what is missing; longer where nothing
    // is.
    std::size_t step = most;
    do {
        auto reply = co_await redis_.command(
            scan(cursor, "atende:{*}:c:*:h", std::clamp<std::size_t>(step, 1, scan_step)));
        if (!reply) co_return std::unexpected(reply.error());
        cursor = item(*reply, 0).text;
        const auto before = ids.size();
        for (const auto& key : item(*reply, 1).items) {
            auto id = conversation_of_key(key.text);
            if (id && seen.insert(id->text()).second) ids.push_back(*std::move(id));
        }
        step = ids.size() > before ? most - std::min(most, ids.size()) : std::min(2 * step, scan_step);
    } while (cursor != "0" && !cursor.empty() && ids.size() < most);
    auto found = co_await summaries(std::move(ids));
    if (!found) co_return std::unexpected(found.error());
    co_return conversation_page{.items = *std::move(found), .next = cursor == "0" ? "" : cursor};
}

awaitable<result<std::vector<conversation_summary>>> operator_store::active(std::size_t most) {
    std::vector<conversation_id> ids;
    for (int shard = 0; shard < shard_count && ids.size() < most; ++shard) {
        redis_command range{"ZRANGE", shard_prefix(shard) + "due", "0",
                            text(static_cast<std::int64_t>(most - ids.size()) - 1)};
        const auto reply = co_await redis_.command(std::move(range));
        if (!reply) co_return std::unexpected(reply.error());
        for (const auto& member : reply->items) {
            if (auto id = parse_conversation_id(member.text)) ids.push_back(*std::move(id));
        }
    }
    co_return co_await summaries(std::move(ids));
}

awaitable<result<std::optional<conversation_view>>> operator_store::show(conversation_id conversation) {
    const conversation_keys keys(conversation);
    std::vector<redis_command> commands = summary_commands(keys);
    commands.push_back({"TIME"});
    commands.push_back({"LRANGE", keys.history(), "0", "-1"});
    commands.push_back({"LRANGE", keys.inbox(), "0", "-1"});
    commands.push_back({"HGETALL", keys.outbox()});
    commands.push_back({"LLEN", keys.held()});
    commands.push_back({"LLEN", keys.journal()});
    commands.push_back({"HMGET", keys.state(), "received", "consumed", "turn", "failure"});
    commands.push_back({"EXISTS", keys.state(), keys.history(), keys.inbox(), keys.outbox()});
    commands.push_back({"HGETALL", keys.notes()});
    const auto replies = co_await all(std::move(commands));
    if (!replies) co_return std::unexpected(replies.error());
    const auto rest = std::span(*replies).subspan(summary_replies);
    if (rest[7].integer == 0) co_return std::optional<conversation_view>{};
    conversation_view view;
    view.now = summary_of(conversation, std::span(*replies).first(summary_replies), redis_time_ms(rest[0]));
    for (const auto& entry : rest[1].items) {
        if (auto past = decode_history_entry(entry.text)) view.history.push_back(*std::move(past));
    }
    for (const auto& entry : rest[2].items) {
        if (auto heard = decode_inbox_item(entry.text)) view.inbox.push_back(*std::move(heard));
    }
    const auto& noted = rest[8].items;
    for (std::size_t i = 0; i + 1 < noted.size(); i += 2) {
        if (auto notes = decode_notes(noted[i].text, noted[i + 1].text))
            view.notes.push_back(*std::move(notes));
    }
    view.sends = sends_of(rest[3]);
    view.held_echoes = rest[4].integer;
    view.journal_entries = std::max<std::int64_t>(rest[5].integer - 1, 0); // the first says what it is about
    view.received = number(item(rest[6], 0));
    view.consumed = number(item(rest[6], 1));
    view.turns = number(item(rest[6], 2));
    view.failure = item(rest[6], 3).text;
    co_return std::optional(std::move(view));
}

awaitable<result<std::vector<conversation_id>>> operator_store::find(std::string name) {
    if (name.contains(':')) {
        auto whole = parse_conversation_id(name);
        if (!whole || !is_plain_id(whole->account.value) || !is_plain_id(whole->contact.value))
            co_return fail(errc::invalid_input,
                           "a conversation is ig:<account>:<contact> or web:<site>:<contact>");
        co_return std::vector{*std::move(whole)};
    }
    if (!is_plain_id(name))
        co_return fail(
            errc::invalid_input,
            "a contact is an id of letters and digits, or ig:<account>:<contact>, or web:<site>:<contact>");
    const std::string simulated =
        std::string(simulated_prefix) + name; // as `atende dm --contact` was given it
    std::vector<conversation_id> found, of_simulator;
    std::string cursor = "0";
    do {
        const auto reply = co_await redis_.command(scan(cursor, "atende:{*}:c:*" + name + ":h"));
        if (!reply) co_return std::unexpected(reply.error());
        cursor = item(*reply, 0).text;
        for (const auto& key : item(*reply, 1).items) {
            auto id = conversation_of_key(key.text);
            if (!id || (id->contact.value != name && id->contact.value != simulated)) continue;
            auto& into = id->contact.value == name ? found : of_simulator;
            if (std::ranges::find(into, *id) == into.end()) into.push_back(*std::move(id));
        }
    } while (cursor != "0" && !cursor.empty());
    co_return found.empty() ? of_simulator : found;
}

awaitable<result<std::vector<ambiguous_send>>> operator_store::ambiguous(std::size_t most) {
    std::vector<redis_command> ranges;
    for (const std::string_view list : {"ambiguous", "missing"}) {
        for (int shard = 0; shard < shard_count; ++shard) {
            ranges.push_back({"ZRANGE", shard_prefix(shard) + std::string(list), "0",
                              text(static_cast<std::int64_t>(most) - 1), "WITHSCORES"});
        }
    }
    const auto shards = co_await all(std::move(ranges));
    if (!shards) co_return std::unexpected(shards.error());
    std::vector<ambiguous_send> found;
    std::vector<redis_command> texts;
    for (std::size_t list = 0; list < shards->size(); ++list) {
        const redis_reply& reply = (*shards)[list];
        for (std::size_t i = 0; i + 1 < reply.items.size() && found.size() < most; i += 2) {
            auto named = parse_send_name(reply.items[i].text);
            if (!named) continue;
            named->named_ms = number(reply.items[i + 1]);
            named->missing = list >= shard_count;
            const std::string id = text(named->send.id);
            texts.push_back({"HMGET", conversation_keys(named->conversation).outbox(), "state:" + id,
                             "text:" + id, "attempt:" + id, "begun:" + id, "looks:" + id, "reason:" + id,
                             "audio:" + id});
            found.push_back(*std::move(named));
        }
    }
    if (found.empty()) co_return found;
    const auto sends = co_await all(std::move(texts));
    if (!sends) co_return std::unexpected(sends.error());
    for (std::size_t i = 0; i < found.size(); ++i) fill(found[i].send, (*sends)[i]);
    co_return found;
}

awaitable<result<bool>> operator_store::drop_ambiguous(conversation_id conversation, std::int64_t send) {
    const auto reply =
        co_await redis_.eval(operator_call(scripts().ambiguous_drop, conversation, {text(send)}));
    if (!reply) co_return std::unexpected(reply.error());
    co_return reply->integer == 1;
}

awaitable<result<std::vector<dead_letter>>> operator_store::dead(std::size_t most) {
    std::vector<dead_letter> found;
    for (int shard = 0; shard < shard_count; ++shard) {
        std::string cursor = "0";
        do {
            redis_command scan_hash{"HSCAN", shard_prefix(shard) + "dead", cursor, "COUNT", "100"};
            const auto reply = co_await redis_.command(std::move(scan_hash));
            if (!reply) co_return std::unexpected(reply.error());
            cursor = item(*reply, 0).text;
            add_dead_letters(found, item(*reply, 1));
        } while (cursor != "0" && !cursor.empty() && found.size() < most);
        if (found.size() >= most) break;
    }
    if (found.size() > most) found.resize(most);
    std::ranges::sort(found, {}, &dead_letter::set_aside_ms);
    co_return found;
}

awaitable<result<std::vector<dead_letter>>> operator_store::dead_of(conversation_id conversation,
                                                                    message_id id) {
    const conversation_keys keys(conversation);
    std::vector<dead_letter> found;
    if (!id.empty()) {
        const std::string field = keys.member() + " " + id.value;
        const auto reply = co_await redis_.command({"HGET", keys.dead(), field});
        if (!reply) co_return std::unexpected(reply.error());
        if (auto letter = parse_dead_letter(field, reply->text)) found.push_back(*std::move(letter));
        co_return found;
    }
    std::string cursor = "0";
    do {
        redis_command scan_hash{"HSCAN", keys.dead(), cursor, "MATCH", keys.member() + " *", "COUNT", "100"};
        const auto reply = co_await redis_.command(std::move(scan_hash));
        if (!reply) co_return std::unexpected(reply.error());
        cursor = item(*reply, 0).text;
        add_dead_letters(found, item(*reply, 1));
    } while (cursor != "0" && !cursor.empty());
    std::erase_if(found, [&conversation](const dead_letter& l) { return l.conversation != conversation; });
    std::ranges::sort(found, {}, [](const dead_letter& l) { return l.message.at_ms; });
    co_return found;
}

awaitable<result<std::optional<milliseconds>>> operator_store::retry_dead(conversation_id conversation,
                                                                          message_id id) {
    script_call call =
        operator_call(scripts().dead_retry, conversation, {id.value, text(settings_.idle_ttl)});
    call.keys.push_back(conversation_keys(conversation).dead());
    const auto reply = co_await redis_.eval(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    if (verdict_of(*reply) != "back") co_return std::optional<milliseconds>{};
    co_return std::optional(time_until(*reply, 1));
}

awaitable<result<bool>> operator_store::drop_dead(conversation_id conversation, message_id id) {
    const conversation_keys keys(conversation);
    const auto reply = co_await redis_.command({"HDEL", keys.dead(), keys.member() + " " + id.value});
    if (!reply) co_return std::unexpected(reply.error());
    co_return reply->integer == 1;
}

awaitable<result<flush_outcome>> operator_store::flush(conversation_id conversation) {
    const auto reply = co_await redis_.eval(operator_call(scripts().flush, conversation, {}));
    if (!reply) co_return std::unexpected(reply.error());
    flush_outcome outcome;
    if (verdict_of(*reply) == "running") outcome.what = flush_outcome::verdict::running;
    if (verdict_of(*reply) == "due") {
        outcome.what = flush_outcome::verdict::due;
        outcome.due_in = time_until(*reply, 1);
    }
    co_return outcome;
}

awaitable<result<forget_outcome>> operator_store::forget(conversation_id conversation) {
    script_call call = operator_call(scripts().forget, conversation, {});
    const conversation_keys keys(conversation);
    for (auto& key : {keys.notes(), keys.live(), keys.dead(), keys.answers(), keys.watched(), keys.session()})
        call.keys.push_back(key);
    const auto reply = co_await redis_.eval(std::move(call));
    if (!reply) co_return std::unexpected(reply.error());
    co_return forget_outcome{.known = verdict_of(*reply) == "forgotten",
                             .working = item(*reply, 1).integer == 1};
}

awaitable<result<void>> operator_store::forget_events(conversation_id conversation) {
    const conversation_keys keys(conversation);
    std::string from = "-";
    for (;;) {
        redis_command range{"XRANGE", keys.events(), from, "+", "COUNT", text(page_size)};
        const auto page = co_await redis_.command(std::move(range));
        if (!page) co_return std::unexpected(page.error());
        redis_command erase{"XDEL", keys.events()};
        for (const auto& entry : page->items) {
            const auto recorded = nlohmann::json::parse(item(item(entry, 1), 1).text, nullptr, false);
            const auto about = recorded.is_object() ? recorded.find("conversation") : recorded.end();
            if (about != recorded.end() && *about == keys.member()) erase.push_back(item(entry, 0).text);
        }
        if (page->items.empty()) co_return result<void>{};
        from = "(" + item(page->items.back(), 0).text;
        if (erase.size() == 2) continue;
        const auto erased = co_await redis_.command(std::move(erase));
        if (!erased) co_return std::unexpected(erased.error());
    }
}

awaitable<result<void>> operator_store::forget_live(conversation_id conversation) {
    redis_command erase{"DEL", conversation_keys(conversation).live()};
    const auto done = co_await redis_.command(std::move(erase));
    if (!done) co_return std::unexpected(done.error());
    co_return result<void>{};
}

} // namespace atende
