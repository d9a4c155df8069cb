// Otherwise valijson ends the process at a schema that it does not understand.
#define VALIJSON_USE_EXCEPTIONS 1

#include "agent/argument_check.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <stdexcept>

namespace atende {

struct argument_check::compiled {
    valijson::Schema schema;
};

argument_check::argument_check(const nlohmann::json& schema) : compiled_(std::make_unique<compiled>()) {
    try {
        valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(schema),
                                                compiled_->schema);
    } catch (const std::exception& e) {
        throw std::invalid_argument(fmt::format("not a JSON schema: {}", e.what()));
    }
}

argument_check::~argument_check() = default;
argument_check::argument_check(argument_check&&) noexcept = default;

result<nlohmann::json> argument_check::read(std::string_view arguments) const {
    // Some models write nothing at all when a tool needs nothing.
    auto parsed = nlohmann::json::parse(arguments.empty() ? "{}" : arguments, nullptr, false);
    if (parsed.is_discarded()) return fail(errc::invalid_input, "not valid JSON");
    if (!parsed.is_object()) return fail(errc::invalid_input, "not a JSON object");

    valijson::Validator validator;
    valijson::ValidationResults problems;
    if (validator.validate(compiled_->schema, valijson::adapters::NlohmannJsonAdapter(parsed), &problems))
        return parsed;
    // Inner problems come first and say the most; the later ones repeat them for the enclosing object.
    valijson::ValidationResults::Error first;
    if (!problems.popError(first)) return fail(errc::invalid_input, "does not fit the schema");
    std::string where;
    for (const auto& part : first.context) where += part;
    return fail(errc::invalid_input, fmt::format("{}: {}", where, first.description));
}

} // namespace atende
