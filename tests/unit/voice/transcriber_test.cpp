// Speech to text against a server that does what real ones have done. What it accepts is checked by the
// strict fake of tests/e2e.
#include "support/event_loop.hpp"
#include "support/scripted_http.hpp"

#include <gtest/gtest.h>

#include <atende/voice/transcriber.hpp>
#include <chrono>

namespace atende::test {
namespace {

using namespace std::string_literals;

class Transcriber : public testing::Test {
protected:
    scripted_http http;
    std::vector<std::chrono::milliseconds> pauses;
    speech_hints hints{.language = "pt", .vocabulary = {"XY 150", "Jet 125"}};

    result<std::string> transcribe(std::string bytes = "OggS...") {
        audio_api_settings api{.base_url = "https://stt.example/v1/", .api_key = "sk-secret"};
        api.pause = [this](std::chrono::milliseconds time) -> awaitable<void> {
            pauses.push_back(time);
            co_return;
        };
        transcriber writes(http, api, "gpt-4o-mini-transcribe");
        return run(writes.transcribe(
            {.name = "voice.ogg", .content_type = "audio/ogg", .bytes = std::move(bytes)}, hints, "ig:1:2"));
    }
};

TEST_F(Transcriber, SendsTheFileWithItsHintsAndTrimsTheWords) {
    http.will_answer(200, R"({"text":" Tem a XY 150? \n","usage":{}})");
    EXPECT_EQ(transcribe(), "Tem a XY 150?");
    const auto& call = http.calls.at(0);
    EXPECT_EQ(call.url, "https://stt.example/v1/audio/transcriptions");
    EXPECT_EQ(scripted_http::header(call, "Authorization"), "Bearer sk-secret");
    const auto type = scripted_http::header(call, "Content-Type");
    const auto boundary = type.substr(type.find('=') + 1);
    EXPECT_EQ(
        call.body,
        "--" + boundary +
            "\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n"
            "gpt-4o-mini-transcribe\r\n--" +
            boundary + "\r\nContent-Disposition: form-data; name=\"response_format\"\r\n\r\njson\r\n--" +
            boundary + "\r\nContent-Disposition: form-data; name=\"language\"\r\n\r\npt\r\n--" + boundary +
            "\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\n"
            "XY 150, Jet 125\r\n--" +
            boundary +
            "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"voice.ogg\"\r\n"
            "Content-Type: audio/ogg\r\n\r\nOggS...\r\n--" +
            boundary + "--\r\n");
}

TEST_F(Transcriber, RepeatsWhatMayPassAsOftenAsOpenAisOwnClient) {
    http.will_answer(500, "<html>");
    http.will_answer(429, R"({"error":{"code":"rate_limit_exceeded"}})", {{"retry-after", "2"}});
    http.will_answer(200, R"({"text":"oi"})");
    EXPECT_EQ(transcribe(), "oi");
    ASSERT_EQ(pauses.size(), 2U);
    EXPECT_EQ(pauses[1], std::chrono::seconds(2));

    for (int i = 0; i < 3; ++i) http.will_fail(errc::timed_out);
    EXPECT_EQ(transcribe().error().code, errc::timed_out);
    EXPECT_TRUE(http.answers.empty());
}

TEST_F(Transcriber, TellsApartWhyItIsRefused) {
    const std::vector<std::pair<int, errc>> all{{400, errc::invalid_input}, {415, errc::invalid_input},
                                                {422, errc::invalid_input}, {401, errc::rejected},
                                                {404, errc::rejected},      {413, errc::too_large}};
    for (const auto& [status, code] : all) {
        http.calls.clear();
        http.will_answer(status, R"({"error":{"code":"no","message":"sk-secret"}})");
        const auto got = transcribe();
        ASSERT_FALSE(got) << status;
        EXPECT_EQ(got.error().code, code) << status;
        EXPECT_EQ(got.error().detail.find("sk-secret"), std::string::npos);
        EXPECT_EQ(http.calls.size(), 1U) << status;
    }
    http.calls.clear();
    http.will_answer(429, R"({"error":{"code":null,"type":"insufficient_quota"}})");
    EXPECT_EQ(transcribe().error().code, errc::rejected);
    EXPECT_EQ(http.calls.size(), 1U) << "no wait fills an account";
}

TEST_F(Transcriber, TakesNoNonsenseForWords) {
    for (const auto* odd : {"", "[]", "{}", R"({"text":null})", R"({"text":["oi"]})", "oi"}) {
        http.will_answer(200, odd);
        const auto got = transcribe();
        ASSERT_FALSE(got) << odd;
        EXPECT_EQ(got.error().code, errc::protocol) << odd;
    }
    http.will_answer(200, R"({"text":"XY 150, Jet 125."})");
    EXPECT_EQ(transcribe(), "") << "of noise a model makes its own prompt";
}

TEST(AsUploaded, GoesByWhatIsInTheFile) {
    EXPECT_EQ(as_uploaded("\0\0\0\x20"s
                          "ftypM4A ...")
                  .name,
              "voice.m4a");
    EXPECT_EQ(as_uploaded("\0\0\0\x20"s
                          "ftypisom...")
                  .name,
              "voice.m4a");
    EXPECT_EQ(as_uploaded("OggS").name, "voice.ogg");
    EXPECT_EQ(as_uploaded("\x1a\x45\xdf\xa3\x01\x42\x82\x84webm").content_type, "audio/webm");
    for (const auto& needs_wav : {"\0\0\0\x20"s
                                  "ftyp3gp4",
                                  "\0\0\0\x20"s
                                  "ftypqt  ",
                                  "#!AMR\n"s, "\x1a\x45\xdf\xa3\x42\x82\x88matroska"s, "#EXTM3U"s, ""s})
        EXPECT_EQ(as_uploaded(needs_wav).name, "") << needs_wav;
}

} // namespace
} // namespace atende::test
