// What the page of a web chat posts.
#pragma once

#include <atende/platform/http_server.hpp>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace atende {

struct web_message {
    std::string session; // empty: a new one
    std::string text;
    std::string id; // the page's own name for it, so that posting it again does not double it; empty: none
};

// {"session_id"?, "message", "message_id"?}; otherwise the reply that says which field is wrong.
std::expected<web_message, http_reply> read_web_message(std::string_view body, std::size_t most_characters);

// Of a session or a message: 1 to 64 letters, digits, '-' and '_'.
bool is_web_name(std::string_view text);

} // namespace atende
