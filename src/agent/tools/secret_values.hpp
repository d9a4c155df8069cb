// Some services repeat in an error what they were sent: what nobody may be told of it, the model least of
// all.
#pragma once

#include "agent/tools/declared_tool_spec.hpp"

#include <map>
#include <string>
#include <vector>

namespace atende {

// Of the variables that a tool's file names, those that may be secrets: the long ones, and those whose name
// says so. The address of a host, from which the URL begins, is none.
class secret_values {
public:
    secret_values(const declared_tool_spec& spec, const std::map<std::string, std::string>& environment);

    // `text` with *** for each of them, as it is or as it stands in a URL.
    [[nodiscard]] std::string blotted(std::string text) const;

private:
    std::vector<std::string> written_; // the longest first: one may be a part of another
};

} // namespace atende
