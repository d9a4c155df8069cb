// Speech from the server's answer to the published file: real atende-media, real Redis, real ffprobe.
#include "app/speaking.hpp"
#include "support/captured_log.hpp"
#include "support/event_loop.hpp"
#include "support/redis_server.hpp"
#include "support/speech.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <atende/platform/http_client.hpp>
#include <deque>
#include <filesystem>

namespace atende {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;

class speaking_server final : public http_client {
public:
    awaitable<result<http_answer>> perform(http_call call) override {
        calls.push_back(std::move(call));
        if (hangs) {
            co_await sleep_for(1h);
            co_return fail(errc::timed_out, "it hung");
        }
        if (answers.empty()) co_return http_answer{.status = 200, .headers = {}, .body = sound};
        auto next = std::move(answers.front());
        answers.pop_front();
        co_return next;
    }
    std::string sound;
    std::deque<result<http_answer>> answers; // then: `sound`
    std::vector<http_call> calls;
    bool hangs = false; // instead of answering, until it is cancelled
};

class recording_channel final : public channel {
public:
    explicit recording_channel(bool takes_audio) : takes_audio_(takes_audio) {}
    [[nodiscard]] std::size_t max_text_bytes() const override { return 1'000; }
    [[nodiscard]] bool takes_audio() const override { return takes_audio_; }
    awaitable<send_outcome> send(const conversation_id&, const send_intent&) override {
        co_return send_outcome{};
    }
    awaitable<result<std::vector<message_id>>> find_sent(const conversation_id&, const send_intent&,
                                                         std::chrono::steady_clock::time_point) override {
        co_return std::vector<message_id>{};
    }
    awaitable<void> mark_seen(const conversation_id&) override { co_return; }
    awaitable<void> show_typing(const conversation_id&) override { co_return; }

private:
    bool takes_audio_;
};

class Speech : public testing::Test {
protected:
    Speech() {
        loop.until([this] { return redis->connected(); });
        loop.await(redis->command({"FLUSHALL"})).value();
        server.sound = studio.speech();
        settings.api.api_key = "sk-secret";
        settings.model = "gpt-4o-mini-tts";
        settings.voice = "alloy";
        settings.api.pause = [this](std::chrono::milliseconds time) -> awaitable<void> {
            pauses.push_back(time);
            co_return;
        };
        shop.audio_replies = true;
        shop.openai_api_key = "sk-secret";
        shop.max_audio_reply_characters = 60;
    }
    ~Speech() override { loop.await(media.stop()); }

    speech& voice() {
        if (!made) made.emplace(server, media, shelf, settings);
        return *made;
    }
    result<std::string> say(std::string text) { return loop.await(voice().say(std::move(text)), 60s); }
    std::string file_named(const std::string& name) {
        const auto key = loop.await(redis->command({"GET", "atende:audio:name:" + name})).value().text;
        return loop.await(redis->command({"GET", "atende:audio:file:" + key})).value().text;
    }
    static http_answer refusal(int status, const std::string& code) {
        return {.status = status, .headers = {}, .body = json{{"error", {{"code", code}}}}.dump()};
    }

    // Of an answer to a customer who wrote with or without a voice note.
    std::optional<spoken_answer> speak(voice_options::when reply, bool by_voice, scope_verdict scope,
                                       std::string text = "Temos sim, venha ver!", bool takes_audio = true) {
        delivery delivers(std::make_unique<recording_channel>(takes_audio));
        speaking says(shop, voice(), delivers, {.reply = reply}, longest_wait);
        turn what{.conversation = {.account = account_id("1"), .contact = contact_id("2")}};
        what.messages.push_back({.text = "oi"});
        if (by_voice) what.messages.push_back({.attachments = {{.kind = attachment_kind::audio}}});
        thought answer;
        answer.text = std::move(text);
        answer.scope = scope;
        return loop.await(says.speak(what, answer), 60s);
    }

    // Whether the verdict on the scope decides if an answer is spoken.
    bool depends_on_scope(voice_options::when reply, bool takes_audio = true) {
        delivery delivers(std::make_unique<recording_channel>(takes_audio));
        speaking says(shop, voice(), delivers, {.reply = voice_options::when::never});
        says.change({.reply = reply});
        return says.depends_on_scope({.account = account_id("1"), .contact = contact_id("2")});
    }

    test::event_loop loop;
    test::sound_studio& studio = test::sound_studio::shared();
    std::unique_ptr<redis_client> redis =
        make_redis_client(loop.executor(), test::shared_redis_server().address(), 10s);
    speaking_server server;
    // This program is in the folder below the one that atende-media is in.
    media_pool media{
        loop.executor(),
        {.program =
             (std::filesystem::path(media_program_beside_this()).parent_path().parent_path() / "atende-media")
                 .string()}};
    audio_shelf shelf{*redis, 1h};
    speech_settings settings;
    std::optional<speech> made;
    std::vector<std::chrono::milliseconds> pauses;
    std::chrono::milliseconds longest_wait = 25s;
    atende::settings shop;
};

TEST_F(Speech, AsksForWhatTheApiTakes) {
    settings.api.base_url = "https://llm.example/v1/";
    ASSERT_TRUE(say("Olá! \"Tudo\" bem?"));
    ASSERT_EQ(server.calls.size(), 1U);
    const auto& call = server.calls.front();
    EXPECT_EQ(call.method, "POST");
    EXPECT_EQ(call.url, "https://llm.example/v1/audio/speech");
    EXPECT_EQ(json::parse(call.body), (json{{"model", "gpt-4o-mini-tts"},
                                            {"voice", "alloy"},
                                            {"input", "Olá! \"Tudo\" bem?"},
                                            {"response_format", "wav"}}));
    EXPECT_LE(call.timeout, 15s);
}

TEST_F(Speech, PublishesWhatInstagramPlays) {
    const auto name = say("Olá!");
    ASSERT_TRUE(name) << name.error().detail;
    EXPECT_TRUE(name->ends_with(".m4a"));
    const auto bytes = file_named(*name);
    EXPECT_LT(bytes.find("moov"), bytes.find("mdat")) << "the index comes first";
    const auto seen = studio.asked(bytes, "answer.m4a",
                                   "ffprobe -v error -show_entries "
                                   "stream=codec_name,channels:format=format_name,duration answer.m4a");
    EXPECT_THAT(seen, HasSubstr("codec_name=aac"));
    EXPECT_THAT(seen, HasSubstr("mp4"));
    const double duration = std::stod(seen.substr(seen.find("duration=") + 9));
    EXPECT_GT(duration, 5) << "all of it";
    EXPECT_LT(duration, 15);
}

TEST_F(Speech, MakesWavWhereThatIsAskedFor) {
    settings.format = audio_format::wav;
    const auto name = say("Olá!");
    ASSERT_TRUE(name) << name.error().detail;
    EXPECT_TRUE(name->ends_with(".wav"));
    EXPECT_TRUE(file_named(*name).starts_with("RIFF"));
}

TEST_F(Speech, TakesAStreamedWavThatDoesNotKnowItsLength) {
    for (const std::size_t at : {4, 40}) server.sound.replace(at, 4, "\xff\xff\xff\xff");
    const auto name = say("Olá!");
    ASSERT_TRUE(name) << name.error().detail;
}

TEST_F(Speech, SaysTheSameOnlyOnce) {
    const auto first = say("Olá!");
    const auto second = say("Olá!");
    ASSERT_TRUE(first && second);
    EXPECT_NE(*first, *second);
    EXPECT_EQ(file_named(*first), file_named(*second));
    EXPECT_EQ(server.calls.size(), 1U);
    ASSERT_TRUE(say("Olá?"));
    settings.voice = "nova";
    made.reset();
    ASSERT_TRUE(say("Olá!"));
    EXPECT_EQ(server.calls.size(), 3U) << "another text, another voice";
}

TEST_F(Speech, TriesAgainWhatMayPass) {
    server.answers = {refusal(503, ""), fail(errc::timed_out, "slow")};
    EXPECT_TRUE(say("Olá!"));
    EXPECT_EQ(server.calls.size(), 3U);
    EXPECT_EQ(pauses.size(), 2U);
}

TEST_F(Speech, TriesNotAgainWhatWillNotPass) {
    server.answers = {refusal(400, "invalid_voice")};
    const auto refused = say("Olá!");
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().detail, HasSubstr("HTTP 400 invalid_voice"));
    server.answers = {refusal(429, "insufficient_quota")};
    EXPECT_FALSE(say("Olá!"));
    EXPECT_EQ(server.calls.size(), 2U);
}

TEST_F(Speech, WaitsNoLongerThanACustomerWould) {
    server.answers = {http_answer{.status = 429, .headers = {{"retry-after", "60"}}, .body = "{}"}};
    EXPECT_FALSE(say("Olá!"));
    EXPECT_EQ(server.calls.size(), 1U);
    EXPECT_TRUE(pauses.empty());
}

TEST_F(Speech, PublishesNothingThatIsNoSpeech) {
    server.answers = {http_answer{.status = 200, .headers = {}, .body = R"({"error":{}})"}};
    EXPECT_FALSE(say("Olá!"));
    server.sound.replace(44, std::string::npos, std::string(40'000, '\0'));
    const auto silent = say("Olá!");
    ASSERT_FALSE(silent);
    EXPECT_THAT(silent.error().detail, HasSubstr("silent"));
    EXPECT_EQ(loop.await(redis->command({"DBSIZE"})).value().integer, 0);
}

TEST_F(Speech, IsUsedAsTheProfileSays) {
    using when = voice_options::when;
    const auto in = scope_verdict::in, out = scope_verdict::out, unknown = scope_verdict::unknown;
    EXPECT_TRUE(speak(when::usual, true, in));
    EXPECT_TRUE(speak(when::usual, false, out));
    EXPECT_FALSE(speak(when::usual, false, in));
    EXPECT_FALSE(speak(when::usual, false, unknown));
    EXPECT_FALSE(speak(when::never, true, out));
    EXPECT_TRUE(speak(when::mirror, true, unknown));
    EXPECT_FALSE(speak(when::mirror, false, out));
    EXPECT_TRUE(speak(when::always, false, unknown));
    EXPECT_TRUE(speak(when::out_of_scope, false, out));
    EXPECT_FALSE(speak(when::out_of_scope, true, in));
}

TEST_F(Speech, HangsOnTheScopeOnlyWhereThatCanMakeAnAnswerSpoken) {
    using when = voice_options::when;
    EXPECT_TRUE(depends_on_scope(when::usual));
    EXPECT_TRUE(depends_on_scope(when::out_of_scope));
    for (const auto reply : {when::never, when::mirror, when::always}) EXPECT_FALSE(depends_on_scope(reply));
    EXPECT_FALSE(depends_on_scope(when::usual, false)) << "a web chat, or no https address";
    shop.audio_replies = false;
    EXPECT_FALSE(depends_on_scope(when::usual));
    shop.audio_replies = true;
    shop.dry_run = true;
    EXPECT_FALSE(depends_on_scope(when::usual)) << "the offline model has no voice";
}

TEST_F(Speech, IsOnlyForShortAnswersWhereAudioCanBeSent) {
    using when = voice_options::when;
    const auto unknown = scope_verdict::unknown;
    EXPECT_TRUE(speak(when::always, false, unknown, std::string(30, 'a') + " " + std::string(29, 'b')));
    EXPECT_FALSE(speak(when::always, false, unknown, std::string(61, 'a')));
    EXPECT_FALSE(speak(when::always, false, unknown, "Oi!", false)) << "a web chat";
    EXPECT_FALSE(speak(when::always, false, unknown, "👍"));
    shop.audio_replies = false;
    EXPECT_FALSE(speak(when::always, false, unknown));
    shop.audio_replies = true;
    shop.dry_run = true;
    EXPECT_FALSE(speak(when::always, false, unknown)) << "the offline model has no voice";
}

TEST_F(Speech, LeavesNumbersAndLinksToBeReadToo) {
    using when = voice_options::when;
    const auto unknown = scope_verdict::unknown;
    EXPECT_FALSE(speak(when::always, false, unknown, "Temos sim!")->with_texts);
    EXPECT_TRUE(speak(when::always, false, unknown, "Custa R$ 497.")->with_texts);
    const auto linked = speak(when::always, false, unknown, "Veja https://loja.example/x");
    ASSERT_TRUE(linked);
    EXPECT_TRUE(linked->with_texts);
    EXPECT_THAT(json::parse(server.calls.back().body)["input"].get<std::string>(),
                testing::Not(HasSubstr("https")));
}

TEST_F(Speech, ThatFailsLeavesTheTextAndSaysWhyInTheLog) {
    const test::captured_log log;
    server.answers = {refusal(401, "invalid_api_key")};
    EXPECT_FALSE(speak(voice_options::when::always, false, scope_verdict::unknown));
    EXPECT_THAT(log.text(), HasSubstr("the answer is sent as text: speech: HTTP 401 invalid_api_key"));
}

TEST_F(Speech, IsNotPaidForWhileNobodyCouldFetchIt) {
    test::redis_server own;
    const auto lost = make_redis_client(loop.executor(), own.address(), 10s);
    ASSERT_TRUE(loop.until([&] { return lost->connected(); }));
    own.kill();
    ASSERT_TRUE(loop.until([&] { return !lost->connected(); }));
    audio_shelf away{*lost, 1h};
    speech mute(server, media, away, settings);
    EXPECT_FALSE(loop.await(mute.say("Temos sim!")));
    EXPECT_THAT(server.calls, testing::IsEmpty());
}

TEST_F(Speech, ThatHangsLeavesTheTextSoon) {
    const test::captured_log log;
    longest_wait = 50ms;
    server.hangs = true;
    EXPECT_FALSE(speak(voice_options::when::always, false, scope_verdict::unknown));
    EXPECT_THAT(log.text(), HasSubstr("the answer is sent as text: speaking took too long"));
}

} // namespace
} // namespace atende
