#include "load/webhook_source.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

namespace bench {
namespace {

constexpr std::size_t body_bytes = 684;
constexpr std::string_view name_mark = "cliente#";
constexpr std::string_view id_prefix = "10000000";
constexpr std::string_view mid_start =
    "aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOjE3ODQxNDAwMDAwMDAwMDAxOjM0MDI4MjM2Njg0";

std::optional<std::size_t> number_at(std::string_view text) {
    std::size_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc{}) return std::nullopt;
    return number;
}

} // namespace

webhook_source::webhook_source(std::string_view app_secret)
    : key_(app_secret),
      run_(static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count())) {}

std::string webhook_source::next(std::size_t customer) {
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    std::string body = fmt::format(
        R"({{"object":"instagram","entry":[{{"time":{0},"id":"17841400000000001","messaging":[{{"sender":{{"id":"{1}{2:08}"}},"recipient":{{"id":"17841400000000001"}},"timestamp":{0},"message":{{"mid":"{3}{4:020}{5:012}","text":"Oi, aqui é {6}{2}. Vocês têm a XY 150 à pronta entrega?)",
        now, id_prefix, customer, mid_start, run_, sent_++, name_mark);
    constexpr std::string_view end = R"("}}]}]})";
    while (body.size() + end.size() < body_bytes) body += " moto nova"[body.size() % 10];
    body += end;
    return fmt::format("POST /webhook HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: facebookexternalua\r\n"
                       "Content-Type: application/json\r\nX-Hub-Signature-256: sha256={}\r\n"
                       "Content-Length: {}\r\n\r\n{}",
                       atende::to_hex([&] {
                           const auto digest = key_.sign(body);
                           return std::string(digest.begin(), digest.end());
                       }()),
                       body.size(), body);
}

std::optional<std::size_t> customer_in_words(std::string_view body) {
    const std::size_t at = body.rfind(name_mark);
    if (at == std::string_view::npos) return std::nullopt;
    return number_at(body.substr(at + name_mark.size()));
}

std::optional<std::size_t> customer_in_recipient(std::string_view body) {
    const std::string quoted = fmt::format("\"{}", id_prefix);
    const std::size_t at = body.find(quoted);
    if (at == std::string_view::npos) return std::nullopt;
    return number_at(body.substr(at + quoted.size()));
}

} // namespace bench
