#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <atende/platform/crypto.hpp>
#include <atende/platform/json.hpp>
#include <atende/platform/text.hpp>
#include <atende/voice/audio_container.hpp>
#include <atende/voice/transcriber.hpp>

namespace atende {
namespace {

// multipart/form-data, RFC 7578. Values and names are ours, or plain text of the profile.
class form {
public:
    // `contents` is what the boundary must not occur in.
    explicit form(std::string_view contents) {
        do boundary_ = random_token();
        while (contents.contains(boundary_));
        body_.reserve(contents.size() + 2'048);
    }

    void text(std::string_view name, std::string_view value) {
        if (value.empty()) return;
        body_ += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n", boundary_,
                             name, value);
    }
    void file(std::string_view name, const audio_file& what) {
        body_ += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\n"
                             "Content-Type: {}\r\n\r\n",
                             boundary_, name, what.name, what.content_type);
        body_ += what.bytes;
        body_ += "\r\n";
    }
    std::string end() {
        body_ += "--" + boundary_ + "--\r\n";
        return std::move(body_);
    }
    [[nodiscard]] std::string content_type() const { return "multipart/form-data; boundary=" + boundary_; }

private:
    std::string boundary_;
    std::string body_;
};

bool is_mobile_or_quicktime(std::string_view file) {
    const auto brand = file.substr(std::min<std::size_t>(8, file.size()), 4);
    return brand.starts_with("3g") || brand == "qt  ";
}

} // namespace

audio_file as_uploaded(std::string_view file) {
    switch (sniff_audio(file)) {
    case audio_container::mp4:
        if (is_mobile_or_quicktime(file)) break;
        return {.name = "voice.m4a", .content_type = "audio/mp4", .bytes = {}};
    case audio_container::ogg: return {.name = "voice.ogg", .content_type = "audio/ogg", .bytes = {}};
    case audio_container::mp3: return {.name = "voice.mp3", .content_type = "audio/mpeg", .bytes = {}};
    case audio_container::wav: return {.name = "voice.wav", .content_type = "audio/wav", .bytes = {}};
    case audio_container::webm:
        if (!file.substr(0, 64).contains("webm")) break; // another Matroska
        return {.name = "voice.webm", .content_type = "audio/webm", .bytes = {}};
    case audio_container::aac:
    case audio_container::amr:
    case audio_container::unknown: break;
    }
    return {};
}

transcriber::transcriber(http_client& http, audio_api_settings api, std::string model)
    : http_(http),
      api_(std::move(api)),
      model_(std::move(model)) {}

awaitable<result<std::string>> transcriber::transcribe(audio_file file, speech_hints hints,
                                                       std::string about) {
    const auto vocabulary = fmt::format("{}", fmt::join(hints.vocabulary, ", "));
    form body(file.bytes);
    body.text("model", model_);
    body.text("response_format", "json"); // the only one that all its models know
    body.text("language", hints.language);
    body.text("prompt", vocabulary);
    body.file("file", file);
    file.bytes = {};
    auto content_type = body.content_type();
    auto answer = co_await ask_audio_api(http_, api_,
                                         {.path = "/audio/transcriptions",
                                          .content_type = std::move(content_type),
                                          .body = body.end(),
                                          .about = std::move(about)});
    if (!answer) co_return std::unexpected(std::move(answer.error()));
    const auto said = parsed_json(answer->body);
    if (!said.is_object() || !said.contains("text") || !said["text"].is_string())
        co_return fail(errc::protocol, "the answer has no `text`");
    auto words = with_valid_utf8(trimmed(said["text"].get<std::string>()));
    // Of noise, models make what they were told to expect.
    if (!vocabulary.empty() && folded(words) == folded(vocabulary)) words.clear();
    co_return words;
}

} // namespace atende
