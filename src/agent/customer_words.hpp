// What the customer sent in one turn, as one text for the model.
#pragma once

#include <atende/conversation/turn.hpp>
#include <string>
#include <string_view>

namespace atende {

struct customer_words {
    std::string text;      // empty: nothing is left to answer
    bool readable = false; // false: all of it is content that the platform shows nobody but the app's user,
                           // and voice notes that could not be listened to
};

// Messages in order, a line or more each; what is not text is described in brackets, what was said has
// "[áudio]" or "[vídeo]" before it, what was unsent is left out.
customer_words words_of(const turn& turn);

// What words_of() puts around the text that the customer wrote, where no message was said before this one.
struct marks_around {
    std::string before;
    std::string after;
};
marks_around marks_of(const heard_message& message);

// What the customer wrote or said in it, and the options they chose; a line each. Nothing else: not the title
// of an ad, of a post or of what they reply to, which are words of others.
std::string own_words(const turn& turn);

// What a text of words_of() says, if all of it was said at once: without the "[áudio]" or "[vídeo]" before
// it. Otherwise as it is.
std::string_view said_or_written(std::string_view text);

// At most `max_characters` code points of `text`, cut between graphemes, then `note` in brackets if it was
// cut.
std::string cut_to(std::string text, std::size_t max_characters, const std::string& note);

} // namespace atende
