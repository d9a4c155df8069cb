// From a link to words, with real files and the real decoder; the servers are scripted.
#include "pool_fixture.hpp"
#include "support/scripted_http.hpp"

#include <atende/voice/listener.hpp>

namespace atende::test {
namespace {

using namespace std::chrono_literals;

class ListenerTest : public pool_fixture {
protected:
    scripted_http http;
    listener_settings limits;

    heard_audio hear() {
        if (!pool) start();
        listener ears(loop.executor(), http, *pool, transcriber(http, {}, "whisper-1"), limits);
        return loop.await(
            ears.hear("https://fbsbx.com/a", {.platform_domains = instagram_media_domains()}, {}, "ig:1:2"),
            std::chrono::seconds(60));
    }
    // What the API was sent.
    [[nodiscard]] bool was_sent(std::size_t call, const std::string& name, const std::string& bytes) const {
        const auto& body = http.calls.at(call).body;
        return body.contains("filename=\"" + name + "\"") && body.contains(bytes);
    }
    void will_say(const std::string& words) { http.will_answer(200, R"({"text":")" + words + "\"}"); }
};

TEST_F(ListenerTest, SendsWhatTheApiReadsAsItCame) {
    const auto note = studio.speech_as("a.m4a");
    http.will_answer(200, note);
    will_say("tem a moto?");
    const auto heard = hear();
    EXPECT_EQ(heard.what, hearing::heard) << heard.why;
    EXPECT_EQ(heard.words, "tem a moto?");
    EXPECT_TRUE(was_sent(1, "voice.m4a", note));
}

TEST_F(ListenerTest, SendsWavWhereTheApiReadsNoSuchFile) {
    static_cast<void>(studio.speech());
    const auto note = studio.made_by("sox speech.wav -r 8000 -c 1 a.amr-nb", "a.amr-nb");
    http.will_answer(200, note);
    will_say("oi");
    EXPECT_EQ(hear().what, hearing::heard);
    EXPECT_TRUE(was_sent(1, "voice.wav", "RIFF"));
    EXPECT_FALSE(was_sent(1, "voice.wav", note));
}

TEST_F(ListenerTest, SendsWavWhenTheApiCannotReadThisFile) {
    const auto note = studio.speech_as("a.m4a");
    http.will_answer(200, note);
    http.will_answer(400, R"({"error":{"code":"invalid_value"}})");
    will_say("oi");
    EXPECT_EQ(hear().what, hearing::heard);
    EXPECT_TRUE(was_sent(1, "voice.m4a", note));
    EXPECT_TRUE(was_sent(2, "voice.wav", "RIFF"));

    http.calls.clear();
    http.will_answer(200, note);
    http.will_answer(401);
    const auto refused = hear();
    EXPECT_EQ(refused.what, hearing::not_understood);
    EXPECT_EQ(http.calls.size(), 2U) << "another file does not mend a key";
    EXPECT_FALSE(refused.for_good) << "another key does";
}

TEST_F(ListenerTest, WhatSettingsMayChangeIsNotForGood) {
    const auto refused = [this](int status, const std::string& body = "") {
        http.will_answer(200, studio.speech_as("a.m4a"));
        http.will_answer(status, body);
        return hear();
    };
    EXPECT_FALSE(refused(404).for_good) << "no such model";
    EXPECT_FALSE(refused(429, R"({"error":{"code":"insufficient_quota"}})").for_good);
    http.will_answer(403);
    EXPECT_FALSE(hear().for_good) << "the platform wants a token";
    http.will_answer(302, "", {{"location", "https://cdn.example/a"}});
    EXPECT_FALSE(hear().for_good) << "MEDIA_ALLOWED_HOSTS";
    http.will_answer(404);
    EXPECT_TRUE(hear().for_good);
}

TEST_F(ListenerTest, SendsNobodyWhatHasNoWords) {
    const auto silence = studio.ffmpeg("-f lavfi -i anullsrc=r=16000:cl=mono -t 3", "silence.m4a");
    for (const auto& file : {silence, studio.speech_as("a.m4a").substr(0, 2'000), std::string("<html>"),
                             std::string("#EXTM3U\nfile:///etc/passwd\n")}) {
        http.calls.clear();
        http.will_answer(200, file);
        const auto heard = hear();
        EXPECT_EQ(heard.what, hearing::not_understood);
        EXPECT_TRUE(heard.for_good) << heard.why;
        EXPECT_EQ(http.calls.size(), 1U) << heard.why;
    }
    http.will_answer(200, studio.speech_as("a.m4a"));
    will_say("  ");
    EXPECT_EQ(hear().what, hearing::not_understood);
}

TEST_F(ListenerTest, SendsNobodyWhatIsTooLong) {
    limits.longest = std::chrono::seconds(2);
    http.will_answer(200, studio.speech_as("a.m4a"));
    EXPECT_EQ(hear().what, hearing::too_long);
    http.will_fail(errc::too_large);
    EXPECT_EQ(hear().what, hearing::too_long);
    EXPECT_EQ(http.calls.size(), 2U);
}

TEST_F(ListenerTest, GivesItsPlaceBackHoweverItEnds) {
    start();
    limits.at_once = 1;
    listener ears(loop.executor(), http, *pool, transcriber(http, {}, "whisper-1"), limits);
    const auto one = [&] { return ears.hear("file:///etc/passwd", {}, {}, "ig:1:2"); };
    EXPECT_EQ(loop.await(one()).what, hearing::not_understood);
    EXPECT_EQ(loop.await(one()).what, hearing::not_understood);
}

TEST_F(ListenerTest, TheHourOfAContactMayBeUsedUp) {
    start();
    std::chrono::steady_clock::time_point now;
    limits.hourly = 1min;
    limits.now = [&now] { return now; };
    listener ears(loop.executor(), http, *pool, transcriber(http, {}, "whisper-1"), limits);
    const auto hear = [&](const std::string& whose) {
        return loop.await(
            ears.hear("https://fbsbx.com/a", {.platform_domains = instagram_media_domains()}, {}, whose));
    };
    const auto silence = studio.ffmpeg("-f lavfi -i anullsrc=r=16000:cl=mono -t 45", "long_silence.m4a");
    http.will_answer(200, silence);
    hear("ig:1:ana");
    http.will_answer(410);
    hear("ig:1:ana"); // as the shortest: 55 s
    http.will_answer(410);
    hear("ig:1:ana");
    EXPECT_EQ(http.calls.size(), 3U);

    now += 59min;
    const auto refused = hear("ig:1:ana");
    EXPECT_EQ(refused.what, hearing::not_understood);
    EXPECT_FALSE(refused.why.empty());
    EXPECT_FALSE(refused.for_good) << "its turn may come after the hour";
    EXPECT_EQ(http.calls.size(), 3U);
    http.will_answer(410);
    hear("ig:1:bia");
    EXPECT_EQ(http.calls.size(), 4U) << "another contact";
    now += 1min;
    http.will_answer(410);
    hear("ig:1:ana");
    EXPECT_EQ(http.calls.size(), 5U) << "another hour";
}

TEST_F(ListenerTest, AnOutageUsesUpNobodysHour) {
    start();
    limits.hourly = 1min;
    listener ears(loop.executor(), http, *pool, transcriber(http, {}, "whisper-1"), limits);
    static_cast<void>(studio.speech());
    const auto note = studio.made_by("sox speech.wav long.wav repeat 9", "long.wav"); // more than a minute
    for (int tries = 0; tries < 3; ++tries) {
        http.will_answer(200, note);
        http.will_answer(401);
        EXPECT_FALSE(loop.await(ears.hear("https://fbsbx.com/a",
                                          {.platform_domains = instagram_media_domains()}, {}, "ig:1:ana"))
                         .for_good);
    }
    EXPECT_EQ(http.calls.size(), 6U);
}

TEST_F(ListenerTest, OneContactLeavesOthersAPlace) {
    start();
    http.held = true;
    limits.at_once = 3;
    listener ears(loop.executor(), http, *pool, transcriber(http, {}, "whisper-1"), limits);
    int over = 0;
    const auto begin = [&](const std::string& url, const std::string& whose) {
        asio::co_spawn(loop.executor(),
                       ears.hear(url, {.platform_domains = instagram_media_domains()}, {}, whose),
                       [&over](const std::exception_ptr&, const heard_audio&) { ++over; });
    };
    const std::string anas = "https://fbsbx.com/ana", bias = "https://fbsbx.com/bia";
    for (int i = 0; i < 4; ++i) begin(anas, "ig:1:ana");
    begin(bias, "ig:1:bia");
    ASSERT_TRUE(loop.until([&] { return http.calls.size() == 3; }));
    std::vector<std::string> asked;
    for (const auto& call : http.calls) asked.push_back(call.url);
    EXPECT_EQ(asked, (std::vector{anas, anas, bias}));
    http.held = false;
    ASSERT_TRUE(loop.until([&] { return over == 5; }));
    EXPECT_EQ(http.calls.size(), 5U);
}

TEST_F(ListenerTest, WithoutADecoderNothingIsUnderstood) {
    start({.program = "/nonexistent"});
    http.will_answer(200, studio.speech_as("a.m4a"));
    const auto heard = hear();
    EXPECT_EQ(heard.what, hearing::not_understood);
    EXPECT_FALSE(heard.for_good);
}

} // namespace
} // namespace atende::test
