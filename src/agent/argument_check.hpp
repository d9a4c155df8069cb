// A tool's JSON schema, compiled once.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <atende/platform/result.hpp>
#include <memory>
#include <string_view>

namespace atende {

class argument_check {
public:
    // Throws std::invalid_argument if `schema` is not a JSON schema.
    explicit argument_check(const nlohmann::json& schema);
    ~argument_check();
    argument_check(argument_check&&) noexcept;

    // The arguments as the schema wants them, or errc::invalid_input with a short reason for the model to
    // read.
    [[nodiscard]] result<nlohmann::json> read(std::string_view arguments) const;

private:
    struct compiled;
    std::unique_ptr<compiled> compiled_;
};

} // namespace atende
