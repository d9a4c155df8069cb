#include "agent/leads/nocodb_json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <atende/platform/json.hpp>
#include <atende/platform/log.hpp>
#include <optional>

namespace atende {
namespace {

using json = nlohmann::json;

// NocoDB writes true as true or 1, depending on the database below it.
bool truth_of(const json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) return false;
    return found->is_boolean() ? found->get<bool>() : found->is_number() && found->get<double>() != 0;
}

json fields_of(const std::vector<nocodb_cell>& cells) {
    json fields = json::object();
    for (const nocodb_cell& cell : cells) {
        if (const bool* checked = std::get_if<bool>(&cell.value)) {
            fields[cell.column] = *checked;
        } else {
            fields[cell.column] = std::get<std::string>(cell.value);
        }
    }
    return fields;
}

std::string scalar_text(const json& value) {
    return value.is_string() ? value.get<std::string>() : json_text(value);
}

std::optional<std::string> cell_text(const json& value) {
    if (value.is_null() || value.is_object()) return std::nullopt;
    if (!value.is_array()) return scalar_text(value);
    std::string joined;
    for (const json& item : value) {
        if (item.is_structured() || item.is_null()) continue;
        joined += joined.empty() ? "" : ",";
        joined += scalar_text(item);
    }
    return joined;
}

const char* key_name(nocodb_api api, const std::string& key) {
    return api == nocodb_api::v3 ? "id" : key.c_str();
}

std::optional<nocodb_row> row_of(nocodb_api api, const std::string& key, const json& record) {
    if (!record.is_object()) return std::nullopt;
    const auto id = record.find(key_name(api, key));
    const auto fields = api == nocodb_api::v3 ? record.find("fields") : record.end();
    if (id == record.end() || !(id->is_number_integer() || id->is_string())) return std::nullopt;
    nocodb_row row{.id = scalar_text(*id), .cells = {}};
    const json& cells = fields != record.end() && fields->is_object() ? *fields : record;
    for (const auto& [title, value] : cells.items()) {
        if (std::optional<std::string> text = cell_text(value)) row.cells.emplace(title, std::move(*text));
    }
    return row;
}

std::unexpected<error> not_understood(const char* what) {
    return fail(errc::protocol, fmt::format("NocoDB: {} was not understood", what));
}

std::string without_quoted(std::string_view text) {
    std::string out;
    char open = 0;
    for (const char c : text) {
        const bool quote = c == '"' || c == '\'';
        if (open == 0) out += c;
        if (quote && open == 0) {
            open = c;
        } else if (c == open) {
            out.append("…").append(1, c);
            open = 0;
        }
    }
    return out;
}

std::string message_of(std::string_view body, bool may_quote_records) {
    const json answer = parsed_json(body);
    if (!answer.is_object()) return "no explanation";
    std::string message = text_member(answer, "message");
    if (message.empty()) message = text_member(answer, "msg");
    if (may_quote_records) message = without_quoted(message);
    const std::string code = text_member(answer, "error");
    return printable(code.empty() ? message : code + ": " + message);
}

} // namespace

result<nocodb_schema> parse_nocodb_schema(std::string_view body) {
    const json answer = parsed_json(body);
    if (!answer.is_object() || !answer.contains("columns") || !answer["columns"].is_array()) {
        return not_understood("the table's description");
    }
    nocodb_schema schema;
    bool key_found = false;
    for (const json& column : answer["columns"]) {
        if (!column.is_object()) continue;
        const std::string title = text_member(column, "title");
        if (title.empty()) continue;
        if (truth_of(column, "pk") && !key_found) {
            schema.key = title;
            key_found = true;
        }
        if (text_member(column, "uidt") == "CreatedTime" && schema.created.empty()) schema.created = title;
        nocodb_column out{.title = title,
                          .type = text_member(column, "uidt"),
                          .writable = !truth_of(column, "system") && !truth_of(column, "pk") &&
                                      !truth_of(column, "readonly"),
                          .options = {}};
        const json options = column.value("/colOptions/options"_json_pointer, json::array());
        for (const json& option : options) {
            if (option.is_object() && !text_member(option, "title").empty())
                out.options.push_back(text_member(option, "title"));
        }
        schema.columns.push_back(std::move(out));
    }
    return schema;
}

std::string insert_body(nocodb_api api, const std::vector<nocodb_cell>& cells) {
    if (api == nocodb_api::v3) return json_text({{"fields", fields_of(cells)}});
    return json_text(fields_of(cells));
}

std::string update_body(nocodb_api api, const std::string& key, const std::string& row,
                        const std::vector<nocodb_cell>& cells) {
    json fields = fields_of(cells);
    if (api == nocodb_api::v3) return json_text(json::array({{{"id", row}, {"fields", std::move(fields)}}}));
    if (api == nocodb_api::v2) fields[key] = row;
    return json_text(fields);
}

result<nocodb_row> parse_nocodb_row(nocodb_api api, const std::string& key, std::string_view body) {
    std::optional<nocodb_row> row = row_of(api, key, parsed_json(body));
    if (!row) return not_understood("the row");
    return std::move(*row);
}

result<std::vector<nocodb_row>> parse_nocodb_rows(nocodb_api api, const std::string& key,
                                                  std::string_view body) {
    const json answer = parsed_json(body);
    const char* list = api == nocodb_api::v3 ? "records" : "list";
    if (!answer.is_object() || !answer.contains(list) || !answer[list].is_array()) {
        return not_understood("the list of rows");
    }
    std::vector<nocodb_row> rows;
    for (const json& record : answer[list]) {
        if (std::optional<nocodb_row> row = row_of(api, key, record)) rows.push_back(std::move(*row));
    }
    return rows;
}

result<std::string> parse_inserted_id(nocodb_api api, const std::string& key, std::string_view body) {
    const json answer = parsed_json(body);
    const json record = api == nocodb_api::v3 && answer.is_object()
                            ? answer.value("/records/0"_json_pointer, json())
                            : answer;
    const std::optional<nocodb_row> row = row_of(api, key, record);
    if (!row) return not_understood("the id of the new row");
    return row->id;
}

error nocodb_failure(int status, std::string_view body) {
    const auto explain = [&](errc code, std::string_view cause, bool may_quote_records = true) {
        return error{code, fmt::format("NocoDB answered {}: {} ({})", status, cause,
                                       message_of(body, may_quote_records))};
    };
    switch (status) {
    case 401:
    case 403:
        return explain(errc::rejected,
                       "it refuses the token; check NOCODB_API_TOKEN and its rights to the base", false);
    case 404: return explain(errc::rejected, "no such table; check the ids in NOCODB_TABLE_URL", false);
    case 413: return explain(errc::rejected, "the record is too large");
    case 408:
    case 504: return explain(errc::timed_out, "it took too long");
    case 429: return explain(errc::unavailable, "too many requests");
    case 503: return explain(errc::unavailable, "it is down or starting");
    default: break;
    }
    if (status >= 500) return explain(errc::interrupted, "it failed inside");
    if (status >= 300 && status < 400) {
        return explain(errc::rejected,
                       "a redirect; NOCODB_TABLE_URL must be the final address, such as https");
    }
    return explain(errc::rejected, "it refuses the request");
}

bool is_missing_row(int status, std::string_view body) {
    if (status != 404 && status != 422) return false;
    const json answer = parsed_json(body);
    return answer.is_object() && text_member(answer, "error") == "ERR_RECORD_NOT_FOUND";
}

} // namespace atende
