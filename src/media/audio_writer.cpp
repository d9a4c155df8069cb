#include "media/audio_writer.hpp"

#include "media/memory_io.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <stdexcept>

namespace atende {
namespace {

struct encoding {
    const char* muxer;
    const char* encoder;
    AVSampleFormat sample_format;
    std::int64_t bit_rate;
};

encoding encoding_of(audio_format format) {
    if (format == audio_format::m4a) return {"ipod", "aac", AV_SAMPLE_FMT_FLTP, 96'000};
    return {"ogg", "libopus", AV_SAMPLE_FMT_S16, 24'000};
}

void check(int answer, const char* what) {
    if (answer < 0) throw std::runtime_error(what);
}

// http://soundfile.sapp.org/doc/WaveFormat/: all numbers little-endian.
struct wav_header {
    char riff[4] = {'R', 'I', 'F', 'F'};
    std::uint32_t riff_bytes = 0;
    char wave[4] = {'W', 'A', 'V', 'E'};
    char fmt[4] = {'f', 'm', 't', ' '};
    std::uint32_t fmt_bytes = 16;
    std::uint16_t pcm = 1;
    std::uint16_t channels = 1;
    std::uint32_t sample_rate = 0;
    std::uint32_t bytes_per_second = 0;
    std::uint16_t bytes_per_sample = 2;
    std::uint16_t bits_per_sample = 16;
    char data[4] = {'d', 'a', 't', 'a'};
    std::uint32_t data_bytes = 0;
};
static_assert(sizeof(wav_header) == 44 && std::endian::native == std::endian::little);

std::string wav_file(std::span<const std::int16_t> samples, int sample_rate) {
    wav_header header;
    header.data_bytes = static_cast<std::uint32_t>(samples.size_bytes());
    header.riff_bytes = header.data_bytes + sizeof header - 8;
    header.sample_rate = static_cast<std::uint32_t>(sample_rate);
    header.bytes_per_second = header.sample_rate * header.bytes_per_sample;
    std::string file(sizeof header + samples.size_bytes(), '\0');
    std::memcpy(file.data(), &header, sizeof header);
    std::memcpy(file.data() + sizeof header, samples.data(), samples.size_bytes());
    return file;
}

class file_writer {
public:
    file_writer(audio_format format, std::size_t most) : sink_(most) {
        const encoding how = encoding_of(format);
        open_muxer(how);
        open_encoder(how, sample_rate_of(format));
        AVStream* track = avformat_new_stream(output_.get(), nullptr);
        if (track == nullptr || !packet_ || !frame_) throw std::bad_alloc();
        track->time_base = encoder_->time_base;
        check(avcodec_parameters_from_context(track->codecpar, encoder_.get()), "parameters");
        AVDictionary* options = nullptr;
        if (format == audio_format::m4a) av_dict_set(&options, "movflags", "+faststart", 0);
        const int failed = avformat_write_header(output_.get(), &options);
        av_dict_free(&options);
        check(failed, "header");
    }

    // false: too large.
    bool write(std::span<const std::int16_t> samples) {
        const auto step = static_cast<std::size_t>(encoder_->frame_size);
        for (std::size_t at = 0; at < samples.size(); at += step) {
            fill_frame(samples.subspan(at, std::min(step, samples.size() - at)));
            frame_->pts = static_cast<std::int64_t>(at);
            check(avcodec_send_frame(encoder_.get(), frame_.get()), "frame");
            if (!drain()) return false;
        }
        check(avcodec_send_frame(encoder_.get(), nullptr), "last frame");
        return drain() && av_write_trailer(output_.get()) >= 0 && output_->pb->error >= 0;
    }

    std::string take() { return sink_.take(); }

private:
    void open_muxer(const encoding& how) {
        AVFormatContext* made = nullptr;
        check(avformat_alloc_output_context2(&made, nullptr, how.muxer, nullptr), how.muxer);
        output_.reset(made);
        output_->pb = sink_.io();
        output_->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
        output_->opaque = this;
        // +faststart reads again what was written, to move it behind the index.
        output_->io_open = [](AVFormatContext* output, AVIOContext** opened, const char*, int,
                              AVDictionary**) {
            return static_cast<file_writer*>(output->opaque)->reopen(opened);
        };
        output_->io_close2 = [](AVFormatContext*, AVIOContext*) { return 0; };
    }

    int reopen(AVIOContext** opened) {
        written_.emplace(sink_.file());
        *opened = written_->io();
        return 0;
    }

    void open_encoder(const encoding& how, int sample_rate) {
        const AVCodec* codec = avcodec_find_encoder_by_name(how.encoder);
        encoder_.reset(avcodec_alloc_context3(codec));
        if (!encoder_) throw std::bad_alloc();
        av_channel_layout_default(&encoder_->ch_layout, 1);
        encoder_->sample_fmt = how.sample_format;
        encoder_->sample_rate = sample_rate;
        encoder_->bit_rate = how.bit_rate;
        encoder_->time_base = {1, sample_rate};
        encoder_->thread_count = 1;
        encoder_->flags |= AV_CODEC_FLAG_BITEXACT;
        if (output_->oformat->flags & AVFMT_GLOBALHEADER) encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
        av_opt_set(encoder_.get(), "application", "voip", AV_OPT_SEARCH_CHILDREN); // libopus has it
        check(avcodec_open2(encoder_.get(), codec, nullptr), how.encoder);
    }

    void fill_frame(std::span<const std::int16_t> samples) {
        av_frame_unref(frame_.get());
        frame_->nb_samples = static_cast<int>(samples.size());
        frame_->format = encoder_->sample_fmt;
        frame_->sample_rate = encoder_->sample_rate;
        check(av_channel_layout_copy(&frame_->ch_layout, &encoder_->ch_layout), "layout");
        check(av_frame_get_buffer(frame_.get(), 0), "buffer");
        if (encoder_->sample_fmt == AV_SAMPLE_FMT_S16) {
            std::memcpy(frame_->data[0], samples.data(), samples.size_bytes());
            return;
        }
        auto* to = reinterpret_cast<float*>(frame_->data[0]);
        for (const std::int16_t sample : samples) *to++ = static_cast<float>(sample) / 32'768.0F;
    }

    bool drain() {
        while (avcodec_receive_packet(encoder_.get(), packet_.get()) >= 0) {
            av_packet_rescale_ts(packet_.get(), encoder_->time_base, output_->streams[0]->time_base);
            packet_->stream_index = 0;
            if (av_interleaved_write_frame(output_.get(), packet_.get()) < 0 || output_->pb->error < 0)
                return false;
        }
        return true;
    }

    memory_sink sink_;
    std::optional<memory_source> written_;
    av::output output_;
    av::codec encoder_;
    av::packet packet_{av_packet_alloc()};
    av::frame frame_{av_frame_alloc()};
};

} // namespace

int sample_rate_of(audio_format format) {
    switch (format) {
    case audio_format::speech_wav: return 16'000;
    case audio_format::wav: return 24'000;
    case audio_format::m4a: return 44'100;
    // Phones refuse voice notes of 48 kHz as "not available":
    // https://github.com/openclaw/openclaw/issues/144502
    case audio_format::voice_note: return 16'000;
    }
    return 16'000;
}

std::optional<std::string> write_audio(std::span<const std::int16_t> samples, audio_format format,
                                       std::size_t most) {
    if (format == audio_format::speech_wav || format == audio_format::wav) {
        if (sizeof(wav_header) + samples.size_bytes() > most) return std::nullopt;
        return wav_file(samples, sample_rate_of(format));
    }
    file_writer writer(format, most);
    if (!writer.write(samples)) return std::nullopt;
    return writer.take();
}

} // namespace atende
