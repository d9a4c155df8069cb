#include "turns/turn_replies.hpp"

#include "turns/notes_codec.hpp"
#include "turns/record_codec.hpp"
#include "turns/script_reply.hpp"

#include <algorithm>

namespace atende {
namespace {

error unexpected_answer(std::string_view script) {
    return {errc::protocol, "the script " + std::string(script) + " answered something unexpected"};
}

// The whole message knows more than what was fetched of it once it was announced, but not what was heard or
// edited since.
void replace_announced(heard_message& announced, heard_message whole) {
    for (std::size_t i = 0; i < std::min(announced.attachments.size(), whole.attachments.size()); ++i) {
        auto& heard = announced.attachments[i];
        if (whole.attachments[i].sound != hearing::none) continue;
        whole.attachments[i].sound = heard.sound;
        whole.attachments[i].words = std::move(heard.words);
        whole.attachments[i].why = std::move(heard.why);
    }
    if (announced.edit > whole.edit) {
        whole.text = std::move(announced.text);
        whole.edit = announced.edit;
    }
    announced = std::move(whole);
}

// The platform may announce a message without its content and deliver it as well: one message.
bool is_announced_twice(std::vector<heard_message>& messages, heard_message& message) {
    const auto same = std::ranges::find(messages, message.id, &heard_message::id);
    if (message.id.empty() || same == messages.end()) return false;
    if (!message.content_withheld) replace_announced(*same, std::move(message));
    return true;
}

std::vector<heard_message> decoded_inbox(const redis_reply& list) {
    std::vector<heard_message> messages;
    for (const auto& entry : list.items) {
        auto message = decode_inbox_item(entry.text);
        if (!message || is_announced_twice(messages, *message)) continue;
        // The platform delivers in any order; people read in the order they wrote.
        const auto place = std::ranges::upper_bound(messages, message->at_ms, {}, &heard_message::at_ms);
        messages.insert(place, *std::move(message));
    }
    std::erase_if(messages, [](const heard_message& m) { return m.unsent; });
    return messages;
}

// What has no number, of older versions and of talks with a person, is of the turn before it.
void number_all(std::vector<history_entry>& history, std::int64_t next_turn) {
    const auto first = std::ranges::find_if(history, [](const auto& entry) { return entry.turn > 0; });
    std::int64_t number = (first == history.end() ? next_turn : first->turn) - 1;
    for (auto& entry : history) {
        if (entry.turn > 0) number = entry.turn;
        entry.turn = number;
    }
}

claimed_turn claimed(const conversation_id& conversation, const redis_reply& reply,
                     std::chrono::steady_clock::time_point asked, const std::string& profile) {
    claimed_turn claim;
    claim.epoch = item(reply, 1).integer;
    claim.what.conversation = conversation;
    claim.what.attempt = static_cast<int>(item(reply, 2).integer);
    claim.what.number = item(reply, 3).integer + 1;
    claim.amendments = item(reply, 4).integer;
    claim.deferrals = item(reply, 5).integer;
    claim.inbox_size = item(reply, 6).items.size();
    claim.what.messages = decoded_inbox(item(reply, 6));
    for (const auto& entry : item(reply, 7).items) {
        if (auto past = decode_history_entry(entry.text)) claim.what.history.push_back(*std::move(past));
    }
    number_all(claim.what.history, claim.what.number);
    std::erase_if(claim.what.history, [&](const auto& entry) { return !may_be_told_to(profile, entry); });
    if (auto notes = decode_notes(profile, item(reply, 16).text)) claim.what.notes = *std::move(notes);
    claim.what.memory = item(reply, 17).integer;
    const auto& pending = item(reply, 8).items;
    for (std::size_t i = 0; i + 3 < pending.size(); i += 4) {
        claim.pending_sends.push_back({.id = std::atoll(pending[i].text.c_str()),
                                       .text = pending[i + 1].text,
                                       .attempt = std::atoi(pending[i + 2].text.c_str()),
                                       .audio = pending[i + 3].text});
    }
    claim.interrupted_sends = static_cast<int>(item(reply, 10).integer);
    claim.partial = item(reply, 11).integer == 1;
    claim.person_took_over = item(reply, 14).integer == 1;
    const auto& journal = item(reply, 12).items;
    for (std::size_t i = 1; i < journal.size(); ++i) claim.what.journal.push_back(journal[i].text);
    const auto& uncertain = item(reply, 13).items;
    const std::int64_t now_ms = item(reply, 9).integer;
    for (std::size_t i = 0; i + 4 < uncertain.size(); i += 5) {
        const std::int64_t begun_ms = std::atoll(uncertain[i + 2].text.c_str());
        claim.uncertain_sends.push_back({.id = std::atoll(uncertain[i].text.c_str()),
                                         .text = uncertain[i + 1].text,
                                         .begun = asked - milliseconds(now_ms - begun_ms),
                                         .looks = std::atoi(uncertain[i + 3].text.c_str()),
                                         .audio = uncertain[i + 4].text});
    }
    claim.what.watched = item(reply, 15).integer == 1;
    return claim;
}

} // namespace

result<claim_outcome> claim_outcome_of(const conversation_id& conversation, const redis_reply& reply,
                                       std::chrono::steady_clock::time_point asked,
                                       const std::string& profile) {
    const std::string_view verdict = verdict_of(reply);
    if (verdict == "claimed") return claimed(conversation, reply, asked, profile);
    if (verdict == "idle" || verdict == "early")
        return not_due{time_until(reply, 1), item(reply, 3).integer == 1};
    if (verdict == "dead") return set_aside{static_cast<int>(item(reply, 1).integer)};
    if (verdict == "newer") return of_newer_version{};
    return std::unexpected(unexpected_answer("claim"));
}

result<plan_outcome> plan_outcome_of(const redis_reply& reply, std::vector<send_intent> sends) {
    using v = plan_outcome::verdict;
    const std::string_view verdict = verdict_of(reply);
    plan_outcome outcome;
    if (verdict == "planned") {
        outcome.what = v::planned;
        sends.resize(std::min(sends.size(), reply.items.size() - 1));
        for (std::size_t i = 0; i < sends.size(); ++i) sends[i].id = reply.items[i + 1].integer;
        outcome.sends = std::move(sends);
    } else if (verdict == "superseded") {
        outcome.what = v::superseded;
    } else if (verdict == "held") {
        outcome.what = v::held;
        outcome.wait = milliseconds(item(reply, 1).integer);
    } else if (verdict == "paused") {
        outcome.what = v::paused;
        outcome.person_took_over = item(reply, 1).integer == 1;
    } else if (verdict == "tripped") {
        outcome.what = v::tripped;
        outcome.limit = item(reply, 1).text;
        outcome.wait = milliseconds(item(reply, 2).integer);
    } else if (verdict == "fenced") {
        outcome.what = v::fenced;
    } else {
        return std::unexpected(unexpected_answer("plan"));
    }
    return outcome;
}

not_due handed_back(const redis_reply& reply) {
    if (verdict_of(reply) != "due") return not_due{};
    return not_due{std::max(time_until(reply, 1), milliseconds(1))};
}

} // namespace atende
