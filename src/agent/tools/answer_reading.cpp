#include "agent/tools/answer_reading.hpp"

#include "agent/profile/problem_list.hpp"
#include "agent/profile/template_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atende/platform/json.hpp>
#include <atende/platform/text.hpp>
#include <kainjow/mustache.hpp>
#include <re2/re2.h>

namespace atende {
namespace {

using json = nlohmann::json;
using mustache_data = kainjow::mustache::data;

constexpr int deepest = 8; // of what a template reaches into
constexpr std::size_t longest_plain_answer = 4'000;

struct tag {
    char sigil = ' ';
    std::string name;
    int depth = 0; // sections around it
};

std::vector<tag> tags_of(const std::string& text) {
    static const RE2 shape(R"(\{\{\{?\s*([#^/&>=!]?)\s*([^}]*?)\s*\}\})");
    std::vector<tag> all;
    re2::StringPiece rest(text);
    std::string sigil;
    std::string name;
    int depth = 0;
    while (RE2::FindAndConsume(&rest, shape, &sigil, &name)) {
        const char kind = sigil.empty() ? ' ' : sigil.front();
        if (kind == '/') --depth;
        all.push_back({.sigil = kind, .name = name, .depth = depth});
        if (kind == '#' || kind == '^') ++depth;
    }
    return all;
}

mustache_data data_of(const json& value, int depth = 0) {
    if (depth > deepest || value.is_null()) return {false};
    if (value.is_boolean()) return value.get<bool>() ? mustache_data("sim") : mustache_data(false);
    if (value.is_array()) {
        mustache_data list(mustache_data::type::list);
        for (const auto& element : value) list << data_of(element, depth + 1);
        return list;
    }
    if (value.is_object()) {
        mustache_data object(mustache_data::type::object);
        for (const auto& [name, inner] : value.items()) object.set(name, data_of(inner, depth + 1));
        return object;
    }
    const auto text = text_of(value);
    return text.empty() ? mustache_data(false) : mustache_data(text);
}

bool is_there(const json& values, const std::string& name) {
    const auto found = values.find(name);
    if (found == values.end() || found->is_null()) return false;
    return !((found->is_string() || found->is_array()) && text_of(*found).empty());
}

std::string harmless(std::string_view text, const secret_values& secrets) {
    return secrets.blotted(without_hidden_characters(text)); // in this order: a secret may be hidden in two
}

// The answer's document, and what the spec reads from it, beside the arguments.
json values_of(const declared_tool_spec& spec, const json& arguments, const std::string& body,
               const secret_values& secrets) {
    auto document = parsed_json(body);
    if (document.is_discarded()) // cut at last: half a secret would not be known
        document =
            std::string(grapheme_prefix(harmless(with_valid_utf8(body), secrets), longest_plain_answer));
    json values = arguments;
    for (const auto& [name, source] : spec.values) {
        const bool found = document.contains(source.at) && !document.at(source.at).is_null();
        values[name] = found ? document.at(source.at) : source.otherwise;
    }
    return values;
}

bool fits_status(const answer_rule& rule, const std::string& status) {
    return std::ranges::any_of(rule.statuses, [&status](const std::string& wanted) {
        return wanted == status || (wanted.ends_with("xx") && status.size() == 3 && wanted[0] == status[0]);
    });
}

// A text that would have a hole fits nothing.
bool says_it_all(const answer_rule& rule, const json& values) {
    return std::ranges::all_of(tags_of(rule.text), [&values](const tag& one) {
        return one.depth > 0 || one.sigil != ' ' || is_there(values, one.name);
    });
}

bool fits(const answer_rule& rule, const std::string& status, const json& values) {
    const auto there = [&values](const std::string& name) { return is_there(values, name); };
    const auto equal = [&values](const auto& wanted) {
        return values.contains(wanted.first) &&
               std::ranges::find(wanted.second, text_of(values[wanted.first])) != wanted.second.end();
    };
    return fits_status(rule, status) && std::ranges::all_of(rule.where, equal) &&
           std::ranges::all_of(rule.has, there) && std::ranges::none_of(rule.lacks, there) &&
           says_it_all(rule, values);
}

std::string told(const answer_rule& rule, const json& values) {
    kainjow::mustache::mustache text(rule.text);
    text.set_custom_escape([](const std::string& plain) { return plain; });
    return (rule.is_success ? "SUCESSO: " : "ERRO: ") + text.render(data_of(values));
}

std::string status_of(const result<http_answer>& answer) {
    if (answer) return fmt::to_string(answer->status);
    const auto why = answer.error().code;
    // Every other failure may be that of the answer alone: one that was too large, or cut off.
    const bool surely_not_done =
        why == errc::unavailable || why == errc::rejected || why == errc::invalid_input;
    return surely_not_done ? "unreachable" : "timeout";
}

std::string usual_error(const declared_tool_spec& spec, const std::string& status) {
    if (spec.has_effect && (status == "timeout" || status.starts_with('5') || status.starts_with('2')))
        return "ERRO: o serviço não confirmou; não se sabe se foi feito. Não diga ao cliente que foi feito, "
               "e não tente de novo sem que ele peça.";
    if (status == "timeout") return "ERRO: o serviço não respondeu a tempo; tente de novo em instantes.";
    if (status == "unreachable" || status == "429" || status.starts_with('5'))
        return "ERRO: o serviço está fora do ar agora; tente de novo mais tarde.";
    if (status == "401" || status == "403")
        return "ERRO: a loja não tem acesso a este serviço agora; tentar de novo não resolve.";
    if (status.starts_with('2')) return "ERRO: o serviço deu uma resposta que não se entende.";
    return fmt::format("ERRO: o serviço recusou o pedido ({}).", status);
}

bool is_failure(const std::string& status) {
    return status == "timeout" || status == "unreachable" || status == "429" || status.starts_with('5');
}

} // namespace

told_answer read_answer(const declared_tool_spec& spec, const json& arguments,
                        const result<http_answer>& answer, const secret_values& secrets) {
    const auto status = status_of(answer);
    const auto values = values_of(spec, arguments, answer ? answer->body : std::string(), secrets);
    const auto rule =
        std::ranges::find_if(spec.answers, [&](const answer_rule& one) { return fits(one, status, values); });
    if (rule != spec.answers.end())
        return {.text = harmless(told(*rule, values), secrets), .service_failed = is_failure(status)};
    return {.text = usual_error(spec, status), .service_failed = true};
}

std::optional<sentence> answer_text_problem(const std::string& text, const std::set<std::string>& known) {
    if (auto form = parse_template(text); !form.mistakes.empty())
        return std::move(form.mistakes.front().what);
    for (const auto& one : tags_of(text)) {
        if (one.sigil == '>' || one.sigil == '=')
            return bilingual{"partes e delimitadores não cabem aqui",
                             "partials and delimiters have no place here"};
        // What is inside a section may be a member of a list's element, which only the service knows.
        if (one.depth > 0 || one.sigil == '!' || one.sigil == '/') continue;
        if (known.contains(one.name)) continue;
        const auto meant = suggestion_for(one.name, {known.begin(), known.end()});
        const auto all = listed({known.begin(), known.end()});
        return sentence(fmt::format("o nome {{{{{}}}}} não existe{}; {}{}", one.name, meant.portuguese,
                                    all.empty() ? "não há parâmetros nem values" : "existem: ", all),
                        fmt::format("the name {{{{{}}}}} does not exist{}; {}{}", one.name, meant.english,
                                    all.empty() ? "there are no parameters or values" : "there are: ", all));
    }
    return std::nullopt;
}

} // namespace atende
