// What a shop's profile says about leads.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace atende {

struct lead_profile {
    std::vector<std::string> required_fields;   // names of lead fields: name, phone, interest, …
    std::map<std::string, std::string> columns; // lead field → title of the column that holds it
};

} // namespace atende
