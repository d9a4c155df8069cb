// A lead: what a customer told us about themselves and what they want, checked.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <atende/agent/lead_profile.hpp>
#include <atende/conversation/ids.hpp>
#include <atende/platform/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atende {

struct lead {
    std::string name;
    std::string phone_e164;
    std::string interest;
    std::string city;
    std::string email;
    std::optional<bool> consent; // to be contacted; empty: not asked
    std::string notes;

    // Ours, never the model's.
    conversation_id conversation;
    std::int64_t at_ms = 0; // when the customer gave it, Unix ms
};

// The name a Brazilian shop reads for one of `lead_fields`: "telefone" for "phone".
std::string_view lead_field_label(std::string_view field);

// Strict: unknown arguments, wrong types, control characters and placeholder names are refused; empty text
// counts as not given. invalid_input: `detail`, in Portuguese, names every field that is missing or wrong and
// what is expected, never what was written in it.
result<lead> parse_lead(const nlohmann::json& arguments, const lead_profile& profile);

} // namespace atende
