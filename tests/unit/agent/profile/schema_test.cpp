// docs/schemas, which editors complete by, and the reader say the same: what ships fits both, and both know
// the same keys and the same bounds.
#define VALIJSON_USE_EXCEPTIONS                                                                              \
    1 // as in src/agent/argument_check.cpp, or the linker takes either's inline functions
#include "agent/profile/yaml_reader.hpp"
#include "profile_folder.hpp"
#include "support/test_paths.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include <re2/re2.h>
#include <set>

namespace atende::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string text_of_file(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

json schema_named(const std::string& name) {
    return json::parse(text_of_file(fs::path(source_folder) / "docs/schemas" / (name + ".schema.json")));
}

// As an editor sees it: a plain scalar has the type that it looks like.
json as_json(const YAML::Node& node) {
    if (node.IsMap()) {
        auto object = json::object();
        for (const auto& pair : node) object[pair.first.Scalar()] = as_json(pair.second);
        return object;
    }
    if (node.IsSequence()) {
        auto list = json::array();
        for (const auto& item : node) list.push_back(as_json(item));
        return list;
    }
    if (!node.IsScalar()) return nullptr;
    if (node.Tag() == "!") return node.Scalar(); // quoted
    const auto plain = json::parse(node.Scalar(), nullptr, false);
    return plain.is_number() || plain.is_boolean() ? plain : json(node.Scalar());
}

std::string schema_problem(const json& schema_json, const json& document) {
    valijson::Schema schema;
    valijson::SchemaParser parser;
    parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema_json), schema);
    valijson::Validator validator;
    valijson::ValidationResults results;
    if (validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(document), &results)) return {};
    std::string all;
    valijson::ValidationResults::Error error;
    while (results.popError(error)) {
        for (const auto& part : error.context) all += part;
        all += ": " + error.description + "\n";
    }
    return all;
}

const std::map<std::string, std::string> schema_of_file{{"profile.yaml", "profile"},
                                                        {"script.yaml", "script"},
                                                        {"schedule.yaml", "schedule"},
                                                        {"faq.yaml", "faq"},
                                                        {"tool.yaml", "tool"}};

TEST(schemas, fit_everything_that_ships) {
    int files = 0;
    for (const auto& folder : {"profiles", "src/agent/profile/starter"}) {
        for (const auto& entry : fs::recursive_directory_iterator(fs::path(source_folder) / folder)) {
            const auto known = schema_of_file.find(entry.path().filename());
            const bool eval = entry.path().parent_path().filename() == "evals" ||
                              entry.path().filename() == "primeira-conversa.yaml";
            if (known == schema_of_file.end() && !eval) continue;
            const auto document = as_json(YAML::Load(text_of_file(entry.path())));
            EXPECT_EQ(schema_problem(schema_named(eval ? "eval" : known->second), document), "")
                << entry.path();
            ++files;
        }
    }
    EXPECT_GE(files, 25);
}

// Walks a schema; for each object it writes a file that holds nothing but the way there and `put`, in YAML
// that is JSON.
class walker {
public:
    walker(std::string file, json schema) : file_(std::move(file)), schema_(std::move(schema)) {
        folder_.write_good();
    }

    void run() { visit(schema_, {}); }
    [[nodiscard]] int objects() const { return objects_; }
    [[nodiscard]] int bounds() const { return bounds_; }

private:
    using way = std::vector<std::string>; // keys; "[" is an item of a list

    [[nodiscard]] const json& resolved(const json& schema) const {
        if (!schema.contains("$ref")) return schema;
        return schema_.at(json::json_pointer(schema["$ref"].get<std::string>().substr(1)));
    }

    [[nodiscard]] std::vector<std::string> problems_with(const way& where, json put) const {
        for (auto step = where.rbegin(); step != where.rend(); ++step)
            put = *step == "[" ? json::array({put}) : json{{*step, put}};
        folder_.write(file_, put.dump());
        return folder_.problems();
    }

    // The keys that the reader names when it meets one that it does not know.
    [[nodiscard]] std::set<std::string> known_to_reader(const way& where) const {
        static const RE2 answer(R"(zzz: unknown key; expected one of (.*)$)");
        for (const auto& line : problems_with(where, {{"zzz", 1}})) {
            std::string names;
            if (!RE2::PartialMatch(line, answer, &names)) continue;
            std::set<std::string> all;
            re2::StringPiece rest(names);
            for (std::string name; RE2::Consume(&rest, R"((\w+)(?:, )?)", &name);) all.insert(name);
            return all;
        }
        return {};
    }

    // A schema within itself says nothing new.
    void visit(const json& part, const way& where) {
        const auto name = part.value("$ref", "");
        if (!name.empty() && !open_.insert(name).second) return;
        visit_resolved(resolved(part), where);
        open_.erase(name);
    }

    void visit_resolved(const json& schema, const way& where) {
        if (schema.contains("properties")) {
            std::set<std::string> known;
            for (const auto& [name, inner] : schema["properties"].items()) known.insert(name);
            EXPECT_EQ(known_to_reader(where), known) << file_ << " " << ::testing::PrintToString(where);
            ++objects_;
            for (const auto& [name, inner] : schema["properties"].items()) visit(inner, below(where, name));
        }
        if (schema.contains("additionalProperties") && schema["additionalProperties"].is_object())
            visit(schema["additionalProperties"], below(where, "x"));
        if (schema.contains("items")) visit(schema["items"], below(where, "["));
        for (const auto* several : {"oneOf", "allOf"}) {
            for (const auto& one : schema.value(several, json::array())) visit(one, where);
        }
        if (schema.contains("minimum") && schema.contains("maximum")) check_bounds(schema, where);
    }

    static std::string name_of(const way& where) {
        return *std::ranges::find_if(where.rbegin(), where.rend(),
                                     [](const auto& key) { return key != "["; });
    }

    void check_bounds(const json& schema, const way& where) {
        const auto complaint = name_of(where) + R"(: expected a (whole )?number )";
        const auto refuses = [&](const json& value) {
            return std::ranges::any_of(problems_with(where, value),
                                       [&](const auto& line) { return RE2::PartialMatch(line, complaint); });
        };
        const long least = schema["minimum"], most = schema["maximum"];
        EXPECT_FALSE(refuses(least)) << file_ << " " << where.back();
        EXPECT_FALSE(refuses(most)) << file_ << " " << where.back();
        EXPECT_TRUE(refuses(least - 1)) << file_ << " " << where.back();
        EXPECT_TRUE(refuses(most + 1)) << file_ << " " << where.back();
        ++bounds_;
    }

    static way below(way where, std::string name) {
        where.push_back(std::move(name));
        return where;
    }

    std::string file_;
    json schema_;
    profile_folder folder_;
    std::set<std::string> open_; // definitions that are being visited
    int objects_ = 0, bounds_ = 0;
};

TEST(schemas, know_the_keys_and_bounds_of_the_reader) {
    int objects = 0, bounds = 0;
    for (const auto& [file, name] : {std::pair{"profile.yaml", "profile"},
                                     {"script.yaml", "script"},
                                     {"schedule.yaml", "schedule"},
                                     {"knowledge/faq.yaml", "faq"},
                                     {"tools/a.yaml", "tool"},
                                     {"evals/a.yaml", "eval"}}) {
        walker each(file, schema_named(name));
        each.run();
        objects += each.objects();
        bounds += each.bounds();
    }
    EXPECT_EQ(objects, 36);
    EXPECT_EQ(bounds, 24);
}

} // namespace
} // namespace atende::test
