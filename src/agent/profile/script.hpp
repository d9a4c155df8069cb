// script.yaml, read and checked: what the offline model listens for and what it says.
#pragma once

#include "agent/profile/template_text.hpp"
#include "agent/profile/yaml_reader.hpp"

#include <map>
#include <memory>
#include <re2/re2.h>
#include <set>
#include <string>
#include <vector>

namespace atende {

// One way to recognise a slot's value in a line the customer wrote.
struct slot_pattern {
    std::string slot;
    std::unique_ptr<RE2> take;   // on the line as written; the first group is the value
    std::string value;           // what it stands for, instead of the words themselves
    std::unique_ptr<RE2> after;  // on what we said before, folded; null: anywhere
    std::unique_ptr<RE2> except; // on the line, folded: not a value after all
};

// Fits when all its conditions hold.
struct script_rule {
    std::vector<std::string> agent; // one of these speaks; empty: whoever
    std::unique_ptr<RE2> says;      // on what the customer says in this turn, folded
    std::vector<std::string> hears; // at least one of these slots was filled in this turn
    std::vector<std::string> has;
    std::vector<std::string> lacks;
    std::string after_tool;        // beginning of the result of the tool just called
    std::vector<std::string> done; // tools that succeeded in this conversation
    std::vector<std::string> not_done;
    std::string answer; // template; this or `call`
    std::string call;
    std::map<std::string, std::string> arguments; // templates; one that comes out empty is left out
};

struct offline_script {
    std::vector<slot_pattern> slots;
    std::vector<script_rule> rules; // the first that fits speaks; the last fits always
};

// Null, and problems, if the file is not a script. Answers may use `variables`, every slot, {{first}} and
// {{result}}; rules may ask for one of `agents` and call one of `tools`.
std::shared_ptr<const offline_script> read_script(const YAML::Node& root, const std::string& file,
                                                  const std::set<std::string>& variables,
                                                  const std::vector<std::string>& agents,
                                                  const std::vector<std::string>& tools,
                                                  problem_list& problems);

} // namespace atende
