#include "agent/tools/request_template.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <atende/platform/json.hpp>
#include <re2/re2.h>

namespace atende {
namespace {

using json = nlohmann::json;

const json* value_of(const json& values, const std::string& name) {
    const auto found = values.find(name);
    if (found == values.end() || found->is_null()) return nullptr;
    if (found->is_string() && found->get_ref<const std::string&>().empty()) return nullptr;
    return &*found;
}

} // namespace

std::expected<request_template, sentence> request_template::parse(std::string_view text) {
    static const RE2 name_shape(R"(\s*([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?)\s*)");
    request_template read;
    const auto add = [&read](bool is_name, std::string_view what) {
        if (!what.empty()) read.parts_.push_back({.is_name = is_name, .text = std::string(what)});
    };
    while (true) {
        const auto open = text.find("{{");
        add(false, text.substr(0, open));
        if (open == std::string_view::npos) return read;
        const auto close = text.find("}}", open);
        if (close == std::string_view::npos)
            return std::unexpected<sentence>(bilingual{"}} depois de cada {{", "}} behind every {{"});
        const auto inside = text.substr(open + 2, close - open - 2);
        std::string name;
        if (!RE2::FullMatch({inside.data(), inside.size()}, name_shape, &name))
            return std::unexpected(
                sentence(fmt::format("um nome em {{{{{}}}}}: pedidos não têm condições", inside),
                         fmt::format("a name in {{{{{}}}}}: requests know no conditions", inside)));
        add(true, name);
        text.remove_prefix(close + 2);
    }
}

std::vector<std::string> request_template::names() const {
    std::vector<std::string> all;
    for (const auto& part : parts_) {
        if (part.is_name) all.push_back(part.text);
    }
    return all;
}

std::optional<std::string> request_template::rendered(const json& values, const escape& escaped) const {
    std::string out;
    for (const auto& part : parts_) {
        if (!part.is_name) {
            out += part.text;
            continue;
        }
        const auto* value = value_of(values, part.text);
        if (!value) return std::nullopt;
        out += escaped(text_of(*value));
    }
    return out;
}

std::optional<json> request_template::json_value(const json& values) const {
    if (parts_.size() == 1 && parts_.front().is_name) {
        const auto* value = value_of(values, parts_.front().text);
        return value ? std::optional(*value) : std::nullopt;
    }
    auto text = rendered(values, [](std::string_view plain) { return std::string(plain); });
    if (!text) return std::nullopt;
    return json(*std::move(text));
}

std::string text_of(const json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (!value.is_array()) return json_text(value);
    std::string out;
    for (const auto& element : value) out.append(out.empty() ? "" : ", ").append(text_of(element));
    return out;
}

} // namespace atende
