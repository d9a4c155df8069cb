// Which column of the shop's table each part of a lead goes to.
#pragma once

#include "agent/leads/nocodb_row.hpp"

#include <atende/agent/lead_profile.hpp>
#include <atende/agent/leads/lead.hpp>
#include <atende/platform/result.hpp>
#include <optional>
#include <string>
#include <vector>

namespace atende {

struct placed_lead {
    std::vector<nocodb_cell> cells;
    std::vector<std::string> remarks; // what has no place, in Portuguese
    std::optional<nocodb_cell>
        identity; // finds the conversation's row by a search, where a column makes that possible
    std::optional<nocodb_cell> phone;
};

// By the profile's `columns`, else by the titles shops commonly use, in Portuguese and English.
// invalid_input, in Portuguese: a title of the profile is not in the table, a required field has no column,
// or a column's type cannot take the value.
result<placed_lead> place_lead(const lead& lead, const lead_profile& profile, const nocodb_schema& schema);

} // namespace atende
