#include "agent/tools/tool_request.hpp"

#include "agent/operation_number.hpp"
#include "agent/tools/text_format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atende/platform/json.hpp>
#include <atende/platform/text.hpp>
#include <iterator>

namespace atende {
namespace {

using json = nlohmann::json;

std::string as_it_is(std::string_view text) {
    return std::string(text);
}

bool has_dot_segment(std::string_view path) {
    while (!path.empty()) {
        const auto end = std::min(path.find_first_of("/\\"), path.size());
        const auto segment = path.substr(0, end);
        if (segment == "." || segment == "..") return true;
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return false;
}

// "." and ".." as a segment would climb out of the folder the file names. Gateways decode before they resolve
// them, some of them twice.
bool climbs(std::string_view url) {
    const auto once = percent_decoded(url.substr(0, url.find_first_of("?#")));
    return has_dot_segment(once) || has_dot_segment(percent_decoded(once));
}

// The base address stands in the environment as a URL already; everything else is data.
std::optional<std::string> rendered_url(const declared_tool_spec& spec, const json& values) {
    std::string out;
    for (const auto& part : spec.url.parts()) {
        if (!part.is_name) {
            out += part.text;
            continue;
        }
        const auto found = values.find(part.text);
        if (found == values.end() || text_of(*found).empty()) return std::nullopt;
        out += part.text.starts_with("env.") ? text_of(*found) : percent_encoded(text_of(*found));
    }
    return out;
}

std::string pairs_text(const std::vector<std::pair<std::string, request_template>>& pairs,
                       const json& values) {
    std::string out;
    for (const auto& [name, text] : pairs) {
        const auto value = text.rendered(values, as_it_is);
        if (value)
            out.append(out.empty() ? "" : "&")
                .append(percent_encoded(name))
                .append("=")
                .append(percent_encoded(*value));
    }
    return out;
}

// A part whose value is missing is left out.
std::optional<json> json_body(const json& shape, const json& values) {
    if (shape.is_string()) {
        const auto text = request_template::parse(shape.get_ref<const std::string&>());
        return text ? text->json_value(values) : std::nullopt;
    }
    if (!shape.is_structured()) return shape;
    json filled = shape.is_array() ? json::array() : json::object();
    for (const auto& [name, inner] : shape.items()) {
        auto value = json_body(inner, values);
        if (!value) continue;
        if (shape.is_array()) {
            filled.push_back(*std::move(value));
        } else {
            filled[name] = *std::move(value);
        }
    }
    return filled;
}

bool has_line_break(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
}

bool has_header(const declared_tool_spec& spec, std::string_view lower_case_name) {
    return std::ranges::any_of(
        spec.headers, [&](const auto& header) { return lower_case(header.first) == lower_case_name; });
}

result<void> add_headers(const declared_tool_spec& spec, const json& values, http_call& call) {
    for (const auto& [name, text] : spec.headers) {
        auto value = text.rendered(values, as_it_is);
        if (!value) continue;
        if (has_line_break(*value))
            return fail(errc::invalid_input,
                        fmt::format("{}: tem quebra de linha, e precisa ser uma só", name));
        call.headers.emplace_back(name, *std::move(value));
    }
    const auto usual = [&](std::string name, std::string_view lower_case_name, std::string value) {
        if (!has_header(spec, lower_case_name)) call.headers.emplace_back(std::move(name), std::move(value));
    };
    usual("Accept", "accept", "application/json");
    if (spec.body == body_kind::json) usual("Content-Type", "content-type", "application/json");
    if (spec.body == body_kind::form)
        usual("Content-Type", "content-type", "application/x-www-form-urlencoded");
    if (spec.has_effect) usual("Idempotency-Key", "idempotency-key", text_of(values.at("operation.id")));
    return {};
}

// Nothing, if the text is no amount: a file's `default` is not checked.
std::optional<std::int64_t> cents(const json& amount) {
    if (!amount.is_string()) return std::nullopt;
    auto spelt = find_text_format(money_format)->normalised(amount.get_ref<const std::string&>());
    if (!spelt) return std::nullopt;
    std::erase(*spelt, '.'); // always two decimals
    return std::stoll(*spelt);
}

json environment_values(const std::map<std::string, std::string>& environment) {
    json values = json::object();
    for (const auto& [name, value] : environment) values["env." + name] = value;
    return values;
}

} // namespace

json request_values(const declared_tool_spec& spec, const json& arguments, const tool_context& context,
                    const std::map<std::string, std::string>& environment) {
    json values = environment_values(environment);
    values.update(arguments);
    for (const auto& [name, schema] : spec.parameters["properties"].items()) {
        const auto amount = arguments.find(name);
        if (amount == arguments.end() || schema.value("format", "") != money_format) continue;
        if (const auto whole = cents(*amount)) values[name + std::string(cents_of)] = *whole;
    }
    values["contact.id"] = context.conversation.contact.value;
    values["account.id"] = context.conversation.account.value;
    values["conversation.id"] = context.conversation.text();
    values["channel"] = lower_case(display_name(context.conversation.platform));
    values["operation.id"] = operation_number(context.operation_id);
    return values;
}

result<http_call> tool_request(const declared_tool_spec& spec, const json& values,
                               const host_list& allowed_hosts) {
    auto url = rendered_url(spec, values);
    if (!url) return fail(errc::invalid_input, "falta um dado sem o qual não se pode perguntar");
    if (climbs(*url)) return fail(errc::invalid_input, "um dos dados não é um código válido");
    const auto query = pairs_text(spec.query, values);
    if (!query.empty()) url->append(url->contains('?') ? "&" : "?").append(query);
    const auto where = parse_http_url(*url);
    if (!where) return fail(errc::invalid_input, "os dados não formam um endereço válido");

    http_call call;
    call.method = spec.method;
    call.url = *std::move(url);
    call.public_only = !allowed_hosts.contains(*where);
    call.repeatable = !spec.has_effect || spec.idempotent;
    call.max_answer_bytes = 256 << 10;
    if (spec.body == body_kind::json) {
        const auto body = json_body(spec.json_body, values);
        call.body = json_text(body.value_or(json::object()));
    }
    if (spec.body == body_kind::form) call.body = pairs_text(spec.form, values);
    auto fine = add_headers(spec, values, call);
    if (!fine) return std::unexpected(std::move(fine.error()));
    return call;
}

std::optional<sentence> base_url_problem(const declared_tool_spec& spec,
                                         const std::map<std::string, std::string>& environment,
                                         const host_list& allowed_hosts) {
    const auto values = environment_values(environment);
    std::string base;
    for (const auto& part : spec.url.parts()) {
        if (part.is_name && !values.contains(part.text)) break;
        base += part.is_name ? text_of(values[part.text]) : part.text;
    }
    const auto where = parse_http_url(base);
    if (!where)
        return sentence("um endereço com https:// e um host, sem nome de usuário e sem espaços",
                        where.error().detail);
    if (where->scheme == "https" || allowed_hosts.contains(*where)) return std::nullopt;
    return sentence(fmt::format("https://, ou {} entre os TOOL_ALLOWED_HOSTS", where->host),
                    fmt::format("https://, or {} among TOOL_ALLOWED_HOSTS", where->host));
}

} // namespace atende
