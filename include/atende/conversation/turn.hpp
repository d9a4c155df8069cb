// One turn of a conversation: what the customer wrote since the last answer, and what was said before.
#pragma once

#include <atende/conversation/event.hpp>
#include <atende/conversation/notes.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

// A customer's message (or button tap) as the agent reads it: edits applied, in the order people wrote them.
struct heard_message {
    message_id id;
    std::int64_t at_ms = 0; // Unix ms
    std::string text;
    std::vector<attachment> attachments;
    std::string quick_reply_payload;
    message_id reply_to;
    std::optional<story_reference> story;
    std::optional<referral> came_from;
    bool unsupported = false;
    bool content_withheld = false;
    bool unsent = false; // taken back before it was answered: text and attachments are empty
    int edit = 0;        // the number of the edit that `text` is of; 0: none, or nobody knows
};

// A tool the agent used while it thought, kept so that later turns know what was already done.
struct tool_step {
    int round = 0; // calls of the same round were asked for together
    std::string call_id;
    std::string name;
    std::string arguments; // JSON
    std::string result;    // starts with "SUCESSO:" or "ERRO:"
    std::string source{};  // "cache" or "outdated_cache"; empty: the tool itself was asked
};

// A passage of the shop's knowledge that the agent had before it when it answered.
struct knowledge_source {
    std::string file;   // from its folder on: "knowledge/precos.md"; "*": all of them
    int first_line = 0; // from 1; 0: the whole file
    int last_line = 0;

    bool operator==(const knowledge_source&) const = default;
};

// Whether what the customer wants is the shop's business at all.
enum class scope_verdict { unknown, in, out };

enum class speaker { customer, bot, person };

struct history_entry {
    speaker who = speaker::customer;
    std::int64_t at_ms = 0;
    std::string text;
    std::vector<message_id>
        ids; // the platform messages this came from; unsending one erases its words here too
    std::vector<tool_step> steps;            // of the bot
    std::vector<knowledge_source> sources{}; // of the bot
    // What made the bot say it, or answered it: "<profile>@<version>", and the variant of its prompt. Empty
    // in older records, and of what a person answered.
    std::string profile;
    std::string variant;
    std::string agent;                            // which agent of the profile spoke; empty: it has only one
    std::int64_t turn = 0;                        // its number; 0: of no turn that the bot has answered
    scope_verdict scope = scope_verdict::unknown; // of what the bot answered; unknown: nobody asked
    // Why voice notes of the customer were not understood; for operators, never for the model.
    std::string not_heard{};
    // What of the profile left the customer's words to people: "channels". Also for operators only.
    std::string not_answered{};
    int edit = 0; // of the customer: as heard_message::edit
    // What of `text` stands before the customer's own words, and after them, a line each or more: an edit of
    // the message leaves it as it is.
    std::string before{};
    std::string after{};
};

// What one profile has said and heard is not told to another that serves the same conversation later. Entries
// that name none (a person's, older ones) are told to all, and so is everything to a reader without a
// profile.
inline bool may_be_told_to(std::string_view profile, const history_entry& entry) {
    return profile.empty() || entry.profile.empty() ||
           std::string_view(entry.profile).substr(0, entry.profile.rfind('@')) == profile;
}

struct turn {
    conversation_id conversation;
    std::int64_t number = 0; // increases by one with each answered turn of the conversation
    int attempt = 1;         // 2 and more: an earlier attempt at this turn failed or was interrupted
    std::vector<heard_message> messages;
    std::vector<history_entry> history; // oldest first; what another profile made is left out
    contact_notes notes;                // of turns up to notes.through
    std::int64_t memory = 0; // changes when something remembered is taken back: notes of before are void
    std::vector<std::string>
        journal;          // what an interrupted attempt at this very turn had recorded, oldest first
    bool watched = false; // somebody follows it live: it is worth telling what is being written
};

} // namespace atende
