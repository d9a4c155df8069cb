#include "channels/graph_error.hpp"
#include "channels/graph_request.hpp"

#include <fmt/format.h>

#include <atende/channels/instagram_channel.hpp>
#include <atende/platform/log.hpp>
#include <string_view>
#include <utility>

namespace atende {
namespace {

class instagram_channel final : public channel {
public:
    instagram_channel(http_client& http, instagram_settings settings)
        : http_(http),
          settings_(std::move(settings)) {}

    [[nodiscard]] std::size_t max_text_bytes() const override { return instagram_longest_text; }

    [[nodiscard]] bool takes_audio() const override { return !settings_.audio_base_url.empty(); }

    awaitable<send_outcome> send(const conversation_id& to, const send_intent& intent) override {
        if (auto problem = problem_with(to, intent); !problem.empty())
            co_return send_outcome{.status = send_status::rejected, .id = {}, .reason = std::move(problem)};
        const result<http_answer> answer =
            co_await http_.perform(intent.audio.empty() ? text_call(settings_, to.contact, intent.text)
                                                        : audio_call(settings_, to.contact, intent.audio));
        co_return answer ? classify_graph_answer(*answer) : classify_graph_failure(answer.error());
    }

    awaitable<result<std::vector<message_id>>>
    find_sent(const conversation_id& to, const send_intent& sent,
              std::chrono::steady_clock::time_point since) override {
        if (!may_reach(settings_, to)) co_return fail(errc::rejected, crossing_reason(settings_));
        const result<http_answer> answer =
            co_await http_.perform(conversation_call(settings_, to.contact, sent));
        if (!answer) co_return std::unexpected(answer.error());
        const auto age =
            std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - since);
        co_return find_in_conversation(*answer, to.contact, sent, age);
    }

    awaitable<void> mark_seen(const conversation_id& to) override { co_await act(to, "mark_seen"); }
    awaitable<void> show_typing(const conversation_id& to) override { co_await act(to, "typing_on"); }

private:
    // Why it cannot be sent; empty if it can.
    std::string problem_with(const conversation_id& to, const send_intent& intent) const {
        if (!may_reach(settings_, to)) return crossing_reason(settings_);
        if (!intent.audio.empty())
            return takes_audio() ? std::string() : "there is no address to fetch an audio from";
        if (!intent.text.empty() && intent.text.size() <= instagram_longest_text) return {};
        return fmt::format("a text of {} bytes, expected 1 to {}", intent.text.size(),
                           instagram_longest_text);
    }

    awaitable<void> act(const conversation_id& to, std::string_view action) {
        if (!may_reach(settings_, to)) co_return;
        const result<http_answer> answer = co_await http_.perform(action_call(settings_, to.contact, action));
        if (answer && answer->status < 300) co_return;
        spdlog::debug("[SEND] {} {} failed: {}", to.text(), action,
                      answer ? classify_graph_answer(*answer).reason : answer.error().detail);
    }

    http_client& http_;
    instagram_settings settings_;
};

} // namespace

std::unique_ptr<channel> make_instagram_channel(http_client& http, instagram_settings settings) {
    return std::make_unique<instagram_channel>(http, std::move(settings));
}

awaitable<result<customer_message>> fetch_instagram_message(http_client& http, instagram_settings settings,
                                                            conversation_id conversation, message_id id) {
    if (!may_reach(settings, conversation)) co_return fail(errc::rejected, crossing_reason(settings));
    const result<http_answer> answer = co_await http.perform(message_call(settings, id));
    if (!answer) co_return std::unexpected(answer.error());
    co_return read_message_answer(*answer, id);
}

} // namespace atende
