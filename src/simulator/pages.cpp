#include "simulator/pages.hpp"

namespace atende {

namespace embedded {
extern const std::string_view simulator_html;
extern const std::string_view simulator_app_js;
extern const std::string_view simulator_chat_js;
extern const std::string_view simulator_recorder_js;
extern const std::string_view simulator_timeline_js;
extern const std::string_view simulator_dom_js;
extern const std::string_view simulator_text_js;
extern const std::string_view simulator_css;
} // namespace embedded

namespace {

constexpr auto content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'none'; require-trusted-types-for 'script'";

} // namespace

const std::vector<page_file>& page_files() {
    constexpr std::string_view html = "text/html; charset=utf-8";
    constexpr std::string_view script = "text/javascript; charset=utf-8";
    constexpr std::string_view style = "text/css; charset=utf-8";
    static const std::vector<page_file> files{
        {"/simulator", html, embedded::simulator_html},
        {"/simulator/app.js", script, embedded::simulator_app_js},
        {"/simulator/chat.js", script, embedded::simulator_chat_js},
        {"/simulator/recorder.js", script, embedded::simulator_recorder_js},
        {"/simulator/timeline.js", script, embedded::simulator_timeline_js},
        {"/simulator/dom.js", script, embedded::simulator_dom_js},
        {"/simulator/text.js", script, embedded::simulator_text_js},
        {"/simulator/style.css", style, embedded::simulator_css},
    };
    return files;
}

http_reply serve(const page_file& file) {
    http_reply reply;
    reply.content_type = file.content_type;
    reply.body = file.bytes;
    reply.headers.emplace_back("Content-Security-Policy", content_security_policy);
    return reply;
}

void harden(http_reply& reply) {
    reply.headers.emplace_back("Cache-Control", "no-store");
    reply.headers.emplace_back("X-Content-Type-Options", "nosniff");
    reply.headers.emplace_back("Referrer-Policy", "no-referrer");
    reply.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
    reply.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
}

} // namespace atende
