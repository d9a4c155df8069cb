#include "envelope.hpp"
#include "media/convert.hpp"
#include "support/speech.hpp"

#include <gtest/gtest.h>

#include <atende/voice/audio_container.hpp>
#include <cmath>
#include <string>
#include <vector>

namespace atende {
namespace {

using namespace std::chrono_literals;

converted_audio convert(const std::string& file, audio_format format = audio_format::speech_wav,
                        audio_limits limits = {}) {
    const media_request request{.container = sniff_audio(file),
                                .format = format,
                                .file_bytes = static_cast<std::uint32_t>(file.size()),
                                .limit_bytes = static_cast<std::uint32_t>(limits.bytes),
                                .limit_ms = static_cast<std::uint32_t>(limits.length.count())};
    return convert_audio(request, file);
}

struct convert_audio_test : testing::Test {
    std::string reference() { return studio.speech_as("reference.wav", "-ar 16000 -ac 1 -bitexact"); }

    void expect_same_words(const std::string& file) {
        const auto made = convert(file);
        ASSERT_EQ(made.verdict, audio_verdict::good) << name_of(made.verdict);
        EXPECT_TRUE(made.complete);
        const auto expected = test::samples_of(reference()).size();
        const auto got = test::samples_of(made.bytes).size();
        EXPECT_NEAR(static_cast<double>(got), static_cast<double>(expected), 0.15 * 16'000);
        EXPECT_EQ(made.length.count(), static_cast<long>(got * 1'000 / 16'000));
        EXPECT_GT(test::likeness(made.bytes, reference()), 0.9);
    }

    test::sound_studio& studio = test::sound_studio::shared();
};

using convert_speech = convert_audio_test;

TEST_F(convert_speech, m4a_as_instagram_sends_it) {
    expect_same_words(studio.speech_as("a.m4a", "-ar 44100 -c:a aac"));
}
TEST_F(convert_speech, m4a_with_its_index_in_front_stereo_48_khz) {
    expect_same_words(studio.speech_as("a.m4a", "-ar 48000 -ac 2 -c:a aac -movflags +faststart"));
}
TEST_F(convert_speech, ogg_opus_as_whatsapp_sends_it) {
    expect_same_words(studio.speech_as("a.ogg", "-ar 16000 -c:a libopus -application voip -b:a 16k"));
}
TEST_F(convert_speech, ogg_opus_stereo_48_khz) {
    expect_same_words(studio.speech_as("a.ogg", "-ar 48000 -ac 2 -c:a libopus -b:a 96k"));
}
TEST_F(convert_speech, ogg_vorbis) {
    expect_same_words(studio.speech_as("a.ogg", "-c:a libvorbis"));
}
TEST_F(convert_speech, mp3) {
    expect_same_words(studio.speech_as("a.mp3", "-c:a libmp3lame"));
}
TEST_F(convert_speech, mp3_without_any_header) {
    expect_same_words(studio.speech_as("a.mp3", "-c:a libmp3lame -write_xing 0 -id3v2_version 0"));
}
TEST_F(convert_speech, wav_of_other_widths) {
    expect_same_words(studio.speech());
    expect_same_words(studio.speech_as("a.wav", "-c:a pcm_s24le -ac 2 -ar 96000"));
    expect_same_words(studio.speech_as("b.wav", "-c:a pcm_f32le"));
    expect_same_words(studio.speech_as("c.wav", "-c:a pcm_mulaw -ar 8000"));
}
TEST_F(convert_speech, wav_that_was_streamed_and_knows_no_length) {
    auto file = studio.speech_as("a.wav", "-bitexact");
    file.replace(4, 4, "\xff\xff\xff\xff");
    file.replace(40, 4, "\xff\xff\xff\xff");
    expect_same_words(file);
}
TEST_F(convert_speech, amr_narrow_band) {
    static_cast<void>(studio.speech());
    expect_same_words(studio.made_by("sox speech.wav -r 8000 -c 1 a.amr-nb", "a.amr-nb"));
}
TEST_F(convert_speech, webm_as_a_browser_records_it) {
    expect_same_words(studio.speech_as("a.webm", "-c:a libopus -ar 48000"));
}
TEST_F(convert_speech, adts_aac) {
    expect_same_words(studio.speech_as("a.aac", "-c:a aac"));
}
TEST_F(convert_speech, sound_of_a_video) {
    expect_same_words(studio.speech_as(
        "a.mp4", "-f lavfi -i testsrc=size=320x240:rate=15 -shortest -c:v mpeg4 -c:a aac -pix_fmt yuv420p"));
}

using convert_verdict = convert_audio_test;

TEST_F(convert_verdict, silence_is_silent) {
    EXPECT_EQ(convert(studio.ffmpeg("-f lavfi -i anullsrc=r=48000 -t 5 -c:a aac", "a.m4a")).verdict,
              audio_verdict::silent);
    // A microphone that is switched off is not quite silent.
    EXPECT_EQ(convert(studio.ffmpeg("-f lavfi -i anoisesrc=a=0.0005 -t 5", "a.wav")).verdict,
              audio_verdict::silent);
    EXPECT_EQ(convert(studio.ffmpeg("-f lavfi -i anoisesrc=a=0.02 -t 5", "b.wav")).verdict,
              audio_verdict::good);
}
TEST_F(convert_verdict, one_sample_is_silent) {
    EXPECT_EQ(convert(studio.speech_as("a.wav", "-af atrim=start_sample=30000:end_sample=30001")).verdict,
              audio_verdict::silent);
    EXPECT_EQ(
        convert(studio.speech_as("a.m4a", "-af atrim=start_sample=30000:end_sample=30001 -c:a aac")).verdict,
        audio_verdict::silent);
}
TEST_F(convert_verdict, a_video_without_sound_is_silent) {
    EXPECT_EQ(convert(studio.ffmpeg("-f lavfi -i testsrc=size=64x64 -t 1 -c:v mpeg4", "a.mp4")).verdict,
              audio_verdict::silent);
}
TEST_F(convert_verdict, stops_where_it_becomes_too_long) {
    const auto made = convert(studio.speech_as("a.m4a"), audio_format::speech_wav, {.length = 2s});
    EXPECT_EQ(made.verdict, audio_verdict::too_long);
    EXPECT_TRUE(made.bytes.empty());
    EXPECT_LT(made.length, 2'200ms); // of some 8 s: it did not read on
}
TEST_F(convert_verdict, too_big_when_the_wav_would_be) {
    const auto file = studio.speech_as("a.ogg", "-c:a libopus -b:a 16k");
    EXPECT_EQ(convert(file, audio_format::speech_wav, {.bytes = 100'000}).verdict, audio_verdict::too_big);
    EXPECT_EQ(convert(file, audio_format::m4a, {.bytes = 10'000}).verdict, audio_verdict::too_big);
    EXPECT_EQ(convert(file, audio_format::voice_note, {.bytes = 5'000}).verdict, audio_verdict::too_big);
}
TEST_F(convert_verdict, a_codec_we_do_not_read_is_unsupported) {
    EXPECT_EQ(convert(studio.speech_as("a.ogg", "-c:a flac")).verdict, audio_verdict::unsupported);
    EXPECT_EQ(convert(studio.speech_as("a.mp4", "-c:a alac")).verdict, audio_verdict::unsupported);
}
TEST_F(convert_verdict, a_file_without_its_index_is_damaged) {
    const auto file = studio.speech_as("a.m4a"); // ffmpeg leaves the index at the end
    EXPECT_EQ(convert(file.substr(0, file.size() / 2)).verdict, audio_verdict::damaged);
}
TEST_F(convert_verdict, a_file_cut_off_gives_what_is_there_and_says_so) {
    for (const char* name : {"a.m4a", "a.wav"}) {
        const auto file = studio.speech_as(name, "-movflags +faststart");
        const auto made = convert(file.substr(0, file.size() / 2));
        EXPECT_EQ(made.verdict, audio_verdict::good) << name;
        EXPECT_FALSE(made.complete) << name;
    }
}

struct convert_encode : convert_audio_test {
    std::string probe(const std::string& file, const std::string& fields) {
        return studio.asked(file, "probed",
                            "ffprobe -v error -show_entries " + fields + " -of default=nw=1:nk=1 probed");
    }
    // As the ffmpeg program measures it: integrated loudness and true peak.
    std::pair<double, double> loudness_of(const std::string& file) {
        const auto said =
            studio.asked(file, "measured",
                         "ffmpeg -nostdin -v info -i measured -af ebur128=peak=true:dualmono=true -f null -");
        const auto summary = said.substr(said.rfind("Summary:"));
        return {std::stod(summary.substr(summary.find("I:") + 2)),
                std::stod(summary.substr(summary.find("Peak:") + 5))};
    }
};

TEST_F(convert_encode, m4a_as_instagram_takes_it) {
    const auto made = convert(studio.speech(), audio_format::m4a);
    ASSERT_EQ(made.verdict, audio_verdict::good);
    EXPECT_EQ(probe(made.bytes, "stream=codec_name,profile,sample_rate,channels"), "aac\nLC\n44100\n1\n");
    EXPECT_EQ(made.bytes.substr(4, 8), "ftypM4A ");
    EXPECT_LT(made.bytes.find("moov"), made.bytes.find("mdat")); // plays before all of it has come
    expect_same_words(made.bytes);
}
TEST_F(convert_encode, voice_note_as_whatsapp_takes_it) {
    const auto made = convert(studio.speech(), audio_format::voice_note);
    ASSERT_EQ(made.verdict, audio_verdict::good);
    EXPECT_EQ(probe(made.bytes, "stream=codec_name,channels"), "opus\n1\n");
    const auto head = made.bytes.find("OpusHead");
    ASSERT_NE(head, std::string::npos);
    EXPECT_EQ(made.bytes.substr(head + 12, 4), std::string("\x80\x3e\0\0", 4)); // 16,000 Hz
    expect_same_words(made.bytes);
}
TEST_F(convert_encode, wav) {
    const auto made = convert(studio.speech(), audio_format::wav);
    EXPECT_EQ(probe(made.bytes, "stream=codec_name,sample_rate,channels"), "pcm_s16le\n24000\n1\n");
    expect_same_words(made.bytes);
}
TEST_F(convert_encode, what_was_quiet_or_loud_becomes_as_loud_as_it_should_be) {
    for (const char* volume : {"volume=-20dB", "volume=6dB"}) {
        for (const auto format : {audio_format::wav, audio_format::m4a, audio_format::voice_note}) {
            const auto made = convert(studio.speech_as("a.wav", std::string("-af ") + volume), format);
            const auto [loudness, peak] = loudness_of(made.bytes);
            EXPECT_NEAR(loudness, -16, 1) << volume << ' ' << content_type_of(format);
            EXPECT_LT(peak, 0) << volume << ' ' << content_type_of(format);
        }
    }
}
TEST_F(convert_encode, a_click_is_not_made_louder_than_loud) {
    const auto made =
        convert(studio.speech_as("a.wav", "-af \"volume=-30dB,aeval='if(eq(n,9000),0.9,val(0))'\""),
                audio_format::wav);
    EXPECT_LT(loudness_of(made.bytes).second, -1);
}
TEST_F(convert_encode, the_same_voice_gives_the_same_file) {
    for (const auto format : {audio_format::m4a, audio_format::voice_note})
        EXPECT_EQ(convert(studio.speech(), format).bytes, convert(studio.speech(), format).bytes);
}

} // namespace
} // namespace atende
