// Files made to hurt. The pool of real, sandboxed processes has to outlive all of them: a process that tried
// to open a file or a socket would be killed by SIGSYS, which no file here may cause.
#include "pool_fixture.hpp"

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace atende {
namespace {

using namespace std::chrono_literals;

struct hostile_file : test::pool_fixture {
    hostile_file() { start(); }

    // Ends in a verdict, or with the process dead; never by an attempt to break out.
    result<converted_audio> survive(const std::string& file, audio_limits limits = {}) {
        auto made = decode(file, limits);
        if (made) return made;
        const bool by_the_file = made.error().code == errc::rejected || made.error().code == errc::timed_out;
        EXPECT_TRUE(by_the_file) << made.error().detail;
        EXPECT_EQ(made.error().detail.find("SIGSYS"), std::string::npos) << made.error().detail;
        return made;
    }

    audio_verdict verdict_of(const std::string& file, audio_limits limits = {}) {
        const auto made = survive(file, limits);
        return made ? made->verdict : audio_verdict::damaged;
    }

    std::map<std::string, std::string> of_every_kind() {
        std::map<std::string, std::string> files{
            {"m4a", studio.speech_as("a.m4a", "-t 1.5")},
            {"m4a, index in front", studio.speech_as("b.m4a", "-t 1.5 -movflags +faststart")},
            {"ogg opus", studio.speech_as("a.ogg", "-t 1.5 -c:a libopus -b:a 16k")},
            {"ogg opus for libavcodec", studio.speech_as("c.ogg", "-t 1.5 -ac 6 -c:a libopus")},
            {"ogg vorbis", studio.speech_as("b.ogg", "-t 1.5 -c:a libvorbis")},
            {"mp3", studio.speech_as("a.mp3", "-t 1.5")},
            {"wav", studio.speech_as("a.wav", "-t 0.5")},
            {"webm", studio.speech_as("a.webm", "-t 1.5 -c:a libopus")},
            {"aac", studio.speech_as("a.aac", "-t 1.5")},
            {"video",
             studio.speech_as("a.mp4", "-f lavfi -i testsrc=size=64x64:rate=5 -t 1 -c:v mpeg4 -c:a aac")},
        };
        files["amr"] = studio.made_by("sox speech.wav -r 8000 -c 1 a.amr-nb trim 0 1.5", "a.amr-nb");
        return files;
    }
};

TEST_F(hostile_file, playlists_and_references_are_not_followed) {
    const std::string target = "/etc/passwd";
    for (const std::string& file : std::vector<std::string>{
             "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://" + target + "\n#EXT-X-ENDLIST\n",
             "#EXTM3U\n#EXTINF:10,\nconcat:" + target + "|" + target + "\n",
             "ffconcat version 1.0\nfile '" + target + "'\n", "file://" + target, "concat:" + target,
             "subfile,,start,0,end,9,,:" + target,
             "<?xml version=\"1.0\"?><MPD><BaseURL>http://127.0.0.1:9/</BaseURL></MPD>",
             "v=0\nc=IN IP4 127.0.0.1\n"})
        EXPECT_EQ(verdict_of(file), audio_verdict::unsupported) << file;
    EXPECT_EQ(pool->count().started, 0U);
}

TEST_F(hostile_file, a_playlist_behind_honest_first_bytes_is_only_noise) {
    const std::string playlist = "#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n";
    for (const std::string& file :
         {"OggS" + playlist, "ID3" + playlist, "#!AMR" + playlist, "\x1a\x45\xdf\xa3" + playlist,
          "1234ftyp" + playlist, "RIFF1234WAVE" + playlist})
        EXPECT_NE(verdict_of(file), audio_verdict::good) << file;
}

// QuickTime may say that the sound is in another file: the address replaces the one for "in this file".
TEST_F(hostile_file, a_movie_whose_sound_is_in_another_file) {
    auto file = studio.speech_as("a.mov", "-movflags +faststart -c:a pcm_s16le");
    const auto at = file.find("dref");
    ASSERT_NE(at, std::string::npos);
    const auto reference = file.find("url ", at);
    ASSERT_NE(reference, std::string::npos);
    file[reference + 7] = 0; // no longer "in this file"
    survive(file);
    file.replace(reference, 4, "alis");
    survive(file);
}

TEST_F(hostile_file, three_hours_of_silence_are_too_long) {
    static_cast<void>(
        studio.ffmpeg("-f lavfi -i anullsrc=r=16000:cl=mono -t 60 -c:a libopus -b:a 6k", "minute.ogg"));
    const auto file = studio.ffmpeg("-stream_loop 179 -i minute.ogg -c copy", "long.ogg");
    EXPECT_LT(file.size(), std::size_t(10) << 20);
    EXPECT_EQ(verdict_of(file), audio_verdict::too_long);
}

// A few kilobytes that promise, or unpack to, gigabytes.
TEST_F(hostile_file, bombs) {
    auto wav = studio.speech_as("a.wav", "-t 1 -bitexact");
    wav.replace(24, 4, std::string("\x01\0\0\0", 4)); // one sample a second: 6 hours from 44 kB
    EXPECT_EQ(verdict_of(wav), audio_verdict::damaged);
    auto channels = studio.speech_as("a.wav", "-t 1 -bitexact");
    channels.replace(22, 2, "\xff\xff");
    EXPECT_NE(verdict_of(channels), audio_verdict::good);

    auto table = studio.speech_as("a.m4a", "-t 1 -movflags +faststart");
    for (const char* name : {"stsz", "stts", "stco", "stsc"}) { // tables of four thousand million entries
        auto file = table;
        const auto at = file.find(name);
        ASSERT_NE(at, std::string::npos);
        file.replace(at + (std::string_view(name) == "stsz" ? 12 : 8), 4, "\xff\xff\xff\xff");
        survive(file);
    }
    std::string nested(8, '\0'); // boxes in boxes
    for (int i = 0; i < 100'000; ++i) nested += std::string("\0\1\0\0moov", 8);
    survive(std::string("\0\0\0\x08"
                        "ftyp",
                        8) +
            nested);
    survive("OggS" + std::string(20'000'000, '\0'));
    survive("ID3" + std::string(20'000'000, '\xff'));
}

TEST_F(hostile_file, cut_off_anywhere) {
    for (const auto& [kind, whole] : of_every_kind()) {
        SCOPED_TRACE(kind);
        for (const std::size_t left : {std::size_t{1}, std::size_t{8}, std::size_t{40}, whole.size() / 4,
                                       whole.size() / 2, whole.size() - 1})
            survive(whole.substr(0, left));
    }
}

// ATENDE_FUZZ_FILES says how many; `./dev fuzz` asks for ten thousand.
TEST_F(hostile_file, mutations) {
    const char* asked = std::getenv("ATENDE_FUZZ_FILES");
    const int count = asked == nullptr ? 330 : std::atoi(asked);
    const char* seeded = std::getenv("ATENDE_FUZZ_SEED");
    const unsigned seed = seeded == nullptr ? 1 : static_cast<unsigned>(std::atoi(seeded));
    const auto kinds = of_every_kind();
    std::mt19937 random(seed);
    const auto below = [&](std::size_t limit) { return random() % limit; };
    std::map<audio_verdict, int> verdicts;
    int index = 0;
    for (auto kind = kinds.begin(); index < count; ++index) {
        auto file = kind->second;
        // Most of what a demuxer believes stands in front.
        const std::size_t reach = below(2) == 0 ? std::min<std::size_t>(file.size(), 600) : file.size();
        for (std::size_t flips = 1 + below(12); flips > 0; --flips)
            file[4 + below(reach - 4)] ^= static_cast<char>(1U << below(8));
        if (below(4) == 0) file.replace(below(reach), 4, "\xff\xff\xff\xff");
        if (below(4) == 0) file.erase(below(file.size()), below(300));
        if (below(8) == 0) file.insert(below(file.size()), kinds.at("m4a").substr(0, below(2'000)));
        SCOPED_TRACE("seed " + std::to_string(seed) + ", file " + std::to_string(index) + ", " + kind->first);
        ++verdicts[verdict_of(file, {.length = 1min})];
        if (++kind == kinds.end()) kind = kinds.begin();
    }
    // It would prove little if all were thrown out at once, or none hurt.
    EXPECT_GT(verdicts[audio_verdict::good], count / 20);
    EXPECT_GT(verdicts[audio_verdict::damaged], count / 20);
    for (const auto& [verdict, times] : verdicts) std::cout << times << ' ' << name_of(verdict) << ", ";
    std::cout << pool->count().lost << " processes lost\n";
    EXPECT_EQ(decode(studio.speech())->verdict, audio_verdict::good);
}

} // namespace
} // namespace atende
