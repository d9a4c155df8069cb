#include "agent/tools/parameter_reader.hpp"

#include "agent/argument_check.hpp"
#include "agent/tools/text_format.hpp"
#include "agent/tools/yaml_json.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <re2/re2.h>
#include <stdexcept>

namespace atende {
namespace {

using json = nlohmann::json;

constexpr int deepest = 6;
constexpr std::array<std::string_view, 6> types{"string", "number", "integer", "boolean", "array", "object"};

class schema_reader {
public:
    schema_reader(std::string file, problem_list& problems) : file_(std::move(file)), problems_(problems) {}

    json read(const YAML::Node& node, const std::string& path, int depth) {
        const auto keys = keys_of(node, path, depth);
        if (!node.IsMap()) return json::object();
        const auto broken_before = broken_;
        json schema = json_of(node);
        const auto type = keys.text("type");
        if (!type.empty() && std::ranges::find(types, type) == types.end())
            keys.expected("type", {fmt::format("um de {}", fmt::join(types, ", ")),
                                   fmt::format("one of {}", fmt::join(types, ", "))});
        if (depth == 0 && type != "object")
            keys.expected("type", bilingual{"object: parâmetros têm nomes", "object: parameters have names"});
        if (depth == 1 && !keys.has("description"))
            keys.expected("description", bilingual{"um texto que diga ao modelo o que vai aqui",
                                                   "a text that tells the model what belongs here"});
        check_text(keys, type);
        if (type == "object" || depth == 0) read_members(keys, node, path, depth, schema);
        if (type == "array") {
            if (!node["items"] || depth >= deepest)
                keys.expected("items", bilingual{"o schema de um elemento", "the schema of an element"});
            else
                schema["items"] = read(node["items"], path + "items.", depth + 1);
        }
        if (broken_ == broken_before) check_whole(node, path.substr(0, path.size() - 1), schema);
        return schema;
    }

private:
    // All arguments together are an object and nothing else.
    [[nodiscard]] yaml_map keys_of(const YAML::Node& node, const std::string& path, int depth) const {
        if (depth == 0)
            return {node,
                    file_,
                    path,
                    {"type", "description", "properties", "required", "additionalProperties"},
                    problems_};
        return {node,
                file_,
                path,
                {"type",       "description", "properties", "required",         "additionalProperties",
                 "enum",       "default",     "pattern",    "format",           "minLength",
                 "maxLength",  "minimum",     "maximum",    "exclusiveMinimum", "exclusiveMaximum",
                 "multipleOf", "items",       "minItems",   "maxItems",         "uniqueItems"},
                problems_};
    }

    void check_whole(const YAML::Node& node, const std::string& path, const json& schema) {
        try {
            const argument_check compiles(schema);
        } catch (const std::invalid_argument& e) {
            ++broken_;
            problems_.add(file_, node.Mark().line + 1,
                          {fmt::format("{}: espera um JSON Schema: {}", path, e.what()),
                           fmt::format("{}: expected a JSON schema: {}", path, e.what())});
        }
    }

    static void check_text(const yaml_map& keys, const std::string& type) {
        if (keys.has("format") && (type != "string" || !find_text_format(keys.optional_text("format"))))
            keys.expected("format",
                          {fmt::format("um de {}, num string", fmt::join(text_format_names(), ", ")),
                           fmt::format("one of {}, of a string", fmt::join(text_format_names(), ", "))});
        if (!keys.has("pattern")) return;
        const RE2 pattern(keys.text("pattern"), RE2::Quiet);
        if (!pattern.ok())
            keys.expected("pattern",
                          {"um padrão RE2: " + pattern.error(), "an RE2 pattern: " + pattern.error()});
    }

    void read_members(const yaml_map& keys, const YAML::Node& node, const std::string& path, int depth,
                      json& schema) {
        static const RE2 name_shape("[A-Za-z_][A-Za-z0-9_]{0,63}");
        if (keys.has("additionalProperties") && schema["additionalProperties"] != false)
            keys.expected("additionalProperties", bilingual{"false: o modelo não pode inventar argumentos",
                                                            "false: the model may not make up arguments"});
        schema["additionalProperties"] = false;
        auto& members = schema["properties"] = json::object();
        const auto properties = keys.map("properties", {});
        for (const auto& name : properties.keys()) {
            if (!RE2::FullMatch(name, name_shape))
                properties.expected(
                    name, bilingual{"um nome de letras sem acento, dígitos e _, que não comece por dígito",
                                    "a name of letters, digits and _, beginning with no digit"});
            if (depth >= deepest) return properties.expected(name, bilingual{"menos níveis", "less depth"});
            members[name] = read(node["properties"][name], path + "properties." + name + ".", depth + 1);
        }
        expect_among(keys, "required", keys.texts("required"),
                     bilingual{"nomes que estejam em properties", "names among the properties"},
                     properties.keys());
    }

    std::string file_;
    problem_list& problems_;
    int broken_ = 0; // schemas that do not compile: what encloses them does not, either
};

} // namespace

json read_parameters(const YAML::Node& node, const std::string& file, problem_list& problems) {
    if (!node.IsDefined()) // a tool may need nothing
        return {{"type", "object"}, {"properties", json::object()}, {"additionalProperties", false}};
    return schema_reader(file, problems).read(node, "parameters.", 0);
}

} // namespace atende
