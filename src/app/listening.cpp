#include "app/listening.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/platform/json.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/scope_exit.hpp>
#include <atende/platform/time_limit.hpp>
#include <atende/platform/unix_time.hpp>
#include <utility>

namespace atende {
namespace {

constexpr int most_repeats = 6;

bool is_to_be_heard(const attachment& what) {
    return what.sound == hearing::none && (what.kind == attachment_kind::audio ||
                                           (what.kind == attachment_kind::video && !what.url.empty()));
}

// A video may well be without speech: that is no reason to ask for anything.
bool is_just_a_video(const attachment& what, const heard_audio& heard) {
    return what.kind == attachment_kind::video && heard.what != hearing::heard;
}

void apply(attachment& to, const heard_audio& heard) {
    if (is_just_a_video(to, heard)) {
        to.sound = hearing::only_seen;
        return;
    }
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
      executor_(executor),
      tasks_(std::move(executor)) {}

awaitable<void> listening::hear(turn& what) {
    std::vector<std::pair<attachment*, std::shared_ptr<note>>> notes;
    for (auto& message : what.messages) {
        for (std::size_t i = 0; i < message.attachments.size(); ++i) {
            auto& each = message.attachments[i];
            if (is_to_be_heard(each))
                notes.emplace_back(&each, begin(what.conversation, message.id, i, each));
        }
    }
    for (const auto& [into, one] : notes) {
        while (!one->is_over) {
            co_await one->over.async_wait(asio::as_tuple(use_awaitable));
            const auto cancellation = co_await asio::this_coro::cancellation_state;
            if (cancellation.cancelled() != asio::cancellation_type::none)
                throw boost::system::system_error(asio::error::operation_aborted); // nobody waits for it
        }
        *into = one->what;
    }
}

void listening::hear_early(const conversation_id& of, const customer_message& message) {
    if (stopping_ || listener_ == nullptr) return;
    for (std::size_t i = 0; i < message.attachments.size(); ++i) {
        if (is_to_be_heard(message.attachments[i])) begin(of, message.id, i, message.attachments[i]);
    }
}

std::shared_ptr<listening::note> listening::begin(const conversation_id& of, const message_id& message,
                                                  std::size_t index, const attachment& what) {
    const auto same = [&](const auto& each) {
        return each->index == index && each->message == message && each->of == of;
    };
    if (const auto found = std::ranges::find_if(under_way_, same); found != under_way_.end()) return *found;
    auto one = std::make_shared<note>(of, message, index, what,
                                      asio::steady_timer(executor_, asio::steady_timer::time_point::max()));
    under_way_.push_back(one);
    tasks_.start("hear", hear_one(one));
    return one;
}

awaitable<void> listening::hear_one(std::shared_ptr<note> one) {
    const scope_exit ended([this, &one] {
        std::erase(under_way_, one);
        one->is_over = true;
        one->over.cancel();
    });
    auto heard = co_await hear_in_time(*one);
    co_await take_in(*one, std::move(heard));
}

awaitable<heard_audio> listening::hear_in_time(const note& one) {
    if (listener_ == nullptr) co_return heard_audio{.why = "the model is offline"};
    if (one.what.url.empty()) co_return heard_audio{.why = "it came without a link", .for_good = true};
    const bool simulated = is_simulated(one.of.account);
    if (simulated && sandbox_.empty()) co_return heard_audio{.why = "there is no simulator"};
    auto from = simulated ? media_source{.only_below = sandbox_} : settings_.platform;
    auto heard = co_await within(settings_.longest,
                                 listener_->hear(one.what.url, std::move(from), hints_, one.of.text()));
    if (!heard) co_return heard_audio{.why = "it took too long"};
    co_return *std::move(heard);
}

// The file is written first: whoever takes the message back later finds it. What is heard is not lost to a
// stop.
awaitable<void> listening::take_in(note& one, heard_audio heard) {
    co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
    apply(one.what, heard);
    const bool has_file =
        settings_.archive != nullptr && one.what.kind == attachment_kind::audio && !heard.file.empty();
    if (has_file) co_await settings_.archive->keep(one.of, one.message, one.index, std::move(heard.file));
    const attachment lasting = heard.for_good ? one.what : attachment{};
    const auto is_there = co_await join_message(one, lasting);
    if (!is_there) {
        spdlog::warn("[AUDIO] what was heard is not kept: {} {}", printable(is_there.error().detail),
                     one.of.text());
        if (has_file) co_await settings_.archive->erase(one.of, one.message, one.index);
    } else if (*is_there) {
        tell(one, heard);
    } else if (has_file) {
        co_await settings_.archive->erase(one.of, one.message);
    }
}

// Asks again when an answer of Redis was lost: HEARD answers the same however often it is asked.
awaitable<result<bool>> listening::join_message(const note& one, attachment lasting) {
    for (int failures = 0;;) {
        auto is_there = co_await settings_.note_heard(one.of, one.message, one.index, lasting);
        if (is_there || is_there.error().code == errc::rejected || ++failures > most_repeats || stopping_)
            co_return is_there;
        co_await sleep_for(settings_.first_repeat * failures);
    }
}

awaitable<void> listening::stop() {
    stopping_ = true;
    co_await tasks_.finish(std::chrono::seconds(0));
}

void listening::tell(const note& one, const heard_audio& heard) const {
    if (!watch_ || is_just_a_video(one.what, heard)) return;
    const bool understood = heard.what == hearing::heard;
    const nlohmann::json detail{{"of", one.message.value},
                                {understood ? "words" : "why", understood ? heard.words : heard.why}};
    watch_({.conversation = one.of,
            .what = understood ? stage::heard : stage::not_heard,
            .at_ms = unix_ms_now(),
            .detail = json_text(detail)});
}

} // namespace atende
