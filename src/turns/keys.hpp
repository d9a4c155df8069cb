// The names of a conversation's keys in Redis. All carry the shard's hash tag, so that one script may touch
// them.
#pragma once

#include <atende/conversation/ids.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

// Stable across versions and replicas: FNV-1a of the conversation's text form.
int shard_of(std::string_view conversation);
std::string shard_prefix(int shard); // "atende:{17}:"

class conversation_keys {
public:
    explicit conversation_keys(const conversation_id& conversation);

    [[nodiscard]] const std::string& member() const { return member_; } // in `due`
    [[nodiscard]] std::string state() const { return conversation("h"); }
    [[nodiscard]] std::string inbox() const { return conversation("in"); }
    [[nodiscard]] std::string queue() const { return conversation("queue"); }
    [[nodiscard]] std::string outbox() const { return conversation("out"); }
    [[nodiscard]] std::string history() const { return conversation("hist"); }
    [[nodiscard]] std::string notes() const { return conversation("notes"); } // of older turns, by profile
    [[nodiscard]] std::string held() const { return conversation("held"); }   // echoes that may be a person's
    [[nodiscard]] std::string journal() const { return conversation("journal"); } // of the turn being thought
    [[nodiscard]] std::string answers() const { return conversation("answers"); } // their times
    [[nodiscard]] std::string live() const { return conversation("live"); } // what its followers are told
    [[nodiscard]] std::string watched() const { return conversation("watched"); } // somebody follows
    [[nodiscard]] std::string session() const { return conversation("session"); } // of a web chat: it exists
    [[nodiscard]] std::string due() const { return prefix_ + "due"; }
    [[nodiscard]] std::string events() const { return prefix_ + "events"; }
    [[nodiscard]] std::string ambiguous() const { return prefix_ + "ambiguous"; }
    [[nodiscard]] std::string missing() const { return prefix_ + "missing"; }
    [[nodiscard]] std::string dead() const { return prefix_ + "dead"; }
    [[nodiscard]] std::string variants() const { return prefix_ + "variants"; }
    // In the order conversation.lua expects; scripts append their own.
    [[nodiscard]] std::vector<std::string> all() const;
    // Platform ids have 150 and more bytes; 128 bits of their hash are kept for days instead.
    [[nodiscard]] std::string dedupe(std::string_view idempotency_key) const;
    [[nodiscard]] std::string own(const message_id& sent) const;

private:
    [[nodiscard]] std::string conversation(std::string_view part) const;

    std::string member_;
    std::string prefix_;
};

// What a sent text is recognised by when it comes back as an echo: white space does not count.
std::string text_digest(std::string_view text);
std::string audio_digest(); // stands for every audio, whose echo tells nothing of what it says

} // namespace atende
