// What is left of a conversation's older turns: typed notes instead of words. A model wrote them about what
// customers wrote, so they are data, never instructions.
#pragma once

#include <array>
#include <atende/conversation/ids.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace atende {

struct note {
    std::string text;
    std::vector<std::int64_t> turns; // what it was taken from; never empty

    bool operator==(const note&) const = default;
};

// A message that a note was taken from: unsending it drops the notes of its turn.
struct noted_message {
    message_id id;
    std::int64_t turn = 0;

    bool operator==(const noted_message&) const = default;
};

struct contact_notes {
    std::vector<note> who; // about the contact
    std::vector<note> wants;
    std::vector<note> promised; // by the shop
    std::vector<note> open_questions;
    std::map<std::string, std::string> lead; // fields of the saved lead, as they were accepted
    std::int64_t through = 0;                // the last turn they cover; 0: there are no notes
    std::vector<noted_message> messages;
    std::string profile; // the name of the one that made them: no other is given them

    bool operator==(const contact_notes&) const = default;
};

// By the names they have wherever they are written: in Redis, in scripts, to the model, to the operator.
inline constexpr std::array<std::pair<const char*, std::vector<note> contact_notes::*>, 4> note_lists{
    {{"who", &contact_notes::who},
     {"wants", &contact_notes::wants},
     {"promised", &contact_notes::promised},
     {"open_questions", &contact_notes::open_questions}}};

} // namespace atende
