// What a shop may change without touching C++: a folder of text files, read once at start-up.
//   profile.yaml  texts, limits, lead fields, the shop's data
//   prompt.md     who the agent is: a mustache template over the shop's data
//   tools/*.yaml  tools without code (optional): docs/tools.md
//   knowledge/    what it may quote (optional; read by knowledge_base)
//   script.yaml   the offline model's lines (optional; without it there is no offline model)
#pragma once

#include <atende/agent/declared_tools.hpp>
#include <atende/agent/knowledge_options.hpp>
#include <atende/agent/lead_profile.hpp>
#include <atende/agent/mcp_server_spec.hpp>
#include <atende/platform/result.hpp>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace atende {

struct offline_script;

// Said in the shop's voice when no model can say it. Templates over the shop's data.
struct profile_texts {
    std::string one_moment;  // the model cannot be reached; the answer follows later
    std::string fallback;    // the model refused or had nothing to say
    std::string unsupported; // all the customer sent is something nobody can read through the platform's API
    std::string too_long_note; // told to the model, after a customer's text that was cut
};

struct model_options {
    std::optional<double> temperature; // unset: not sent; reasoning models refuse it
    int max_output_tokens = 600;
};

struct agent_limits {
    int rounds = 6; // of tool calls; then one last answer without tools
    int tool_calls = 10;
    std::chrono::seconds turn{120};
    int history_turns = 12;
    std::chrono::days history_age{30}; // what is older may be forgotten
};

// What people do from the shop's account.
struct people_options {
    std::vector<std::string>
        automatic_texts; // sent by Instagram for the shop (away message…): nobody took over
    std::vector<std::string> pause_words{"#pausa"}; // typed in the chat: the bot is silent at once
    std::vector<std::string> resume_words{"#bot"};  // the bot answers again
};

struct profile {
    std::string name; // of the folder
    std::string agent_name;
    std::string time_zone; // IANA name
    profile_texts texts;
    model_options model;
    agent_limits limits;
    people_options people;
    lead_profile leads;
    std::vector<mcp_server_spec> mcp_servers;
    knowledge_options knowledge;                  // the files themselves: knowledge_base
    std::map<std::string, std::string> variables; // the shop's data, for every template
    std::string prompt; // template; the same bytes for every turn, so it can be cached
    std::string
        context; // template, told to the model after the history: knows {{weekday}} {{date}} {{time}}, too
    declared_tools tools;
    std::shared_ptr<const offline_script> script; // null without script.yaml, or when it was skipped
};

// Compiling a script's patterns takes tens of milliseconds, which a start with a real model need not wait
// for.
enum class offline_part { read, skip };

// errc::invalid_input lists every problem of every file, a line each: file, line, key, what was expected. An
// unknown key or template variable is a problem. Blocks on files: call it before the event loop runs.
result<profile> load_profile(const std::filesystem::path& folder, offline_part offline = offline_part::read);

} // namespace atende
