#include "app/listening.hpp"

#include "agent/time_limit.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/platform/gather.hpp>
#include <atende/platform/json.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/unix_time.hpp>
#include <utility>

namespace atende {
namespace {

using steady = std::chrono::steady_clock;

// Of turns that end in an error or elsewhere nobody says that they are over.
constexpr std::size_t most_remembered = 512;

bool has_sound(const attachment& what) {
    return what.kind == attachment_kind::audio || (what.kind == attachment_kind::video && !what.url.empty());
}

// A video may well be without speech: that is no reason to ask for anything.
bool is_just_a_video(const attachment& what, const heard_audio& heard) {
    return what.kind == attachment_kind::video && heard.what != hearing::heard;
}

void apply(attachment& to, const heard_audio& heard) {
    if (is_just_a_video(to, heard)) return;
    to.sound = heard.what;
    to.words = heard.words;
    to.why = heard.why;
}

} // namespace

listening::listening(asio::any_io_executor executor, listener* listens, listening_settings settings,
                     progress_sink watch)
    : listener_(listens),
      settings_(std::move(settings)),
      watch_(std::move(watch)),
      early_(std::move(executor)) {}

awaitable<void> listening::hear(turn& what) {
    std::vector<note> notes;
    for (auto& message : what.messages) {
        for (std::size_t i = 0; i < message.attachments.size(); ++i) {
            auto& each = message.attachments[i];
            if (!has_sound(each)) continue;
            const note one{.what = &each, .message = message.id, .index = i};
            if (const auto* known = recalled(one))
                apply(each, *known);
            else
                notes.push_back(one);
        }
    }
    const auto until = steady::now() + settings_.turn_waits;
    std::vector<awaitable<heard_audio>> works;
    for (const auto& one : notes) works.push_back(hear_in_time(one.what->url, what.conversation, until));
    auto all = co_await gather(std::move(works));
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none)
        throw boost::system::system_error(asio::error::operation_aborted); // nobody knows what was said
    for (std::size_t i = 0; i < all.size(); ++i)
        co_await take_in(what.conversation, notes[i], std::move(all[i]));
}

awaitable<heard_audio> listening::hear_in_time(std::string url, conversation_id of,
                                               std::chrono::steady_clock::time_point until) {
    if (listener_ == nullptr) co_return heard_audio{.why = "the model is offline", .for_good = true};
    if (url.empty()) co_return heard_audio{.why = "it came without a link", .for_good = true};
    const bool simulated = is_simulated(of.account);
    if (simulated && sandbox_.empty()) co_return heard_audio{.why = "there is no simulator"};
    auto from = simulated ? media_source{.only_below = sandbox_} : settings_.platform;
    auto heard = co_await within(until - steady::now(),
                                 listener_->hear(std::move(url), std::move(from), hints_, of.text()));
    if (!heard) co_return heard_audio{.why = "it took too long"};
    co_return *std::move(heard);
}

awaitable<void> listening::take_in(conversation_id of, note one, heard_audio heard) {
    apply(*one.what, heard);
    tell(of, one, heard);
    if (settings_.archive != nullptr && one.what->kind == attachment_kind::audio && !heard.file.empty())
        co_await settings_.archive->keep(of, one.message, one.index, std::move(heard.file));
    heard.file = {};
    if (!heard.for_good || is_taken_back(one.message)) co_return;
    memory_.push_back({.message = one.message, .index = one.index, .heard = std::move(heard)});
    if (memory_.size() > most_remembered) memory_.pop_front();
}

const heard_audio* listening::recalled(const note& one) const {
    const auto found = std::ranges::find_if(
        memory_, [&](const memory& each) { return each.index == one.index && each.message == one.message; });
    return found == memory_.end() ? nullptr : &found->heard;
}

void listening::hear_early(const conversation_id& of, const customer_message& message) {
    if (stopping_ || listener_ == nullptr) return;
    for (std::size_t i = 0; i < message.attachments.size(); ++i) {
        if (has_sound(message.attachments[i]))
            early_.start("hear", hear_one(of, message.id, i, message.attachments[i]));
    }
}

awaitable<void> listening::hear_one(conversation_id of, message_id message, std::size_t index,
                                    attachment what) {
    auto heard = co_await hear_in_time(what.url, of, steady::now() + settings_.turn_waits);
    const note one{.what = &what, .message = message, .index = index};
    co_await take_in(std::move(of), one, std::move(heard));
}

awaitable<void> listening::stop() {
    stopping_ = true;
    co_await early_.finish(std::chrono::seconds(0));
}

void listening::take_back(const message_id& message) {
    forget({message});
    taken_back_.push_back(message);
    if (taken_back_.size() > most_remembered) taken_back_.pop_front();
}

bool listening::is_taken_back(const message_id& message) const {
    return std::ranges::find(taken_back_, message) != taken_back_.end();
}

void listening::forget(const std::vector<message_id>& messages) {
    std::erase_if(memory_, [&](const memory& each) {
        return std::ranges::find(messages, each.message) != messages.end();
    });
}

void listening::tell(const conversation_id& of, const note& one, const heard_audio& heard) const {
    if (!watch_ || is_just_a_video(*one.what, heard) || is_taken_back(one.message)) return;
    const bool understood = heard.what == hearing::heard;
    const nlohmann::json detail{{"of", one.message.value},
                                {understood ? "words" : "why", understood ? heard.words : heard.why}};
    watch_({.conversation = of,
            .what = understood ? stage::heard : stage::not_heard,
            .at_ms = unix_ms_now(),
            .detail = json_text(detail)});
}

} // namespace atende
