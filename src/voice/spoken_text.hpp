// What of a written answer can be said aloud.
#pragma once

#include <string>
#include <string_view>

namespace atende {

// As a voice should read it: links become the words that they come in writing, emojis and what only marks up
// a text are left out. Empty if there is nothing to say.
std::string words_to_say(std::string_view text);

// Whether somebody who only hears it misses something: a number, a price, a phone, a link, an address.
bool is_to_be_read_too(std::string_view text);

} // namespace atende
