// A tool's JSON schema, compiled once.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <atende/platform/result.hpp>
#include <memory>
#include <string_view>

namespace atende {

class argument_check {
public:
    // Throws std::invalid_argument if `schema` is not a JSON schema. A `pattern` that RE2 does not understand
    // (look-around) checks nothing: what it is about is then left to who carries the call out.
    explicit argument_check(const nlohmann::json& schema);
    ~argument_check();
    argument_check(argument_check&&) noexcept;

    // The arguments as the schema wants them, in the spelling of their `format` (tools/text_format.hpp) and
    // with the `default` of what was left out, or errc::invalid_input with a short reason for the model to
    // read.
    [[nodiscard]] result<nlohmann::json> read(std::string_view arguments) const;

private:
    struct compiled;
    std::unique_ptr<compiled> compiled_;
};

// What a model is told of `schema`: providers refuse formats they do not know, so ours become part of the
// parameter's description.
nlohmann::json schema_for_model(nlohmann::json schema);

} // namespace atende
