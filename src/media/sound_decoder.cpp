#include "media/sound_decoder.hpp"

#include <algorithm>
#include <cstddef>
#include <new>
#include <opus/opus.h>

namespace atende {
namespace {

// Frames outside of this are nonsense, or meant to fill the memory.
constexpr int least_sample_rate = 4'000;
constexpr int most_sample_rate = 192'000;
constexpr int most_channels = 8;

// By name, because some codecs have several decoders: these are libavcodec's own.
const AVCodec* decoder_for(AVCodecID codec) {
    switch (codec) {
    case AV_CODEC_ID_AAC: return avcodec_find_decoder_by_name("aac");
    case AV_CODEC_ID_OPUS: return avcodec_find_decoder_by_name("opus");
    case AV_CODEC_ID_VORBIS: return avcodec_find_decoder_by_name("vorbis");
    case AV_CODEC_ID_MP3: return avcodec_find_decoder_by_name("mp3float");
    case AV_CODEC_ID_AMR_NB: return avcodec_find_decoder_by_name("amrnb");
    case AV_CODEC_ID_AMR_WB: return avcodec_find_decoder_by_name("amrwb");
    case AV_CODEC_ID_PCM_U8:
    case AV_CODEC_ID_PCM_S16LE:
    case AV_CODEC_ID_PCM_S16BE:
    case AV_CODEC_ID_PCM_S24LE:
    case AV_CODEC_ID_PCM_S32LE:
    case AV_CODEC_ID_PCM_F32LE:
    case AV_CODEC_ID_PCM_ALAW:
    case AV_CODEC_ID_PCM_MULAW: return avcodec_find_decoder(codec);
    default: return nullptr;
    }
}

av::codec open_codec(const AVStream& track) {
    const AVCodec* decoder = decoder_for(track.codecpar->codec_id);
    if (decoder == nullptr) return nullptr;
    av::codec codec(avcodec_alloc_context3(decoder));
    if (!codec) throw std::bad_alloc();
    if (avcodec_parameters_to_context(codec.get(), track.codecpar) < 0) return nullptr;
    codec->pkt_timebase = track.time_base;
    codec->thread_count = 1; // the sandbox allows no threads
    return avcodec_open2(codec.get(), decoder, nullptr) < 0 ? nullptr : std::move(codec);
}

// Frames of any kind, which may change on the way.
class mono_mixer {
public:
    explicit mono_mixer(int sample_rate) : rate_(sample_rate) {}

    bool add(const AVFrame& frame, std::vector<std::int16_t>& samples) {
        if (frame.sample_rate < least_sample_rate || frame.sample_rate > most_sample_rate ||
            frame.ch_layout.nb_channels < 1 || frame.ch_layout.nb_channels > most_channels)
            return false;
        if (!fits(frame) && !adapt_to(frame, samples)) return false;
        return convert(frame.extended_data, frame.nb_samples, samples);
    }

    bool finish(std::vector<std::int16_t>& samples) { return !resampler_ || convert(nullptr, 0, samples); }

private:
    [[nodiscard]] bool fits(const AVFrame& frame) const {
        return resampler_ && frame.sample_rate == from_rate_ && frame.format == from_format_ &&
               frame.ch_layout.nb_channels == from_channels_;
    }

    bool adapt_to(const AVFrame& frame, std::vector<std::int16_t>& samples) {
        finish(samples);
        from_rate_ = frame.sample_rate;
        from_format_ = frame.format;
        from_channels_ = frame.ch_layout.nb_channels;
        AVChannelLayout from{};
        AVChannelLayout mono{};
        av_channel_layout_default(&mono, 1);
        av_channel_layout_default(&from, from_channels_); // which channel stands where is not worth trusting
        SwrContext* made = nullptr;
        const int failed =
            swr_alloc_set_opts2(&made, &mono, AV_SAMPLE_FMT_S16, rate_, &from,
                                static_cast<AVSampleFormat>(from_format_), from_rate_, 0, nullptr);
        resampler_.reset(made);
        if (failed >= 0 && swr_init(made) >= 0) return true;
        resampler_.reset();
        return false;
    }

    bool convert(std::uint8_t** from, int count, std::vector<std::int16_t>& samples) {
        const int room = swr_get_out_samples(resampler_.get(), count);
        if (room <= 0) return room == 0;
        const std::size_t before = samples.size();
        samples.resize(before + static_cast<std::size_t>(room));
        auto* to = reinterpret_cast<std::uint8_t*>(samples.data() + before);
        const int made =
            swr_convert(resampler_.get(), &to, room, const_cast<const std::uint8_t**>(from), count);
        samples.resize(before + static_cast<std::size_t>(std::max(made, 0)));
        return made >= 0;
    }

    int rate_;
    av::resampler resampler_;
    int from_rate_ = 0;
    int from_format_ = AV_SAMPLE_FMT_NONE;
    int from_channels_ = 0;
};

// A pause of the speaker, for which AMR sends a description of the noise, or nothing: libavcodec's decoders
// take it for damage. 3GPP TS 26.101 and 26.201, table 1a: the frame type.
bool is_amr_pause(AVCodecID codec, const AVPacket& packet) {
    if (packet.size < 1) return false;
    const int type = packet.data[0] >> 3 & 15;
    return (codec == AV_CODEC_ID_AMR_NB && type >= 8) || (codec == AV_CODEC_ID_AMR_WB && type >= 9);
}

class av_decoder final : public sound_decoder {
public:
    av_decoder(av::codec codec, int sample_rate)
        : codec_(std::move(codec)),
          mixer_(sample_rate),
          amr_frame_(static_cast<std::size_t>(sample_rate) / 50) {
        if (!frame_) throw std::bad_alloc();
    }

    bool decode(const AVPacket& packet, std::vector<std::int16_t>& samples) override {
        if (is_amr_pause(codec_->codec_id, packet)) {
            samples.resize(samples.size() + amr_frame_);
            return true;
        }
        return avcodec_send_packet(codec_.get(), &packet) >= 0 && receive(samples);
    }

    bool finish(std::vector<std::int16_t>& samples) override {
        const bool whole = avcodec_send_packet(codec_.get(), nullptr) >= 0 && receive(samples);
        return mixer_.finish(samples) && whole;
    }

private:
    bool receive(std::vector<std::int16_t>& samples) {
        for (;;) {
            const int failed = avcodec_receive_frame(codec_.get(), frame_.get());
            if (failed == AVERROR(EAGAIN) || failed == AVERROR_EOF) return true;
            if (failed < 0 || !mixer_.add(*frame_, samples)) return false;
        }
    }

    av::codec codec_;
    mono_mixer mixer_;
    std::size_t amr_frame_; // samples in 20 ms
    av::frame frame_{av_frame_alloc()};
};

// libopus itself: it decodes to the rate we want, where libavcodec would go by 48 kHz and cost twice as much.
// The few milliseconds that a player cuts off at both ends are kept.
class opus_decoder final : public sound_decoder {
public:
    explicit opus_decoder(int sample_rate) : most_per_packet_(sample_rate * 120 / 1'000) {
        int failed = OPUS_OK;
        decoder_.reset(::opus_decoder_create(sample_rate, 1, &failed));
        if (failed != OPUS_OK) throw std::bad_alloc();
    }

    static bool reads(const AVCodecParameters& track, int sample_rate) {
        return track.codec_id == AV_CODEC_ID_OPUS && track.ch_layout.nb_channels <= 2 &&
               (sample_rate == 16'000 || sample_rate == 24'000);
    }

    bool decode(const AVPacket& packet, std::vector<std::int16_t>& samples) override {
        if (packet.size == 0) return false; // it would be taken for a lost one
        const std::size_t before = samples.size();
        samples.resize(before + static_cast<std::size_t>(most_per_packet_));
        const int made = ::opus_decode(decoder_.get(), packet.data, packet.size, samples.data() + before,
                                       most_per_packet_, 0);
        samples.resize(before + static_cast<std::size_t>(std::max(made, 0)));
        return made >= 0;
    }

    bool finish(std::vector<std::int16_t>&) override { return true; }

private:
    struct closer {
        void operator()(OpusDecoder* decoder) const { ::opus_decoder_destroy(decoder); }
    };
    std::unique_ptr<OpusDecoder, closer> decoder_;
    int most_per_packet_;
};

} // namespace

std::unique_ptr<sound_decoder> make_sound_decoder(const AVStream& track, int sample_rate) {
    if (opus_decoder::reads(*track.codecpar, sample_rate)) return std::make_unique<opus_decoder>(sample_rate);
    auto codec = open_codec(track);
    if (!codec) return nullptr;
    return std::make_unique<av_decoder>(std::move(codec), sample_rate);
}

} // namespace atende
