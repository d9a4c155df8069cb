#include "agent/template_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <kainjow/mustache.hpp>
#include <re2/re2.h>

namespace atende {

std::optional<std::string> template_problem(const std::string& text, const std::set<std::string>& known) {
    const kainjow::mustache::mustache parsed(text);
    if (!parsed.is_valid()) return "a valid mustache template: " + parsed.error_message();

    static const RE2 tag(R"(\{\{\{?\s*([#^/&>=]?)\s*([^}]*?)\s*\}\})");
    re2::StringPiece rest(text);
    std::string sigil;
    std::string name;
    while (RE2::FindAndConsume(&rest, tag, &sigil, &name)) {
        if (name.starts_with('!')) continue;
        if (sigil == ">" || sigil == "=")
            return fmt::format("no {{{{{}…}}}}: there are no partials or delimiters", sigil);
        if (!known.contains(name)) {
            return fmt::format("no unknown variable {{{{{}}}}}; there are: {}", name, fmt::join(known, ", "));
        }
    }
    return std::nullopt;
}

std::string rendered(const std::string& text, const template_values& values) {
    kainjow::mustache::mustache parsed(text);
    parsed.set_custom_escape([](const std::string& plain) { return plain; });
    kainjow::mustache::data data;
    for (const auto& [name, value] : values) {
        if (!value.empty()) data.set(name, value);
    }
    return parsed.render(data);
}

} // namespace atende
