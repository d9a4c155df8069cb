// One file of a profile's tools/, read and found right. docs/tools.md says what each part means.
#pragma once

#include "agent/tools/request_template.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace atende {

// Something that the answer has, by JSON pointer (RFC 6901).
struct read_value {
    nlohmann::json::json_pointer at;
    nlohmann::json otherwise; // null: none
};

// What is told of an answer; the first rule that fits speaks.
struct answer_rule {
    std::vector<std::string> statuses; // "404", "4xx", "timeout", "unreachable"; any of them
    std::map<std::string, std::vector<std::string>> where; // value → what it must be, any of these
    std::vector<std::string> has, lacks;                   // values that must, or must not, be there
    bool is_success = false;
    std::string text; // mustache over the arguments and values
};

// Given instead of asking the service, when the agent is offline.
struct mock_answer {
    std::map<std::string, std::string> with; // argument → value; the first that fits is given
    std::string status = "200";              // or "timeout", "unreachable"
    nlohmann::json body;
};

enum class body_kind { none, json, form };

struct declared_tool_spec {
    std::string file; // "tools/consultar_estoque.yaml"
    std::string name;
    int name_line = 0; // in the file
    std::string description;
    nlohmann::json parameters;

    std::string method = "GET";
    request_template url;
    int url_line = 0; // in the file
    std::vector<std::pair<std::string, request_template>> query, headers, form;
    nlohmann::json json_body; // its texts are templates
    body_kind body = body_kind::none;

    std::chrono::milliseconds timeout{10'000}; // of the whole call, retries included
    int retries = 0;
    bool has_effect = false;
    bool idempotent = false; // the service recognises a repetition by Idempotency-Key
    bool critical = false;
    bool personal = false;
    bool optional = false; // left out of a shop that sets none of its variables

    std::map<std::string, read_value> values;
    std::vector<answer_rule> answers;
    std::vector<mock_answer> mocks;

    std::chrono::milliseconds cache_ttl{0}; // none: not cached
    std::chrono::milliseconds cache_stale{0};
    std::map<std::string, int> invalidates; // names of tools, with *, and their lines in the file

    std::map<std::string, std::string> environment; // variable → "file:line" that uses it
    std::string fingerprint;                        // of the file's content
};

} // namespace atende
