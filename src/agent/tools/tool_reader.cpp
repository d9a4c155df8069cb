#include "agent/tools/tool_reader.hpp"

#include "agent/profile/template_text.hpp"
#include "agent/tools/answer_reading.hpp"
#include "agent/tools/declared_tool_spec.hpp"
#include "agent/tools/parameter_reader.hpp"
#include "agent/tools/tool_request.hpp"
#include "agent/tools/tool_set_check.hpp"
#include "agent/tools/yaml_json.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <atende/platform/crypto.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <re2/re2.h>
#include <set>

namespace atende {
namespace {

using json = nlohmann::json;

constexpr std::array<std::string_view, 5> methods{"GET", "POST", "PUT", "PATCH", "DELETE"};
// consultar_historico_cliente is not among them: a file of that name takes the place of the built-in one.
constexpr std::array<std::string_view, 3> built_in{"add_lead_to_nocodb", "transfer_to_human",
                                                   "transfer_to_agent"};
constexpr std::array<std::string_view, 5> headers_of_ours{"host", "content-length", "transfer-encoding",
                                                          "connection", "expect"};
constexpr int longest_timeout = 60;
constexpr int longest_cached = 7 * 24 * 3'600;

bool is_status(const std::string& text, bool pattern) {
    static const RE2 number("[1-5][0-9][0-9]");
    static const RE2 kind("[1-5]xx");
    return RE2::FullMatch(text, number) || text == "timeout" || text == "unreachable" ||
           (pattern && RE2::FullMatch(text, kind));
}

// One file.
class tool_reader {
public:
    tool_reader(std::string file, const YAML::Node& root, problem_list& problems)
        : node_(root),
          problems_(problems),
          root_(node_, file, "",
                {"name",        "description", "parameters", "method",    "url",         "query",
                 "headers",     "json",        "form",       "timeout",   "retries",     "effect",
                 "idempotent",  "values",      "answers",    "cache_ttl", "cache_stale", "personal",
                 "invalidates", "critical",    "mock",       "optional"},
                problems) {
        spec_.file = std::move(file);
    }

    declared_tool_spec read() {
        read_name();
        spec_.parameters = read_parameters(member("parameters"), spec_.file, problems_);
        for (const auto& [name, schema] : spec_.parameters["properties"].items()) arguments_.insert(name);
        read_request();
        read_body();
        read_behaviour();
        read_values();
        for (const auto& node : root_.items("answers")) read_answer_rule(node);
        if (spec_.answers.empty())
            root_.expected("answers", bilingual{"ao menos uma regra, para que o modelo saiba de algo",
                                                "at least one rule, so that the model is told something"});
        read_cache();
        for (const auto& node : root_.items("mock")) read_mock(node);
        spec_.optional = root_.flag("optional", false);
        if (spec_.optional && spec_.environment.empty())
            root_.expected("optional",
                           bilingual{"uma {{env.NOME}} no pedido, sem a qual a ferramenta fica de fora",
                                     "an {{env.NAME}} in the request, without which the tool is left out"});
        return std::move(spec_);
    }

private:
    [[nodiscard]] YAML::Node member(const std::string& key) const {
        return node_.IsMap() ? std::as_const(node_)[key] : YAML::Node(YAML::NodeType::Undefined);
    }
    [[nodiscard]] std::string where(const YAML::Node& node) const {
        return fmt::format("{}:{}", spec_.file, node.Mark().line + 1);
    }

    void read_name() {
        static const RE2 shape("[A-Za-z0-9_-]{1,64}");
        spec_.name = root_.text("name");
        spec_.name_line = root_.line("name");
        if (!spec_.name.empty() && !RE2::FullMatch(spec_.name, shape))
            root_.expected("name", bilingual{"de 1 a 64 letras sem acento, dígitos, _ e -",
                                             "1 to 64 letters, digits, _ and -"});
        if (is_built_in_name(spec_.name))
            root_.expected("name", bilingual{"outro nome: esta ferramenta já vem pronta",
                                             "another name: this tool is built in"});
        spec_.description = root_.text("description");
    }

    // {{preco.cents}}, of an argument that is an amount of money.
    [[nodiscard]] bool is_cents(const std::string& name) const {
        if (!name.ends_with(cents_of)) return false;
        const auto& properties = spec_.parameters["properties"];
        const auto amount = properties.find(name.substr(0, name.size() - cents_of.size()));
        return amount != properties.end() && amount->value("format", "") == money_format;
    }

    // The template, its names found right. `at` and `key` are for the problem.
    request_template checked(const yaml_map& at, const std::string& key, const YAML::Node& node,
                             const std::string& text) {
        auto read = request_template::parse(text);
        if (!read) {
            at.expected(key, node, read.error());
            return {};
        }
        std::vector<std::string> known(arguments_.begin(), arguments_.end());
        known.insert(known.end(), context_names.begin(), context_names.end());
        std::size_t unknown = 0;
        for (const auto& name : read->names()) {
            if (name.starts_with("env.")) {
                spec_.environment.try_emplace(name.substr(4), where(node));
            } else if (std::ranges::find(context_names, name) != context_names.end()) {
                tells_who_ |= name != "channel" && name != "account.id";
            } else if (!arguments_.contains(name) && !is_cents(name)) {
                if (++unknown > most_unknown_names) break;
                const auto shown = printable(name, 60);
                const auto meant = suggestion_for(name, known);
                at.wrong(key, node,
                         {fmt::format("o nome {{{{{}}}}} não existe{}; existem: {}, env.NOME", shown,
                                      meant.portuguese, listed(known)),
                          fmt::format("the name {{{{{}}}}} does not exist{}; there are: {}, env.NAME", shown,
                                      meant.english, listed(known))});
            }
        }
        return *std::move(read);
    }

    std::vector<std::pair<std::string, request_template>> read_pairs(const std::string& key) {
        std::vector<std::pair<std::string, request_template>> pairs;
        const auto map = root_.map(key, {});
        for (const auto& name : map.keys())
            pairs.emplace_back(name, checked(map, name, member(key)[name], map.text(name)));
        return pairs;
    }

    void read_request() {
        spec_.method = root_.has("method") ? root_.text("method") : "GET";
        if (std::ranges::find(methods, spec_.method) == methods.end())
            root_.expected("method", {fmt::format("um de {}", fmt::join(methods, ", ")),
                                      fmt::format("one of {}", fmt::join(methods, ", "))});
        spec_.url = checked(root_, "url", member("url"), root_.text("url"));
        spec_.url_line = root_.line("url");
        if (!spec_.url.parts().empty() && !has_fixed_host())
            root_.expected("url",
                           bilingual{"https:// e um host, ou {{env.NOME}}, e depois / antes de qualquer "
                                     "argumento: a quem se pergunta não é o modelo que decide",
                                     "https:// and a host, or {{env.NAME}}, and then / before any "
                                     "argument: the model has no say in whom is asked"});
        spec_.query = read_pairs("query");
        spec_.headers = read_pairs("headers");
        static const RE2 token("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
        const auto headers = root_.map("headers", {});
        for (const auto& [name, text] : spec_.headers) {
            const bool ours = std::ranges::find(headers_of_ours, lower_case(name)) != headers_of_ours.end();
            if (ours || !RE2::FullMatch(name, token))
                headers.expected(name,
                                 bilingual{"um cabeçalho que se possa definir", "a header that may be set"});
        }
    }

    [[nodiscard]] bool has_fixed_host() const {
        const auto& parts = spec_.url.parts();
        if (parts.front().is_name) {
            return parts.front().text.starts_with("env.") &&
                   (parts.size() == 1 ||
                    (!parts[1].is_name && std::string_view("/?").contains(parts[1].text[0])));
        }
        const auto& base = parts.front().text;
        const auto host = base.find("://");
        if (host == std::string::npos) return false;
        return parts.size() == 1 || base.find_first_of("/?", host + 3) != std::string::npos;
    }

    void read_body() {
        if (root_.has("json") && root_.has("form"))
            root_.expected("form", bilingual{"json ou form, não os dois", "json or form, not both"});
        if (spec_.method == "GET" && (root_.has("json") || root_.has("form")))
            root_.wrong(root_.has("json") ? "json" : "form",
                        bilingual{"um GET não tem corpo; use query", "a GET has no body; use query"});
        if (root_.has("json")) {
            spec_.body = body_kind::json;
            spec_.json_body = json_of(member("json"));
            check_json(member("json"));
        }
        if (root_.has("form")) {
            spec_.body = body_kind::form;
            spec_.form = read_pairs("form");
        }
    }

    void check_json(const YAML::Node& node) {
        if (node.IsScalar()) checked(root_, "json", node, node.Scalar());
        if (node.IsSequence()) {
            for (const auto& item : node) check_json(item);
        }
        if (node.IsMap()) {
            for (const auto& pair : node) check_json(pair.second);
        }
    }

    void read_behaviour() {
        spec_.timeout = std::chrono::seconds(root_.whole("timeout", 10, 1, longest_timeout));
        spec_.has_effect = root_.flag("effect", spec_.method != "GET");
        spec_.idempotent = root_.flag("idempotent", false);
        spec_.critical = root_.flag("critical", false);
        spec_.personal = root_.flag("personal", false);
        spec_.retries = root_.whole("retries", 0, 0, 3);
        if (spec_.retries > 0 && spec_.has_effect && !spec_.idempotent)
            root_.expected("retries",
                           bilingual{"0, ou idempotent: true, que diz que o serviço faz uma só vez o que "
                                     "tem a mesma Idempotency-Key",
                                     "0, or idempotent: true, which says that the service does what "
                                     "has the same Idempotency-Key only once"});
    }

    void read_values() {
        const auto values = root_.map("values", {});
        for (const auto& name : values.keys()) {
            const auto node = member("values")[name];
            const bool is_map = node.IsMap();
            const yaml_map inner(is_map ? node : YAML::Node(YAML::NodeType::Undefined), spec_.file,
                                 "values." + name + ".", {"at", "default"}, problems_);
            const auto pointer = is_map ? inner.text("at") : node.IsScalar() ? node.Scalar() : "?";
            if (arguments_.contains(name))
                values.expected(
                    name, bilingual{"um nome que nenhum parâmetro tem", "a name that no parameter has"});
            try {
                spec_.values[name] = {.at = json::json_pointer(pointer),
                                      .otherwise = is_map ? json_of(node["default"]) : json()};
            } catch (const json::exception&) {
                values.expected(name,
                                bilingual{"um JSON pointer como /pedido/status, ou at: e default:",
                                          "a JSON pointer such as /pedido/status, or at: and default:"});
            }
        }
    }

    [[nodiscard]] std::set<std::string> known_names() const {
        auto known = arguments_;
        for (const auto& [name, value] : spec_.values) known.insert(name);
        return known;
    }

    void check_names(const yaml_map& rule, const std::string& key,
                     const std::vector<std::string>& names) const {
        const auto known = known_names();
        expect_among(rule, key, names,
                     bilingual{"nomes de values ou de parâmetros", "names of values or parameters"},
                     {known.begin(), known.end()});
    }

    void read_answer_rule(const YAML::Node& node) {
        const yaml_map rule(node, spec_.file, "answers.",
                            {"status", "where", "has", "lacks", "success", "error"}, problems_);
        if (!node.IsMap()) return;
        answer_rule read{.statuses = rule.texts("status"),
                         .where = {},
                         .has = rule.texts("has"),
                         .lacks = rule.texts("lacks"),
                         .is_success = rule.has("success"),
                         .text = {}};
        if (read.statuses.empty()) read.statuses = {"2xx"};
        for (const auto& status : read.statuses) {
            if (!is_status(status, true))
                rule.expected("status", rule.item("status", status),
                              bilingual{"um número como 404, 4xx, timeout ou unreachable",
                                        "a number such as 404, 4xx, timeout or unreachable"});
            if (read.is_success && (status == "timeout" || status == "unreachable"))
                rule.expected("success", bilingual{"error: ninguém respondeu", "error: nobody answered"});
        }
        check_names(rule, "has", read.has);
        check_names(rule, "lacks", read.lacks);
        const auto where = rule.map("where", {});
        for (const auto& name : where.keys()) {
            check_names(rule, "where", {name});
            read.where[name] = where.texts(name);
        }
        if (rule.has("success") == rule.has("error")) {
            rule.expected("success", bilingual{"success ou error, um dos dois", "either success or error"});
            return;
        }
        const std::string key = read.is_success ? "success" : "error";
        read.text = rule.text(key);
        if (read.text.starts_with("SUCESSO") || read.text.starts_with("ERRO"))
            rule.expected(key, bilingual{"só o texto: SUCESSO: ou ERRO: é posto antes dele",
                                         "the text alone: SUCESSO: or ERRO: is put before it"});
        if (const auto problem = answer_text_problem(read.text, known_names())) rule.wrong(key, *problem);
        spec_.answers.push_back(std::move(read));
    }

    void read_cache() {
        spec_.cache_ttl = std::chrono::seconds(root_.whole("cache_ttl", 0, 1, longest_cached));
        spec_.cache_stale = std::chrono::seconds(root_.whole("cache_stale", 0, 1, longest_cached));
        read_invalidated();
        if (root_.has("cache_ttl") && spec_.has_effect)
            root_.wrong("cache_ttl",
                        bilingual{"não pode haver cache_ttl: o que tem efeito é feito toda vez",
                                  "there can be no cache_ttl: what has an effect is done every time"});
        if (root_.has("cache_ttl") && tells_who_ && !spec_.personal)
            root_.expected(
                "personal",
                bilingual{"true: o pedido diz quem pergunta, e a resposta não serve a mais ninguém",
                          "true: the request says who asks, so what it gets is for nobody else"});
        if (root_.has("cache_stale") && !root_.has("cache_ttl"))
            root_.expected("cache_stale", bilingual{"também um cache_ttl", "a cache_ttl, too"});
    }

    void read_invalidated() {
        static const RE2 pattern("[A-Za-z0-9_*-]+");
        const auto patterns = root_.texts("invalidates");
        if (!patterns.empty() && !spec_.has_effect)
            root_.expected("invalidates", bilingual{"uma ferramenta com efeito", "a tool with effect"});
        for (const auto& one : patterns) {
            const auto node = root_.item("invalidates", one);
            if (RE2::FullMatch(one, pattern))
                spec_.invalidates.emplace(one, node.Mark().line + 1);
            else
                root_.expected(
                    "invalidates", node,
                    bilingual{"nomes de ferramentas, que podem ter *", "names of tools, with * in them"});
        }
    }

    void read_mock(const YAML::Node& node) {
        const yaml_map mock(node, spec_.file, "mock.", {"with", "status", "body"}, problems_);
        if (!node.IsMap()) return;
        mock_answer read{.with = mock.pairs("with"), .body = json_of(std::as_const(node)["body"])};
        if (mock.has("status")) read.status = mock.text("status");
        if (!is_status(read.status, false))
            mock.expected("status", bilingual{"um número como 200, timeout ou unreachable",
                                              "a number such as 200, timeout or unreachable"});
        const auto names = std::views::keys(read.with);
        expect_among(mock, "with", {names.begin(), names.end()}, bilingual{"parâmetros", "parameters"},
                     {arguments_.begin(), arguments_.end()});
        spec_.mocks.push_back(std::move(read));
    }

    YAML::Node node_;
    problem_list& problems_;
    yaml_map root_;
    declared_tool_spec spec_;
    std::set<std::string> arguments_;
    bool tells_who_ = false;
};

} // namespace

bool is_built_in_name(std::string_view name) {
    return std::ranges::find(built_in, name) != built_in.end();
}

declared_tools read_tools(const profile_files& files, problem_list& problems) {
    declared_tools tools;
    for (const auto& file : files.below("tools/")) {
        const auto& text = *files.find(file);
        const auto root = read_yaml(text, file, problems);
        if (!root.IsDefined()) continue;
        auto spec = tool_reader(file, root, problems).read();
        spec.fingerprint = sha256_base64url(text, 12);
        tools.push_back(std::make_shared<const declared_tool_spec>(std::move(spec)));
    }
    check_tool_set(tools, problems);
    return tools;
}

} // namespace atende
