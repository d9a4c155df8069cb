// What a shop may change without touching C++: a folder of text files; docs/profiles.md describes them.
//   profile.yaml   texts, limits, lead fields, the shop's data
//   prompt.md      who the agent is: a mustache template over the shop's data
//   tools/*.yaml   tools without code (optional): docs/tools.md
//   knowledge/     what it may quote (optional; read by knowledge_base)
//   parts/*.md     what several prompts share; also in the neighbour folder shared/parts
//   script.yaml    the offline model's lines (optional; without it there is no offline model)
//   schedule.yaml  what is to be done without being asked (optional)
//   evals/*.yaml   conversations the agent must get right (optional)
#pragma once

#include <atende/agent/declared_tools.hpp>
#include <atende/agent/eval.hpp>
#include <atende/agent/knowledge_options.hpp>
#include <atende/agent/lead_profile.hpp>
#include <atende/agent/mcp_server_spec.hpp>
#include <atende/agent/schedule.hpp>
#include <atende/conversation/ids.hpp>
#include <atende/platform/language.hpp>
#include <atende/platform/result.hpp>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

struct knowledge_files;
struct offline_script;

// Said in the shop's voice when no model can say it. Templates over the shop's data.
struct profile_texts {
    std::string one_moment;  // the model cannot be reached; the answer follows later
    std::string fallback;    // the model refused or had nothing to say
    std::string unsupported; // all the customer sent is something nobody can read through the platform's API
    std::string forgotten;   // the customer asked to be forgotten, and was
    std::string too_long_note; // told to the model, after a customer's text that was cut
    std::string hand_over;     // the customer asked for a person, in words the shop has listed
    // These have a usual text, which is in src/agent/profile/profile_yaml.cpp.
    std::string audio_not_understood; // a voice note that nobody could listen to: asks to write
    std::string audio_too_long;
    std::string out_of_scope; // what the customer wants is not the shop's business
};

struct model_options {
    std::string name;                  // empty: the profile names none; AGENT_MODEL wins over it
    std::optional<double> temperature; // unset: not sent; reasoning models refuse it
    int max_output_tokens = 600;
};

// How long customers may go on writing; DEBOUNCE_SECONDS and DEBOUNCE_MAX_SECONDS win over it.
struct debounce_options {
    std::optional<std::chrono::milliseconds> quiet;   // after every message; unset: adapted to what it says
    std::optional<std::chrono::milliseconds> longest; // since the first unanswered one; not less than `quiet`
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

// Of voice notes, the customers' and the shop's.
struct voice_options {
    std::string language = "pt";         // that customers speak, ISO 639-1
    std::vector<std::string> vocabulary; // names and model codes, to be recognised and spelled so
    // When answers are spoken, if ENABLE_INSTAGRAM_AUDIO_REPLY allows it at all.
    enum class when {
        usual, // the profile does not say: as mirror, and as out_of_scope
        never,
        mirror, // when the customer has just sent a voice note
        always,
        out_of_scope, // when what the customer wants is not the shop's business
    };
    when reply = when::usual;
};

// How to tell what is the shop's business: words first, then the model by `about`.
struct scope_options {
    enum class when { needed, always, never };
    // The model; needed: where the verdict decides whether an answer is spoken. never: the words do not
    // count, either.
    when ask = when::needed;
    std::string about;                  // what the shop's business is, told to the model; a template
    std::vector<std::string> in_words;  // words or phrases; folded
    std::vector<std::string> out_words; // the same
};

// One of the prompts that a shop compares.
struct prompt_variant {
    std::string name;   // empty: the shop compares none
    int weight = 1;     // of all contacts, so many in the sum of all weights get this one
    std::string prompt; // template, its parts in place; the same bytes for every turn, so it can be cached
};

// One who answers. The customer sees one conversation, whoever of them speaks.
struct profile_agent {
    std::string id;    // what transfer_to_agent calls it; empty: the profile has only this one
    std::string name;  // {{agent_name}}
    std::string about; // what it is for, told to the others
    std::vector<prompt_variant> prompts; // at least one
    std::optional<std::vector<std::string>>
        tools; // the names of those it has besides transfer_to_agent; unset: all
};

// When the bot leaves a conversation to a person of its own accord.
struct hand_over_options {
    std::vector<std::string> words; // a customer who writes one of these phrases wants a person; folded
    // The bot is silent so long; unset: HUMAN_PAUSE_MINUTES, at least 30.
    std::optional<std::chrono::minutes> pause;
};

// What the simulator's page offers to write.
struct simulator_lines {
    std::vector<std::string> suggestions{"oi"};
    std::vector<std::string> demo{"oi"}; // a customer's messages, one after the other
};

struct profile {
    std::string name;      // of the folder
    std::string version;   // of what was read, but knowledge/: 12 hexadecimal digits, others after any change
    std::string time_zone; // IANA name
    std::vector<profile_agent> agents; // at least one: the first has every new customer
    profile_texts texts;
    std::vector<std::string> channels; // that it answers on, by channel_name(); empty: all
    model_options model;
    debounce_options debounce;
    agent_limits limits;
    people_options people;
    hand_over_options hand_over;
    std::vector<std::string> built_in_tools; // those in C++ that the agents have
    // A customer's message that is one of these erases what is remembered of the conversation. May be empty.
    std::vector<std::string> forget_words{"/esquecer"};
    voice_options voice;
    scope_options scope;
    simulator_lines simulator;
    lead_profile leads;
    std::vector<mcp_server_spec> mcp_servers;
    knowledge_options knowledge;                  // the files themselves: knowledge_base
    std::map<std::string, std::string> variables; // the shop's data, for every template
    declared_tools tools;
    // Template, its parts in place; told to the model after the history: knows what changes from turn to turn
    std::string context;
    std::shared_ptr<const offline_script> script; // null without script.yaml, or when it was skipped
    atende::schedule schedule;
    std::vector<eval> evals; // only of profile_use::check

    // "1f0c…", and "1f0c…+77ab…" with knowledge: `known` is the version of what knowledge_base tells.
    [[nodiscard]] std::string version_with(std::string_view known) const {
        return known.empty() ? version : version + "+" + std::string(known);
    }
    // "motorcycle-dealer@1f0c…+77ab…": what a turn is recorded as made by.
    [[nodiscard]] std::string label(std::string_view known) const { return name + "@" + version_with(known); }
    [[nodiscard]] bool answers_on(platform_kind channel) const;
};

// Stable: a contact keeps its variant in every process, and when weights or variants change, only as many
// contacts change theirs as must.
const prompt_variant& variant_for(const std::vector<prompt_variant>& variants, std::string_view contact);

struct profile_problem {
    std::string file; // below the profile's folder
    int line = 0;     // from 1; 0: the file as a whole
    sentence what;    // names the key and what was expected
};

// "profile.yaml:12: limits.rounds: …"
std::string text_of(const profile_problem& problem, language lang);
// A line each.
std::string text_of(const std::vector<profile_problem>& problems, language lang);

// What the profile is read for: what has no use for it is left out, and its mistakes with it. Compiling a
// script's patterns takes tens of milliseconds, which a start with a real model need not wait for.
// `pin` is for whoever looks at what MCP servers offer: pins that are missing or wrong are no problems yet.
enum class profile_use { check, serve_offline, serve, pin };

// How a folder looked: names, sizes, times and inodes of the profile's files.
struct folder_stamp {
    std::uint64_t of_files = 0;
    bool settled = false; // no file is so new that one more change of it would look the same
};

struct profile_reading {
    std::shared_ptr<const profile> read;   // null if anything is wrong
    std::vector<profile_problem> problems; // all of them, by file and line
    std::size_t files = 0;
    std::shared_ptr<const knowledge_files> knowledge; // of the folder; null for pin, and without profile.yaml
    folder_stamp stamp;                               // taken before the first file was read
};

// Blocks on files and takes tens of milliseconds: not for the event loop.
profile_reading read_profile(const std::filesystem::path& folder, profile_use use);

// The same; errc::invalid_input lists every problem in English, a line each.
result<profile> load_profile(const std::filesystem::path& folder, profile_use use = profile_use::check);

} // namespace atende
