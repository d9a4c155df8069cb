// libav's objects, owned.
#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
}

#include <memory>

namespace atende::av {

struct closer {
    void operator()(AVFormatContext* input) const { avformat_close_input(&input); }
    void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
    void operator()(AVPacket* packet) const { av_packet_free(&packet); }
    void operator()(AVFrame* frame) const { av_frame_free(&frame); }
    void operator()(SwrContext* resampler) const { swr_free(&resampler); }
    void operator()(AVIOContext* io) const {
        av_freep(static_cast<void*>(&io->buffer));
        avio_context_free(&io);
    }
};

struct output_closer {
    void operator()(AVFormatContext* output) const { avformat_free_context(output); }
};

using input = std::unique_ptr<AVFormatContext, closer>;
using output = std::unique_ptr<AVFormatContext, output_closer>;
using codec = std::unique_ptr<AVCodecContext, closer>;
using packet = std::unique_ptr<AVPacket, closer>;
using frame = std::unique_ptr<AVFrame, closer>;
using resampler = std::unique_ptr<SwrContext, closer>;
using io = std::unique_ptr<AVIOContext, closer>;

} // namespace atende::av
