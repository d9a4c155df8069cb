// Otherwise valijson ends the process at a schema that it does not understand.
#define VALIJSON_USE_EXCEPTIONS 1

#include "agent/argument_check.hpp"

#include "agent/tools/text_format.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <atende/platform/json.hpp>
#include <map>
#include <re2/re2.h>
#include <stdexcept>

namespace atende {
namespace {

using json = nlohmann::json;

// What a text has to be besides what valijson checks, or the same for the elements and members below it.
// Patterns are RE2's: valijson's std::regex can be made to run for ever by what it is given.
struct text_rules {
    const text_format* format = nullptr;
    std::unique_ptr<RE2> pattern;
    json usual; // of a member that is left out; null: none
    std::map<std::string, text_rules> members;
    std::unique_ptr<text_rules> elements;

    // Takes `pattern` out of the schema, everywhere.
    explicit text_rules(json& schema) {
        if (!schema.is_object()) return;
        if (const auto found = schema.find("pattern"); found != schema.end() && found->is_string()) {
            pattern = std::make_unique<RE2>(found->get<std::string>(), RE2::Quiet);
            if (!pattern->ok()) pattern.reset();
            schema.erase(found);
        }
        if (const auto found = schema.find("format"); found != schema.end() && found->is_string()) {
            format = find_text_format(found->get<std::string>());
        }
        if (const auto found = schema.find("default"); found != schema.end()) usual = *found;
        if (const auto found = schema.find("properties"); found != schema.end() && found->is_object()) {
            for (auto& [name, inner] : found->items()) members.emplace(name, text_rules(inner));
        }
        if (const auto found = schema.find("items"); found != schema.end())
            elements = std::make_unique<text_rules>(*found);
    }

    // Applied to a value that satisfies the schema otherwise. What is wrong, or nothing.
    result<void> apply(json& value, const std::string& path) const {
        if (value.is_string()) return apply_to_text(value, path);
        if (value.is_array() && elements) {
            for (std::size_t i = 0; i < value.size(); ++i) {
                auto fine = elements->apply(value[i], fmt::format("{}[{}]", path, i));
                if (!fine) return fine;
            }
        }
        if (value.is_object()) {
            for (const auto& [name, rules] : members) {
                if (!value.contains(name)) {
                    if (!rules.usual.is_null()) value[name] = rules.usual;
                    continue;
                }
                auto fine = rules.apply(value[name], path.empty() ? name : path + "." + name);
                if (!fine) return fine;
            }
        }
        return {};
    }

private:
    result<void> apply_to_text(json& value, const std::string& path) const {
        if (format) {
            auto spelt = format->normalised(value.get_ref<const std::string&>());
            if (!spelt) return fail(errc::invalid_input, path + ": " + spelt.error().detail);
            value = *std::move(spelt);
        }
        if (pattern && !RE2::PartialMatch(value.get_ref<const std::string&>(), *pattern))
            return fail(errc::invalid_input,
                        fmt::format("{}: não segue o padrão {}", path, pattern->pattern()));
        return {};
    }
};

} // namespace

struct argument_check::compiled {
    explicit compiled(json schema) : texts(schema) {
        valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(schema), rest);
    }
    text_rules texts;
    valijson::Schema rest;
};

argument_check::argument_check(const json& schema) {
    try {
        compiled_ = std::make_unique<compiled>(schema);
    } catch (const std::exception& e) {
        throw std::invalid_argument(fmt::format("not a JSON schema: {}", e.what()));
    }
}

argument_check::~argument_check() = default;
argument_check::argument_check(argument_check&&) noexcept = default;

result<json> argument_check::read(std::string_view arguments) const {
    // Some models write nothing at all when a tool needs nothing.
    auto parsed = parsed_json(arguments.empty() ? "{}" : arguments);
    if (parsed.is_discarded()) return fail(errc::invalid_input, "not valid JSON");
    if (!parsed.is_object()) return fail(errc::invalid_input, "not a JSON object");

    valijson::Validator validator;
    valijson::ValidationResults problems;
    if (validator.validate(compiled_->rest, valijson::adapters::NlohmannJsonAdapter(parsed), &problems)) {
        const auto fine = compiled_->texts.apply(parsed, "");
        if (!fine) return std::unexpected(fine.error());
        return parsed;
    }
    // Inner problems come first and say the most; the later ones repeat them for the enclosing object.
    valijson::ValidationResults::Error first;
    if (!problems.popError(first)) return fail(errc::invalid_input, "does not fit the schema");
    std::string where;
    for (const auto& part : first.context) where += part;
    return fail(errc::invalid_input, fmt::format("{}: {}", where, first.description));
}

json schema_for_model(json schema) {
    if (!schema.is_object()) return schema;
    if (const auto found = schema.find("format"); found != schema.end() && found->is_string()) {
        if (const auto* format = find_text_format(found->get<std::string>())) {
            schema.erase(found);
            const auto described = schema.find("description");
            schema["description"] = described == schema.end() || !described->is_string()
                                        ? std::string(format->hint)
                                        : fmt::format("{} ({})", described->get<std::string>(), format->hint);
        }
    }
    if (const auto items = schema.find("items"); items != schema.end())
        *items = schema_for_model(std::move(*items));
    if (const auto members = schema.find("properties"); members != schema.end() && members->is_object()) {
        for (auto& [name, inner] : members->items()) inner = schema_for_model(std::move(inner));
    }
    return schema;
}

} // namespace atende
