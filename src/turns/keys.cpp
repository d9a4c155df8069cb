#include "turns/keys.hpp"

#include <atende/platform/crypto.hpp>
#include <atende/platform/text.hpp>
#include <atende/turns/turn_store.hpp>
#include <cstdint>

namespace atende {
namespace {

std::string short_hash(std::string_view text) {
    return sha256_base64url(text, 16);
}

} // namespace

int shard_of(std::string_view conversation) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char c : conversation) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    return static_cast<int>(hash % shard_count);
}

std::string shard_prefix(int shard) {
    return "atende:{" + std::to_string(shard) + "}:";
}

conversation_keys::conversation_keys(const conversation_id& conversation)
    : member_(conversation.text()),
      prefix_(shard_prefix(shard_of(member_))) {}

std::string conversation_keys::conversation(std::string_view part) const {
    std::string out;
    out.reserve(prefix_.size() + member_.size() + part.size() + 3);
    return out.append(prefix_).append("c:").append(member_).append(":").append(part);
}

std::vector<std::string> conversation_keys::all() const {
    std::vector<std::string> keys;
    keys.reserve(16);
    for (const auto key : {&conversation_keys::state, &conversation_keys::inbox, &conversation_keys::due,
                           &conversation_keys::queue, &conversation_keys::outbox, &conversation_keys::history,
                           &conversation_keys::held, &conversation_keys::ambiguous,
                           &conversation_keys::missing, &conversation_keys::journal})
        keys.push_back((this->*key)());
    return keys;
}

std::string conversation_keys::dedupe(std::string_view idempotency_key) const {
    return prefix_ + "e:" + short_hash(idempotency_key);
}

std::string conversation_keys::own(const message_id& sent) const {
    return prefix_ + "own:" + short_hash(sent.value);
}

std::string audio_digest() {
    return "audio";
}

std::string text_digest(std::string_view text) {
    return short_hash(without_white_space(text));
}

} // namespace atende
