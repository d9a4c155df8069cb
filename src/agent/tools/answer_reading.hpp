// From a service's answer to what the model is told of it.
#pragma once

#include "agent/tools/declared_tool_spec.hpp"
#include "agent/tools/secret_values.hpp"

#include <atende/platform/http_client.hpp>
#include <atende/platform/language.hpp>
#include <atende/platform/result.hpp>
#include <set>

namespace atende {

struct told_answer {
    std::string text; // "SUCESSO: …" or "ERRO: …"
    // No rule of the tool's expected this, or the service was not able to answer: worth a line in the log.
    bool service_failed = false;
};

// `arguments` as checked. Without secrets, and without characters that nobody sees. Never throws.
told_answer read_answer(const declared_tool_spec& spec, const nlohmann::json& arguments,
                        const result<http_answer>& answer, const secret_values& secrets);

// What is wrong with the text of a rule, if anything. `known` are the names of arguments and values.
std::optional<sentence> answer_text_problem(const std::string& text, const std::set<std::string>& known);

} // namespace atende
