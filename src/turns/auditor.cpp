#include "turns/keys.hpp"
#include "turns/script_reply.hpp"
#include "turns/scripts.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <atende/platform/log.hpp>
#include <atende/turns/auditor.hpp>
#include <atende/turns/operator_store.hpp>
#include <numeric>

namespace atende {
namespace {

constexpr std::size_t checks_at_once = 50; // scripts in one round trip: a few milliseconds of Redis
constexpr std::int64_t due_page = 500;
constexpr std::int64_t least_scan = 1'000;
constexpr std::size_t most_epochs = 200'000; // remembered; conversations beyond them are not compared
constexpr std::size_t most_suspicions = 10'000;
constexpr std::size_t most_open = 100;

} // namespace

auditor::auditor(redis_client& redis, turn_store_settings settings)
    : redis_(redis),
      settings_(std::move(settings)) {}

std::int64_t auditor::total() const {
    return std::accumulate(totals_.begin(), totals_.end(), std::int64_t{0});
}

std::vector<violation> auditor::open() const {
    std::vector<violation> found;
    for (const auto& [key, one] : suspicions_) {
        if (one.reported && found.size() < most_open) found.push_back(one.what);
    }
    std::ranges::sort(found, {}, [](const violation& v) { return std::pair(v.conversation, v.invariant); });
    return found;
}

awaitable<result<std::vector<std::string>>> auditor::due_members(int shard) {
    std::vector<std::string> members;
    for (std::int64_t begin = 0;; begin += due_page) {
        const auto page = co_await redis_.command(
            {"ZRANGE", shard_prefix(shard) + "due", text(begin), text(begin + due_page - 1)});
        if (!page) co_return std::unexpected(page.error());
        for (const auto& member : page->items) members.push_back(member.text);
        if (page->items.size() < static_cast<std::size_t>(due_page)) co_return members;
    }
}

// A conversation that nothing points at any more is found by its keys only. One SCAN through everything a
// pass, cut into the steps.
awaitable<result<std::vector<std::string>>> auditor::scanned_members(bool last) {
    if (cursor_ == "0" && !scanned_all_) {
        const auto size = co_await redis_.command({"DBSIZE"});
        if (!size) co_return std::unexpected(size.error());
        keys_a_step_ = std::max(least_scan, size->integer / shard_count + 1);
    }
    std::vector<std::string> members;
    std::int64_t looked_at = 0;
    while (!scanned_all_ && (last || looked_at < keys_a_step_)) {
        const auto slice =
            co_await redis_.command({"SCAN", cursor_, "MATCH", "atende:{*}:c:*", "COUNT", text(least_scan)});
        if (!slice) co_return std::unexpected(slice.error());
        looked_at += least_scan;
        cursor_ = item(*slice, 0).text;
        if (cursor_ == "0" || cursor_.empty()) scanned_all_ = true;
        for (const auto& key : item(*slice, 1).items) {
            if (const auto id = conversation_of_key(key.text)) members.push_back(id->text());
        }
    }
    co_return members;
}

awaitable<result<void>> auditor::step() {
    const bool last = shard_ + 1 == shard_count;
    auto members = co_await due_members(shard_);
    if (!members) co_return std::unexpected(members.error());
    auto scanned = co_await scanned_members(last);
    if (!scanned) co_return std::unexpected(scanned.error());
    members->insert(members->end(), scanned->begin(), scanned->end());
    std::ranges::sort(*members);
    const auto same = std::ranges::unique(*members);
    members->erase(same.begin(), same.end());
    const auto done = co_await check(*std::move(members));
    if (!done) co_return std::unexpected(done.error());
    shard_ = last ? 0 : shard_ + 1;
    if (last) end_pass();
    co_return result<void>{};
}

awaitable<result<void>> auditor::check(std::vector<std::string> members) {
    for (std::size_t begin = 0; begin < members.size(); begin += checks_at_once) {
        const std::size_t end = std::min(members.size(), begin + checks_at_once);
        std::vector<script_call> calls;
        std::vector<std::string> asked;
        for (std::size_t i = begin; i < end; ++i) {
            const auto id = parse_conversation_id(members[i]);
            if (!id) continue;
            const conversation_keys keys(*id);
            calls.push_back(
                {.script = &scripts().audit,
                 .keys = {keys.state(), keys.inbox(), keys.due(), keys.queue(), keys.outbox()},
                 .arguments = {keys.member(), text(settings_.lease), text(settings_.longest_wait)}});
            asked.push_back(keys.member());
        }
        if (calls.empty()) continue;
        const auto replies = co_await redis_.eval_all(std::move(calls));
        if (!replies) co_return std::unexpected(replies.error());
        for (std::size_t i = 0; i < asked.size() && i < replies->size(); ++i) {
            const auto& reply = (*replies)[i];
            check_epoch(asked[i], item(reply, 0).integer);
            for (std::size_t at = 1; at + 1 < reply.items.size(); at += 2)
                suspect({asked[i], static_cast<int>(item(reply, at).integer), item(reply, at + 1).text});
        }
    }
    co_return result<void>{};
}

void auditor::check_epoch(const std::string& member, std::int64_t epoch) {
    const std::size_t name = std::hash<std::string>{}(member);
    const auto known = epochs_.find(name);
    if (known == epochs_.end()) {
        ++checking_;
        if (epochs_.size() < most_epochs) epochs_.emplace(name, last_epoch{epoch, pass_});
        return;
    }
    if (known->second.pass != pass_) ++checking_; // it may be met by its keys and in due
    // The highest is kept, or the second pass could not see it any more.
    if (epoch < known->second.epoch) {
        suspect({member, 2, "the epoch went back below " + std::to_string(known->second.epoch)});
    }
    known->second = {std::max(epoch, known->second.epoch), pass_};
}

void auditor::suspect(violation what) {
    if (what.invariant < 1 || what.invariant > invariant_count) return;
    const std::string name = what.conversation + " " + std::to_string(what.invariant);
    const auto before = suspicions_.find(name);
    if (before == suspicions_.end()) {
        if (suspicions_.size() < most_suspicions)
            suspicions_.emplace(name, suspicion{.what = std::move(what), .pass = pass_});
        return;
    }
    suspicion& known = before->second;
    const bool again = known.what.found == what.found;
    const bool next_pass = known.pass + 1 == pass_;
    if (again && known.pass == pass_) return;
    known.what = std::move(what);
    known.pass = pass_;
    if (known.reported || !again || !next_pass) return;
    known.reported = true;
    ++totals_.at(static_cast<std::size_t>(known.what.invariant) - 1);
    spdlog::critical("invariant I{} is broken for {}: {}", known.what.invariant,
                     printable(known.what.conversation), printable(known.what.found));
}

void auditor::end_pass() {
    // What this pass did not see any more is over; what it did not meet is forgotten.
    std::erase_if(suspicions_, [this](const auto& entry) { return entry.second.pass < pass_; });
    std::erase_if(epochs_, [this](const auto& entry) { return entry.second.pass < pass_; });
    ++pass_;
    checked_ = std::exchange(checking_, 0);
    cursor_ = "0";
    scanned_all_ = false;
}

awaitable<void> auditor::run(std::chrono::milliseconds pass) {
    co_await asio::this_coro::throw_if_cancelled(false);
    while (!stopping_) {
        co_await step(); // Redis away: the same step again
        if (!stopping_) co_await sleep_for(pass / shard_count);
    }
}

} // namespace atende
