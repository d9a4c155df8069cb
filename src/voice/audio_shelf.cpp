#include "voice/byte_range.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atende/platform/crypto.hpp>
#include <atende/platform/log.hpp>
#include <atende/voice/audio_shelf.hpp>
#include <utility>

namespace atende {
namespace {

constexpr std::size_t id_length = 22; // 128 bits as base64url
constexpr std::array<std::pair<std::string_view, audio_format>, 3> kinds{
    {{".m4a", audio_format::m4a}, {".wav", audio_format::wav}, {".ogg", audio_format::voice_note}}};

std::string_view extension_of(audio_format format) {
    const auto found = std::ranges::find(kinds, format, &std::pair<std::string_view, audio_format>::second);
    return found == kinds.end() ? ".wav" : found->first;
}

// Of what a name like ours would hold; nothing for any other name.
std::optional<audio_format> format_of(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    };
    if (name.size() <= id_length || !std::ranges::all_of(name.substr(0, id_length), fits))
        return std::nullopt;
    for (const auto& [extension, format] : kinds) {
        if (name.substr(id_length) == extension) return format;
    }
    return std::nullopt;
}

std::string name_key(std::string_view name) {
    return fmt::format("atende:audio:name:{}", name);
}

std::string file_key(std::string_view key) {
    return fmt::format("atende:audio:file:{}", key);
}

std::string new_name(audio_format format) {
    return random_token(16).append(extension_of(format));
}

http_reply no_such_audio() {
    auto reply = error_reply(404, "no such audio");
    reply.headers.emplace_back("X-Content-Type-Options", "nosniff"); // `atende doctor` knows us by it
    return reply;
}

http_reply file_reply(const http_request& request, std::string_view name, std::string file) {
    const std::string tag = fmt::format("\"{}\"", name); // what has this name never changes
    http_reply reply;
    reply.content_type = content_type_of(*format_of(name));
    reply.headers = {{"Accept-Ranges", "bytes"},
                     {"ETag", tag},
                     {"Cache-Control", "private, max-age=300"},
                     {"X-Content-Type-Options", "nosniff"},
                     {"Content-Disposition", "inline"},
                     {"Content-Security-Policy", "default-src 'none'; sandbox"}};
    const std::string_view condition = request.header("if-range");
    const bool may_be_part = request.method == "GET" && (condition.empty() || condition == tag);
    const byte_range range =
        may_be_part ? read_byte_range(request.header("range"), file.size()) : byte_range{};
    switch (range.what) {
    case byte_range::kind::whole: reply.body = std::move(file); break;
    case byte_range::kind::part:
        reply.status = 206;
        reply.headers.emplace_back("Content-Range", fmt::format("bytes {}-{}/{}", range.first,
                                                                range.first + range.length - 1, file.size()));
        reply.body = file.substr(range.first, range.length);
        break;
    case byte_range::kind::outside:
        reply.status = 416;
        reply.headers.emplace_back("Content-Range", fmt::format("bytes */{}", file.size()));
        break;
    }
    return reply;
}

} // namespace

awaitable<result<std::optional<std::string>>> audio_shelf::publish(std::string key, audio_format format) {
    const std::string time = std::to_string(kept_.count());
    const auto kept = co_await redis_.command({"PEXPIRE", file_key(key), time});
    if (!kept) co_return std::unexpected(kept.error());
    if (kept->integer != 1) co_return std::nullopt;
    std::string name = new_name(format);
    const auto named = co_await redis_.command({"SET", name_key(name), key, "PX", time});
    if (!named) co_return std::unexpected(named.error());
    co_return name;
}

awaitable<result<std::string>> audio_shelf::publish(std::string key, audio_format format, std::string file) {
    const auto stored =
        co_await redis_.command({"SET", file_key(key), std::move(file), "PX", std::to_string(kept_.count())});
    if (!stored) co_return std::unexpected(stored.error());
    auto name = co_await publish(std::move(key), format);
    if (!name) co_return std::unexpected(std::move(name.error()));
    if (!*name) co_return fail(errc::unavailable, "Redis did not keep an audio file");
    co_return **std::move(name);
}

void audio_shelf::add_routes(http_server& server) {
    server.add({.method = "GET",
                .path = std::string(audio_path) + "/*",
                .handle = [this](http_request request) { return serve(std::move(request)); }});
}

awaitable<result<std::optional<std::string>>> audio_shelf::file_named(std::string name) {
    const auto key = co_await redis_.command({"GET", name_key(name)});
    if (!key) co_return std::unexpected(key.error());
    if (key->what == redis_reply::kind::nil) co_return std::nullopt;
    auto file = co_await redis_.command({"GET", file_key(key->text)});
    if (!file) co_return std::unexpected(std::move(file.error()));
    if (file->what == redis_reply::kind::nil) co_return std::nullopt;
    co_return std::move(file->text);
}

awaitable<http_reply> audio_shelf::serve(http_request request) {
    const std::string name = request.path.substr(audio_path.size() + 1);
    if (!format_of(name)) co_return no_such_audio();
    auto file = co_await file_named(name);
    if (!file) {
        spdlog::warn("audio: cannot be served: {}", printable(file.error().detail));
        auto busy = error_reply(503, "try again");
        busy.headers.emplace_back("Retry-After", "1");
        co_return busy;
    }
    if (!*file) co_return no_such_audio();
    co_return file_reply(request, name, **std::move(file));
}

} // namespace atende
