#include "media/audio_reader.hpp"

#include "media/memory_io.hpp"
#include "media/sound_decoder.hpp"

#include <memory>
#include <new>
#include <utility>

namespace atende {
namespace {

const char* demuxer_for(audio_container container) {
    switch (container) {
    case audio_container::mp4: return "mov";
    case audio_container::ogg: return "ogg";
    case audio_container::mp3: return "mp3";
    case audio_container::aac: return "aac";
    case audio_container::wav: return "wav";
    case audio_container::amr: return "amr";
    case audio_container::webm: return "matroska";
    case audio_container::unknown: break;
    }
    return nullptr;
}

int refuse_to_open(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) {
    return AVERROR(EPERM);
}

av::input open_container(memory_source& source, audio_container container) {
    const char* name = demuxer_for(container);
    const AVInputFormat* demuxer = name == nullptr ? nullptr : av_find_input_format(name);
    if (demuxer == nullptr) return nullptr; // without one libavformat would guess, and try them all
    AVFormatContext* context = avformat_alloc_context();
    if (context == nullptr) throw std::bad_alloc();
    context->pb = source.io();
    context->io_open = &refuse_to_open;
    if (avformat_open_input(&context, "", demuxer, nullptr) < 0) return nullptr; // which freed it
    return av::input(context);
}

AVStream* first_sound_track(AVFormatContext& input) {
    AVStream* found = nullptr;
    for (unsigned i = 0; i < input.nb_streams; ++i) {
        AVStream* stream = input.streams[i];
        if (found == nullptr && stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO) {
            found = stream;
        } else {
            stream->discard = AVDISCARD_ALL;
        }
    }
    return found;
}

class track_reader {
public:
    track_reader(AVFormatContext& input, const AVStream& track, sound_decoder& decoder, int sample_rate,
                 std::size_t most)
        : input_(input),
          track_(track),
          decoder_(decoder),
          sample_rate_(sample_rate),
          most_(most) {
        if (!packet_) throw std::bad_alloc();
    }

    read_sound read() {
        int failed = 0;
        while (!is_too_long() && (failed = av_read_frame(&input_, packet_.get())) >= 0) {
            if (packet_->stream_index == track_.index) count(decoder_.decode(*packet_, sound_.samples));
            av_packet_unref(packet_.get());
        }
        if (!is_too_long() && !decoder_.finish(sound_.samples)) count(false);
        sound_.verdict = verdict();
        sound_.complete = broken_packets_ == 0 && failed == AVERROR_EOF && has_what_it_promised();
        return std::move(sound_);
    }

private:
    void count(bool whole) { whole ? ++whole_packets_ : ++broken_packets_; }
    [[nodiscard]] bool is_too_long() const { return sound_.samples.size() > most_; }

    [[nodiscard]] audio_verdict verdict() const {
        if (is_too_long()) return audio_verdict::too_long;
        if (broken_packets_ > whole_packets_) return audio_verdict::damaged;
        if (sound_.samples.empty())
            return broken_packets_ > 0 ? audio_verdict::damaged : audio_verdict::silent;
        return audio_verdict::good;
    }

    // A file that was cut off still says how long it was.
    [[nodiscard]] bool has_what_it_promised() const {
        if (track_.duration == AV_NOPTS_VALUE) return true;
        const double promised = static_cast<double>(track_.duration) * av_q2d(track_.time_base);
        return static_cast<double>(sound_.samples.size()) / sample_rate_ > promised - 0.5;
    }

    AVFormatContext& input_;
    const AVStream& track_;
    sound_decoder& decoder_;
    int sample_rate_;
    std::size_t most_;
    read_sound sound_;
    av::packet packet_{av_packet_alloc()};
    std::size_t whole_packets_ = 0;
    std::size_t broken_packets_ = 0;
};

} // namespace

read_sound read_audio(const std::string& file, audio_container container, int sample_rate, std::size_t most) {
    memory_source source(file);
    const auto input = open_container(source, container);
    if (!input) return {.verdict = audio_verdict::damaged};
    const AVStream* track = first_sound_track(*input);
    if (track == nullptr) return {.verdict = audio_verdict::silent};
    const auto decoder = make_sound_decoder(*track, sample_rate);
    if (!decoder) return {.verdict = audio_verdict::unsupported};
    return track_reader(*input, *track, *decoder, sample_rate, most).read();
}

} // namespace atende
