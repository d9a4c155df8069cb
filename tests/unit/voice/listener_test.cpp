// From a link to words, with real files and the real decoder; the servers are scripted.
#include "pool_fixture.hpp"
#include "support/scripted_http.hpp"

#include <atende/voice/listener.hpp>

namespace atende::test {
namespace {

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

TEST_F(ListenerTest, WithoutADecoderNothingIsUnderstood) {
    start({.program = "/nonexistent"});
    http.will_answer(200, studio.speech_as("a.m4a"));
    const auto heard = hear();
    EXPECT_EQ(heard.what, hearing::not_understood);
    EXPECT_FALSE(heard.for_good);
}

} // namespace
} // namespace atende::test
