#include <atende/channels/instagram_channel.hpp>
#include <atende/delivery/delivery.hpp>
#include <atende/delivery/text_splitter.hpp>

namespace atende {

delivery::delivery(std::unique_ptr<channel> real) : real_(std::move(real)) {}

channel* delivery::channel_of(const conversation_id& to) const {
    if (to.platform == platform_kind::web) return web_.get();
    const bool simulated_account = is_simulated(to.account);
    if (simulated_account != is_simulated(to.contact)) return nullptr;
    return simulated_account ? sandbox_.get() : real_.get();
}

std::vector<std::string> delivery::messages(const conversation_id& to, std::string_view answer) const {
    const channel* through = channel_of(to);
    return split_text(answer, through != nullptr ? through->max_text_bytes() : instagram_longest_text);
}

bool delivery::takes_audio(const conversation_id& to) const {
    const channel* through = channel_of(to);
    return through != nullptr && through->takes_audio();
}

awaitable<send_outcome> delivery::send(conversation_id to, send_intent intent) {
    channel* through = channel_of(to);
    if (through == nullptr) {
        if (to.platform == platform_kind::web) {
            co_return send_outcome{
                .status = send_status::rejected, .id = {}, .reason = "there is no web chat here"};
        }
        const bool simulated = is_simulated(to.account);
        const bool mixed = simulated != is_simulated(to.contact);
        send_outcome nowhere{.status = send_status::rejected,
                             .id = {},
                             .reason = mixed ? "simulated and real contacts never mix"
                                             : "the simulator is switched off"};
        if (!simulated && !mixed) {
            // The answer is kept: it goes out once the token is set, if that is within the platform's window.
            nowhere = {.status = send_status::retry,
                       .id = {},
                       .reason = "INSTAGRAM_ACCESS_TOKEN is not set",
                       .retry_in = std::chrono::minutes(5),
                       .account_blocked = true};
        }
        co_return nowhere;
    }
    co_return co_await through->send(to, intent);
}

awaitable<result<std::vector<message_id>>> delivery::find_sent(conversation_id to, send_intent sent,
                                                               std::chrono::steady_clock::time_point since) {
    channel* through = channel_of(to);
    if (through == nullptr) co_return fail(errc::unavailable, "there is no channel to this contact");
    co_return co_await through->find_sent(to, sent, since);
}

awaitable<void> delivery::show_attention(conversation_id to) {
    channel* through = channel_of(to);
    if (through == nullptr) co_return;
    co_await through->mark_seen(to);
    co_await through->show_typing(to);
}

} // namespace atende
