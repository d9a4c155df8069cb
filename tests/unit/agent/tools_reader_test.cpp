// Files of tools/: read whole, or told everything that is wrong with them, by us and by the schema for
// editors.
#define VALIJSON_USE_EXCEPTIONS 1 // as in argument_check.cpp

#include "agent/tools/yaml_json.hpp"
#include "support/test_paths.hpp"
#include "tools_folder.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

namespace atende::test {
namespace {

using json = nlohmann::json;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

// Those of the profiles, and the one that none of them has.
std::vector<std::filesystem::path> folders_that_ship() {
    std::vector<std::filesystem::path> folders{std::filesystem::path(source_folder) / "docs/examples/tools"};
    for (const auto& shop :
         std::filesystem::directory_iterator(std::filesystem::path(source_folder) / "profiles")) {
        if (is_directory(shop.path() / "tools")) folders.push_back(shop.path() / "tools");
    }
    return folders;
}

const std::string good = R"(name: consultar
description: Consulta.
parameters:
  type: object
  required: [q]
  properties:
    q: {type: string, description: o que}
url: "{{env.API_URL}}/{{q}}"
answers: [{success: achei}]
)";

const std::string too_much =
    "expected at most 10000 values, 4 MB and 64 levels, with what aliases (*name) repeat";

bool satisfies_schema(const std::string& yaml) {
    static const json text = [] {
        std::ifstream file(std::filesystem::path(source_folder) / "docs/schemas/tool.schema.json");
        return json::parse(file);
    }();
    valijson::Schema schema;
    valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(text), schema);
    const auto document = json_of(YAML::Load(yaml));
    return valijson::Validator().validate(schema, valijson::adapters::NlohmannJsonAdapter(document), nullptr);
}

std::string problems_of(const std::string& yaml) {
    const tools_folder folder;
    folder.write("a.yaml", yaml);
    return folder.problems();
}

std::string text_of_file(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(ToolReader, ReadsEveryExampleThatShips) {
    std::vector<std::string> names;
    for (const auto& folder : folders_that_ship()) {
        problem_list problems;
        for (const auto& spec : read_tools(tool_files(folder), problems)) {
            names.push_back(spec->name);
            EXPECT_FALSE(spec->mocks.empty()) << spec->name << " is tried offline";
        }
        EXPECT_EQ(problems.text(language::english), "") << folder;
        for (const auto& file : std::filesystem::directory_iterator(folder))
            EXPECT_TRUE(satisfies_schema(text_of_file(file.path()))) << file.path();
    }
    EXPECT_THAT(names,
                IsSupersetOf({"agendar_test_ride", "avisar_equipe", "consultar_estoque",
                              "consultar_historico_cliente", "consultar_pedido", "criar_ticket_suporte",
                              "listar_campanhas", "metricas_campanha", "detalhes_campanha", "resumo_mensal",
                              "pausar_campanha", "alterar_orcamento"}));
}

TEST(ToolReader, NeedsNoFolder) {
    problem_list problems;
    EXPECT_TRUE(read_tools({}, problems).empty());
    EXPECT_TRUE(problems.empty());
}

TEST(ToolReader, KnowsWhatWasLeftOut) {
    const auto spec = declared(good);
    EXPECT_EQ(spec->method, "GET");
    EXPECT_EQ(spec->timeout, std::chrono::seconds(10));
    EXPECT_FALSE(spec->has_effect);
    EXPECT_EQ(spec->parameters["additionalProperties"], false);
    EXPECT_THAT(spec->environment, ElementsAre(std::pair("API_URL", "tools/tool.yaml:8")));
    EXPECT_TRUE(declared(good + "method: POST\n")->has_effect);
    EXPECT_FALSE(declared(good + "method: POST\neffect: false\n")->has_effect);
}

struct mistake {
    std::string line; // added to the good file, or replacing the line with the same key
    std::string told; // part of the problem, with the line's number
    bool seen_by_schema = true;
};

std::string with(const std::string& line) {
    const auto key = line.substr(0, line.find(':') + 1);
    const auto at = good.starts_with(key) ? 0 : good.find("\n" + key) + 1;
    if (at == 0 && !good.starts_with(key)) return good + line + "\n";
    return good.substr(0, at) + line + good.substr(good.find('\n', at));
}

class ToolMistake : public ::testing::TestWithParam<mistake> {};

TEST_P(ToolMistake, IsNamedWithItsPlaceAndWhatWasExpected) {
    const auto& [line, told, seen_by_schema] = GetParam();
    const auto yaml = with(line);
    EXPECT_THAT(problems_of(yaml), AllOf(HasSubstr("tools/a.yaml:"), HasSubstr(told))) << yaml;
    EXPECT_EQ(satisfies_schema(yaml), !seen_by_schema) << yaml;
}

INSTANTIATE_TEST_SUITE_P(
    All, ToolMistake,
    ::testing::Values(
        mistake{
            "nome: x",
            "tools/a.yaml:10: nome: unknown key (did you mean \"name\"?); expected one of name, description"},
        mistake{"name: buscar tudo", "tools/a.yaml:1: name: expected 1 to 64 letters, digits, _ and -"},
        mistake{"name: transfer_to_human", "name: expected another name: this tool is built in"},
        mistake{"description:", "description: expected a text"},
        mistake{"method: get", "method: expected one of GET, POST"},
        mistake{"url: api.example.com", "tools/a.yaml:8: url: expected https:// and a host", false},
        mistake{R"(url: "https://{{q}}.example.com/")", "url: expected https:// and a host", false},
        mistake{R"(url: "https://example.com{{q}}")", "then / before any argument", false},
        mistake{R"(url: "{{env.API_URL}}{{q}}")", "then / before any argument", false},
        mistake{R"(url: "{{env.API_URL}}.example.com/{{q}}")", "then / before any argument", false},
        mistake{R"(url: "{{env.API_URL}}/{{p}}")", "the name {{p}} does not exist; there are: q, contact.id",
                false},
        mistake{R"(url: "{{env.API_URL}}/{{#q}}x{{/q}}")", "requests know no conditions", false},
        mistake{R"(url: "{{env.API_URL}}/{{q")", "}} behind every {{", false},
        mistake{"query: {a: '{{b}}'}", "tools/a.yaml:10: query.a: the name {{b}} does not exist", false},
        mistake{"query: [a]", "query: expected keys and values"},
        mistake{"headers: {Host: x}", "headers.Host: expected a header that may be set", false},
        mistake{"headers: {'A b': x}", "headers.A b: expected a header that may be set", false},
        mistake{"json: {a: 1}", "json: a GET has no body; use query", false},
        mistake{"timeout: 8s", "timeout: expected a whole number from 1 to 60"},
        mistake{"timeout: 0", "timeout: expected a whole number from 1 to 60"},
        mistake{"retries: 9", "retries: expected a whole number from 0 to 3"},
        mistake{"effect: talvez", "effect: expected true or false"},
        mistake{"values: {a: quantidade}", "values.a: expected a JSON pointer"},
        mistake{"values: {q: /a}", "values.q: expected a name that no parameter has", false},
        mistake{"values: {a: {default: 0}}", "values.a.at: expected a text"},
        mistake{"answers: []", "answers: expected at least one rule"},
        mistake{"answers: [{success: a, error: b}]", "answers.success: expected either success or error"},
        mistake{"answers: [{where: {q: a}}]", "answers.success: expected either success or error"},
        mistake{"answers: [{success: '{{p}}'}]", "answers.success: the name {{p}} does not exist", false},
        mistake{"answers: [{success: '{{#q}}'}]", "answers.success: expected {{/q}} to close {{#q}}", false},
        mistake{"answers: [{success: 'SUCESSO: a'}]", "SUCESSO: or ERRO: is put before it"},
        mistake{"answers: [{success: a, has: [p]}]", "answers.has: expected names of values", false},
        mistake{"answers: [{success: a, status: 20}]", "answers.status: expected a number such as 404"},
        mistake{"answers: [{success: a, status: timeout}]", "answers.success: expected error", false},
        mistake{"optional: talvez", "optional: expected"},
        mistake{"cache_ttl: ontem", "cache_ttl: expected a whole number"},
        mistake{"cache_stale: 60", "cache_stale: expected a cache_ttl, too"},
        mistake{"invalidates: [consultar]", "invalidates: expected a tool with effect", false},
        mistake{"mock: [{with: {p: 1}}]", "mock.with: expected parameters (q), not \"p\"", false},
        mistake{"mock: [{status: 2xx}]", "mock.status: expected a number such as 200"}));

TEST(ToolReader, SeesWhatGoesWrongTogether) {
    const auto post = good + "method: POST\n";
    EXPECT_THAT(problems_of(post + "retries: 1\n"), HasSubstr("retries: expected 0, or idempotent: true"));
    EXPECT_EQ(problems_of(post + "retries: 1\nidempotent: true\n"), "");
    EXPECT_THAT(problems_of(post + "cache_ttl: 9\n"), HasSubstr("what has an effect is done every time"));
    EXPECT_THAT(problems_of(post + "json: {}\nform: {}\n"), HasSubstr("json or form, not both"));
    const auto asks_for_one = good + "query: {c: '{{contact.id}}'}\ncache_ttl: 9\n";
    EXPECT_THAT(problems_of(asks_for_one), HasSubstr("personal: expected true"));
    EXPECT_EQ(problems_of(asks_for_one + "personal: true\n"), "");
}

TEST(ToolReader, KnowsCentsOfAmountsOnly) {
    const auto with_amount = [](const std::string& schema) {
        return problems_of("name: a\ndescription: b\nmethod: POST\nurl: https://a.example/\n"
                           "parameters: {type: object, properties: {valor: {description: c, " +
                           schema + "}}}\njson: {total: '{{valor.cents}}'}\nanswers: [{success: c}]\n");
    };
    EXPECT_EQ(with_amount("type: string, format: money-br"), "");
    EXPECT_THAT(with_amount("type: string"), HasSubstr("json: the name {{valor.cents}} does not exist"));
}

TEST(ToolReader, AnOptionalToolNamesAVariable) {
    EXPECT_EQ(problems_of(good + "optional: true\n"), "");
    EXPECT_THAT(problems_of(with("url: https://a.example/") + "optional: true\n"),
                HasSubstr("optional: expected an {{env.NAME}} in the request"));
}

TEST(ToolReader, ChecksTheParameters) {
    const auto parameters = [](const std::string& text) {
        return problems_of(
            "name: a\ndescription: b\nurl: https://a.example/\nanswers: [{success: c}]\nparameters:\n" +
            text);
    };
    EXPECT_THAT(parameters("  type: string\n"), HasSubstr("parameters.type: expected object"));
    EXPECT_THAT(parameters("  properties: {a: {type: text, description: b}}\n"),
                AllOf(HasSubstr("parameters.type: expected object"), HasSubstr("a.type: expected one of")));
    EXPECT_THAT(parameters("  type: object\n  pattern: x\n"),
                HasSubstr("tools/a.yaml:7: parameters.pattern: unknown key"));
    EXPECT_THAT(parameters("  type: object\n  properties: {a: {type: text, description: b}}\n"),
                HasSubstr("tools/a.yaml:7: parameters.properties.a.type: expected one of string, number"));
    EXPECT_THAT(parameters("  type: object\n  properties:\n    a: {type: string}\n"),
                HasSubstr("tools/a.yaml:8: parameters.properties.a.description: expected a text that tells"));
    EXPECT_THAT(
        parameters("  type: object\n  properties: {a: {type: string, description: b, minLenght: 2}}\n"),
        HasSubstr("parameters.properties.a.minLenght: unknown key"));
    EXPECT_THAT(
        parameters("  type: object\n  properties: {a: {type: string, description: b, format: telefone}}\n"),
        HasSubstr("a.format: expected one of phone-br, cpf, cnpj"));
    EXPECT_THAT(
        parameters("  type: object\n  properties: {a: {type: integer, description: b, format: cpf}}\n"),
        HasSubstr("of a string"));
    EXPECT_THAT(
        parameters("  type: object\n  properties: {a: {type: string, description: b, pattern: '(?=a)'}}\n"),
        HasSubstr("a.pattern: expected an RE2 pattern"));
    EXPECT_THAT(
        parameters("  type: object\n  required: [b]\n  properties: {a: {type: string, description: b}}\n"),
        HasSubstr("parameters.required: expected names among the properties (a), not \"b\""));
    EXPECT_THAT(parameters("  type: object\n  additionalProperties: true\n"),
                HasSubstr("parameters.additionalProperties: expected false"));
    EXPECT_THAT(parameters("  type: object\n  properties: {a: {type: array, description: b}}\n"),
                HasSubstr("a.items: expected the schema of an element"));
    EXPECT_THAT(
        parameters("  type: object\n  properties: {a: {type: string, description: b, minLength: x}}\n"),
        HasSubstr("tools/a.yaml:7: parameters.properties.a: expected a JSON schema"));
}

TEST(ToolReader, TellsOfAllFilesAtOnce) {
    const tools_folder folder;
    folder.write("a.yaml", good);
    folder.write("b.yaml", good);
    folder.write("c.yaml", "name: [");
    folder.write("notes.txt", "not a tool");
    EXPECT_THAT(folder.problems(),
                AllOf(HasSubstr("tools/b.yaml:1: name: expected another name than tools/a.yaml has"),
                      HasSubstr("c.yaml:1: not valid YAML")));
}

TEST(ToolReader, NamesTheLineAndTheNameThatWasMeant) {
    const auto lines = problems_of("name: a\ndescription: b\nurl: https://a.example/\nparameters:\n"
                                   "  type: object\n  required:\n    - modelo\n    - modleo\n"
                                   "  properties: {modelo: {type: string, description: c}}\n"
                                   "answers:\n  - has:\n      - modelo\n      - modleo\n"
                                   "    where:\n      modelo: x\n      modeol: y\n"
                                   "    success: 'há {{modleo}}'\n"
                                   "query:\n  m: '{{modleo}}'\n"
                                   "mock:\n  - with:\n      modelo: x\n      modelos: y\n");
    EXPECT_THAT(
        lines,
        AllOf(HasSubstr("tools/a.yaml:8: parameters.required: expected names among the properties (modelo), "
                        "not \"modleo\" (did you mean \"modelo\"?)"),
              HasSubstr("tools/a.yaml:13: answers.has: expected names of values or parameters (modelo), "
                        "not \"modleo\" (did you mean \"modelo\"?)"),
              HasSubstr("tools/a.yaml:16: answers.where: expected names of values or parameters (modelo), "
                        "not \"modeol\" (did you mean \"modelo\"?)"),
              HasSubstr("tools/a.yaml:17: answers.success: the name {{modleo}} does not exist (did you mean "
                        "\"modelo\"?); there are: modelo"),
              HasSubstr("tools/a.yaml:19: query.m: the name {{modleo}} does not exist (did you mean "
                        "\"modelo\"?); there are: modelo, contact.id"),
              HasSubstr("tools/a.yaml:23: mock.with: expected parameters (modelo), not \"modelos\" (did you "
                        "mean \"modelo\"?)")));
}

TEST(ToolReader, NamesTheLineWithinABody) {
    EXPECT_THAT(problems_of(good + "method: POST\njson:\n  itens:\n    - {modelo: '{{q}}'}\n"
                                   "    - modelo: '{{p}}'\n  total: '{{#q}}'\n"),
                AllOf(HasSubstr("tools/a.yaml:14: json: the name {{p}} does not exist"),
                      HasSubstr("tools/a.yaml:15: json: expected a name in {{#q}}")));
}

// Results that nobody forgets are given for as long as they are kept.
TEST(ToolReader, InvalidatesToolsThatThereAre) {
    const tools_folder folder;
    folder.write("a.yaml", with("name: consultar_estoque"));
    const std::string effect = "name: reservar\ndescription: b\nurl: https://a.example/\nmethod: POST\n"
                               "answers: [{success: c}]\ninvalidates:\n";
    folder.write("b.yaml", effect + "  - consultar_*\n  - '*'\n  - consultar_estoque\n");
    EXPECT_EQ(folder.problems(), "");
    folder.write("b.yaml", effect + "  - consultar_*\n  - consutar_*\n  - reserva\n");
    EXPECT_EQ(folder.problems(),
              "tools/b.yaml:8: invalidates: expected tools of tools/ (consultar_estoque, reservar); none is "
              "called \"consutar_*\" (did you mean \"consultar_*\"?)\n"
              "tools/b.yaml:9: invalidates: expected tools of tools/ (consultar_estoque, reservar); none is "
              "called \"reserva\" (did you mean \"reservar\"?)");
    folder.write("c.yaml", "name: [");
    EXPECT_THAT(folder.problems(), ::testing::Not(HasSubstr("invalidates"))) << "it may be that one";
}

TEST(ToolReader, SurvivesAFileThatContainsItself) {
    EXPECT_EQ(problems_of(good + "method: POST\njson: &a [*a]\n"), "tools/a.yaml:11: " + too_much);
}

TEST(ToolReader, FollowsAliasesOnlySoFar) {
    std::string mock = "mock:\n  - body:\n      a0: &a0 [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n";
    EXPECT_EQ(problems_of(good + mock + "      b: [*a0, *a0]\n"), "");
    for (int i = 1; i <= 9; ++i) {
        mock += fmt::format("      a{0}: &a{0} [*a{1}", i, i - 1);
        for (int copy = 1; copy < 10; ++copy) mock += fmt::format(", *a{}", i - 1);
        mock += "]\n";
    }
    EXPECT_EQ(problems_of(good + mock), "tools/a.yaml:10: " + too_much);
}

TEST(ToolReader, CountsTheTextThatAliasesRepeat) {
    std::string mock = "mock: [{body: [&a " + std::string(500'000, 'x');
    for (int i = 0; i < 7; ++i) mock += ", *a";
    EXPECT_EQ(problems_of(good + mock + "]}]\n"), "");
    EXPECT_EQ(problems_of(good + mock + ", *a, *a]}]\n"), "tools/a.yaml:10: " + too_much);
}

} // namespace
} // namespace atende::test
