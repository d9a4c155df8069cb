// A text with "{{name}}" in it, for the parts of a request: names and nothing else, because what is put in
// must be escaped for where it stands, and a value that is missing must not leave a hole.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <atende/platform/language.hpp>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

class request_template {
public:
    struct part {
        bool is_name = false;
        std::string text; // a name, or what is written out
    };
    using escape = std::function<std::string(std::string_view)>;

    request_template() = default;
    // Or what was expected.
    static std::expected<request_template, sentence> parse(std::string_view text);

    [[nodiscard]] const std::vector<part>& parts() const { return parts_; }
    [[nodiscard]] std::vector<std::string> names() const;

    // Nothing if a value is missing, null or an empty text.
    [[nodiscard]] std::optional<std::string> rendered(const nlohmann::json& values,
                                                      const escape& escaped) const;
    // The same as JSON: a template that is nothing but one name is that value, of whatever type.
    [[nodiscard]] std::optional<nlohmann::json> json_value(const nlohmann::json& values) const;

private:
    std::vector<part> parts_;
};

// A value as people write it: texts as they are, the elements of a list with commas between them.
std::string text_of(const nlohmann::json& value);

} // namespace atende
