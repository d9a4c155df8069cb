#include "support/speech.hpp"

#include <gtest/gtest.h>

#include <atende/voice/audio_container.hpp>
#include <string_view>

namespace atende {
namespace {

using namespace std::string_view_literals;

TEST(audio_container, known_by_its_first_bytes) {
    EXPECT_EQ(sniff_audio("OggS\0\2"sv), audio_container::ogg);
    EXPECT_EQ(sniff_audio("\0\0\0\x1c"
                          "ftypM4A "sv),
              audio_container::mp4);
    EXPECT_EQ(sniff_audio("RIFF\xff\xff\xff\xffWAVEfmt "sv), audio_container::wav);
    EXPECT_EQ(sniff_audio("#!AMR\n\x3c"sv), audio_container::amr);
    EXPECT_EQ(sniff_audio("#!AMR-WB\n"sv), audio_container::amr);
    EXPECT_EQ(sniff_audio("\x1a\x45\xdf\xa3\x9f"sv), audio_container::webm);
    EXPECT_EQ(sniff_audio("ID3\4\0\0"sv), audio_container::mp3);
    EXPECT_EQ(sniff_audio("\xff\xfb\x90\x64"sv), audio_container::mp3);
    EXPECT_EQ(sniff_audio("\xff\xf1\x50\x80"sv), audio_container::aac);
}

TEST(audio_container, everything_else_is_unknown) {
    for (const auto file :
         {""sv, "O"sv, "Ogg"sv, "ftyp"sv, "RIFF\0\0\0\0AVI LIST"sv, "\xff"sv, "\xff\xff\xff\xff"sv,
          "\xff\xfb\xf0\x64"sv, "\xff\xe1\x90\x64"sv, "#EXTM3U\n#EXTINF:1,\n/etc/passwd\n"sv,
          "ffconcat version 1.0\nfile /etc/passwd\n"sv, "file:///etc/passwd"sv,
          "<?xml version=\"1.0\"?><MPD/>"sv, "PK\3\4"sv, "\x89PNG\r\n"sv, "fLaC\0"sv, " OggS"sv,
          "[playlist]\nFile1=http://127.0.0.1/"sv}) {
        EXPECT_EQ(sniff_audio(file), audio_container::unknown) << file;
    }
}

} // namespace
} // namespace atende
