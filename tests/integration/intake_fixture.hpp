#pragma once

#include "integration/store_fixture.hpp"
#include "support/scratch_folder.hpp"

#include <atende/intake/intake.hpp>
#include <atende/intake/webhook.hpp>
#include <atende/platform/crypto.hpp>
#include <atende/platform/unix_time.hpp>

namespace atende::test {

// When everything happens that a test gives no time: the same for a redelivery.
inline const std::int64_t recently_ms = unix_ms_now();

inline std::string webhook_body(const std::string& contact, const std::string& mid, const std::string& text,
                                const std::string& account = "17841400000000001",
                                std::int64_t at_ms = recently_ms) {
    const std::string at = std::to_string(at_ms);
    return R"({"object":"instagram","entry":[{"id":")" + account + R"(","time":)" + at +
           R"(,"messaging":[{"sender":{"id":")" + contact + R"("},"recipient":{"id":")" + account +
           R"("},"timestamp":)" + at + R"(,"message":{"mid":")" + mid + R"(","text":")" + text + R"("}}]}]})";
}

// The echo of a message that left the shop's account.
inline std::string echo_body(const std::string& contact, const std::string& mid, const std::string& text,
                             std::int64_t at_ms) {
    const std::string shop = "17841400000000001";
    const std::string at = std::to_string(at_ms);
    return R"({"object":"instagram","entry":[{"id":")" + shop + R"(","time":)" + at +
           R"(,"messaging":[{"sender":{"id":")" + shop + R"("},"recipient":{"id":")" + contact +
           R"("},"timestamp":)" + at + R"(,"message":{"mid":")" + mid + R"(","text":")" + text +
           R"(","is_echo":true}}]}]})";
}

// The station intake, whole, on a folder of its own. `end_process()` and the next use are another process on
// the same folder.
class intake_test : public store_test {
protected:
    scratch_folder data;
    std::chrono::steady_clock::time_point now; // moved by the test
    webhook_settings door_options{.verify_token = "verify me", .app_secrets = {"new secret", "old secret"}};
    webhook_journal_settings journal_options{.folder = data.path() / "journal",
                                             .gather = std::chrono::milliseconds(0)};
    webhook_spool_settings spool_options{.folder = data.path() / "spool",
                                         .retry = std::chrono::milliseconds(5)};
    std::chrono::milliseconds spool_after{60'000};
    std::vector<conversation_id> gathered;

    struct parts {
        asio::thread_pool files{1};
        std::optional<event_desk> desk;
        std::optional<webhook_journal> journal;
        std::optional<webhook_spool> spool;
        std::optional<intake> taker;
        std::optional<webhook> door;
    };

    ~intake_test() override { end_process(); }

    parts& process() {
        if (running_) return *running_;
        running_ = std::make_unique<parts>();
        const auto clock = [this] { return now; };
        running_->desk.emplace(
            event_desk_settings{.quiet = {.fixed = std::chrono::milliseconds(0)}, .now = clock}, store(),
            [this](const conversation_id& who, milliseconds) { gathered.push_back(who); }, progress_sink{});
        running_->journal.emplace(loop.executor(), running_->files, journal_options);
        running_->spool.emplace(loop.executor(), running_->files, *running_->desk, spool_options);
        running_->taker.emplace(*running_->desk, *running_->spool, *running_->journal,
                                intake_settings{.spool_after = spool_after, .now = clock});
        running_->door.emplace(door_options, *running_->desk, *running_->taker);
        running_->spool->start();
        return *running_;
    }
    void end_process() {
        if (!running_) return;
        loop.await(running_->spool->finish());
        loop.await(running_->journal->stop());
        running_.reset();
    }

    static http_request signed_request(const std::string& body, const std::string& secret) {
        http_request request{.method = "POST", .path = "/webhook", .body = body, .peer = "203.0.113.7"};
        const auto digest = hmac_sha256(secret).sign(body);
        request.headers = {
            {"x-hub-signature-256",
             "sha256=" + to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()})}};
        return request;
    }
    http_reply post(http_request request) { return loop.await(process().door->receive(std::move(request))); }
    http_reply post(const std::string& body, const std::string& secret = "new secret") {
        return post(signed_request(body, secret));
    }
    int status_of(const std::string& contact, const std::string& mid) {
        return post(webhook_body(contact, mid, mid)).status;
    }
    intake_state state() { return process().taker->state(); }

    // The messages waiting to be answered, as Redis has them.
    std::vector<std::string> inbox_of(const std::string& contact) {
        std::vector<std::string> ids;
        const conversation_keys of(conversation_of(contact));
        for (const auto& item : command({"LRANGE", of.inbox(), "0", "-1"}).items)
            ids.push_back(item.text.substr(0, item.text.find('\n')));
        return ids;
    }

private:
    std::unique_ptr<parts> running_;
};

} // namespace atende::test
