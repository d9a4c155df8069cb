// What a shop wants to know of a lead, as its profile says it.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

// Whatever the store: the name that shops' prompts know.
inline constexpr std::string_view lead_tool_name = "add_lead_to_nocodb";

// What the agent can ask a customer for; also the argument names of the tool that saves a lead.
inline constexpr std::array<std::string_view, 7> lead_fields{"name",  "phone",   "interest", "city",
                                                             "email", "consent", "notes"};

// What we know ourselves about a lead; a profile may give these a column, too.
inline constexpr std::array<std::string_view, 6> lead_identity_fields{
    "conversation_id", "contact_id", "account_id", "channel", "created_at", "updated_at"};

struct lead_profile {
    std::vector<std::string> required_fields; // of lead_fields
    // Of lead_fields and lead_identity_fields → title in the table.
    std::map<std::string, std::string> columns;
};

} // namespace atende
