#include <atende/channels/web_channel.hpp>

namespace atende {
namespace {

constexpr std::size_t longest_text = 16 << 10;

class web_channel final : public channel {
public:
    explicit web_channel(web_post post) : post_(std::move(post)) {}

    [[nodiscard]] std::size_t max_text_bytes() const override { return longest_text; }

    awaitable<send_outcome> send(const conversation_id& to, const send_intent& intent) override {
        auto posted = co_await post_(to, intent);
        if (posted)
            co_return send_outcome{.status = send_status::delivered, .id = *std::move(posted), .reason = {}};
        co_return send_outcome{
            .status = send_status::retry, .id = {}, .reason = std::move(posted.error().detail)};
    }

    awaitable<result<std::vector<message_id>>> find_sent(const conversation_id&, const send_intent&,
                                                         std::chrono::steady_clock::time_point) override {
        co_return fail(errc::unavailable, "a web chat is not asked: its messages are simply sent again");
    }

    awaitable<void> mark_seen(const conversation_id&) override { co_return; }
    awaitable<void> show_typing(const conversation_id&) override { co_return; }

private:
    web_post post_;
};

} // namespace

std::unique_ptr<channel> make_web_channel(web_post post) {
    return std::make_unique<web_channel>(std::move(post));
}

} // namespace atende
