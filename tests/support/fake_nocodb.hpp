// A NocoDB of one table in memory, as 0.301 was seen to behave: it answers 200 while it drops columns it does
// not know, wraps errors in three ways, and speaks v1, v2 and v3.
#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/platform/http_client.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atende::test {

class fake_nocodb final : public http_client {
public:
    static constexpr std::string_view token = "secret-token";
    static constexpr std::string_view base = "pbase1";
    static constexpr std::string_view table = "mleads1";

    struct column {
        std::string title;
        std::string type = "SingleLineText";
        std::vector<std::string> options{};
        bool system = false;
    };

    explicit fake_nocodb(std::vector<column> columns) : columns(std::move(columns)) {}

    std::vector<column> columns;
    std::map<int, nlohmann::json> rows; // by Id
    std::vector<http_call> calls;
    bool has_v2_meta = true;
    // Asked before the call is answered; what it returns is the answer instead.
    std::function<std::optional<result<http_answer>>(const http_call&)> intercept;
    // The call takes effect, but its answer is this.
    std::function<std::optional<error>(const http_call&)> lose_answer;

    awaitable<result<http_answer>> perform(http_call call) override {
        calls.push_back(call);
        if (intercept) {
            if (auto instead = intercept(call)) co_return std::move(*instead);
        }
        http_answer answer = respond(call);
        if (lose_answer) {
            if (auto lost = lose_answer(call)) co_return std::unexpected(*lost);
        }
        co_return answer;
    }

    [[nodiscard]] int count(std::string_view method) const {
        int n = 0;
        for (const http_call& call : calls) n += call.method == method ? 1 : 0;
        return n;
    }

    static http_answer answer(int status, const nlohmann::json& body) {
        return {.status = status, .headers = {}, .body = body.dump()};
    }

    static http_answer coded_error(int status, std::string_view code, std::string_view message) {
        return answer(status, {{"error", code}, {"message", message}});
    }

private:
    using json = nlohmann::json;

    static http_answer missing_row() {
        return coded_error(404, "ERR_RECORD_NOT_FOUND", "Record '9' not found");
    }

    static std::string header(const http_call& call, std::string_view name) {
        for (const auto& [key, value] : call.headers) {
            if (key == name) return value;
        }
        return {};
    }

    static std::string decoded(std::string_view text) {
        std::string out;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '%') {
                out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
                i += 2;
            } else {
                out += text[i] == '+' ? ' ' : text[i];
            }
        }
        return out;
    }

    http_answer respond(const http_call& call) {
        if (header(call, "xc-token") != token) {
            return coded_error(401, "ERR_AUTHENTICATION_REQUIRED", "Authentication required - Invalid token");
        }
        const std::size_t api = call.url.find("/api/");
        const std::size_t question = call.url.find('?');
        const std::string path =
            call.url.substr(api, question == std::string::npos ? question : question - api);
        const std::string query = question == std::string::npos ? "" : call.url.substr(question + 1);
        const std::string meta = "/meta/tables/" + std::string(table);
        if (path == "/api/v2" + meta) return has_v2_meta ? describe() : answer(404, {{"msg", "Not found"}});
        if (path == "/api/v1/db" + meta) return describe();
        const std::string v1 = "/api/v1/db/data/noco/" + std::string(base) + "/" + std::string(table);
        const std::string v2 = "/api/v2/tables/" + std::string(table) + "/records";
        const std::string v3 = "/api/v3/data/" + std::string(base) + "/" + std::string(table) + "/records";
        if (path.starts_with(v1)) return records(1, call, path.substr(v1.size()), query);
        if (path.starts_with(v2)) return records(2, call, path.substr(v2.size()), query);
        if (path.starts_with(v3)) return records(3, call, path.substr(v3.size()), query);
        return coded_error(path.starts_with("/api/v3") ? 422 : 404, "ERR_TABLE_NOT_FOUND", "Table not found");
    }

    [[nodiscard]] http_answer describe() const {
        json described = json::array({{{"title", "Id"}, {"uidt", "ID"}, {"pk", 1}, {"system", 0}}});
        for (const column& column : columns) {
            json options;
            if (!column.options.empty()) {
                options["options"] = json::array();
                for (const auto& option : column.options) options["options"].push_back({{"title", option}});
            }
            described.push_back({{"title", column.title},
                                 {"uidt", column.type},
                                 {"system", column.system ? 1 : 0},
                                 {"colOptions", options}});
        }
        return answer(200, {{"id", table}, {"columns", described}});
    }

    [[nodiscard]] const column* find_column(const std::string& title) const {
        for (const column& column : columns) {
            if (column.title == title) return &column;
        }
        return nullptr;
    }

    // An error envelope, if a value is refused.
    std::optional<http_answer> store(json& row, const json& fields) const {
        for (const auto& [title, value] : fields.items()) {
            const column* column = find_column(title);
            if (column == nullptr) continue; // silently dropped
            const bool is_select = column->type == "SingleSelect" || column->type == "MultiSelect";
            if (is_select &&
                std::ranges::find(column->options, value.get<std::string>()) == column->options.end()) {
                return answer(400, {{"msg", "Invalid option(s) \"" + value.get<std::string>() +
                                                "\" provided for column \"" + title + "\""}});
            }
            row[title] = column->type == "Checkbox" ? json(value.get<bool>() ? 1 : 0) : value;
        }
        return std::nullopt;
    }

    json shown(int version, int id) const {
        json fields = rows.at(id);
        if (created_.contains(id)) fields["CreatedAt"] = created_.at(id);
        for (const column& column : columns) {
            if (!fields.contains(column.title)) fields[column.title] = nullptr;
            json& value = fields[column.title];
            if (version == 3 && column.type == "MultiSelect" && value.is_string())
                value = json::array({value});
            if (version == 3 && column.type == "Checkbox") value = value == 1;
        }
        if (version == 3) return {{"id", id}, {"fields", fields}};
        fields["Id"] = id;
        return fields;
    }

    http_answer records(int version, const http_call& call, const std::string& rest,
                        const std::string& query) {
        if (call.method == "POST") return insert(version, json::parse(call.body));
        if (call.method == "PATCH") return update(version, rest, json::parse(call.body));
        if (rest.empty()) return list(version, decoded(query));
        const int id = std::stoi(rest.substr(1));
        return rows.contains(id) ? answer(200, shown(version, id)) : missing_row();
    }

    http_answer insert(int version, const json& body) {
        if (version == 3 && !body.contains("fields")) {
            return coded_error(400, "ERR_INVALID_REQUEST_BODY",
                               "Properties need to be put inside 'fields' property");
        }
        json row = json::object();
        if (auto refused = store(row, version == 3 ? body.at("fields") : body)) return *refused;
        rows[next_id()] = row;
        const int id = rows.rbegin()->first;
        created_[id] = "2026-11-21 06:15:" + std::to_string(++clock_) + "+00:00";
        if (version == 3) return answer(200, {{"records", json::array({shown(3, id)})}});
        return answer(200, version == 1 ? shown(1, id) : json{{"Id", id}});
    }

    http_answer update(int version, const std::string& rest, const json& body) {
        const json record = version == 3 ? body.at(0) : body;
        const json id_value = version == 1 ? json(rest.substr(1)) : record.at(version == 3 ? "id" : "Id");
        const int id = std::stoi(id_value.get<std::string>());
        if (!rows.contains(id)) return missing_row();
        if (auto refused = store(rows[id], version == 3 ? record.at("fields") : record)) return *refused;
        if (version == 3) return answer(200, {{"records", json::array({shown(3, id)})}});
        return answer(200, version == 1 ? shown(1, id) : json{{"Id", id_value}});
    }

    [[nodiscard]] http_answer list(int version, const std::string& query) const {
        const std::size_t open = query.find("where=(") + 7;
        const std::size_t eq = query.find(",eq,", open);
        std::string title = query.substr(open, eq - open);
        std::string wanted = query.substr(eq + 4, query.rfind(')') - eq - 4);
        if (version == 3 && title.starts_with('"')) {
            title = title.substr(1, title.size() - 2);
            wanted = wanted.substr(1, wanted.size() - 2);
        } else if (version == 3 && title.find('(') != std::string::npos) {
            return coded_error(422, "ERR_INVALID_FILTER", "Invalid filter syntax: expected comma");
        }
        if (find_column(title) == nullptr)
            return answer(422, {{"msg", "Column alias '" + title + "' not found."}});
        json found = json::array();
        for (const auto& [id, row] : rows) {
            if (row.value(title, "") == wanted) found.push_back(shown(version, id));
        }
        return answer(200, {{version == 3 ? "records" : "list", found}});
    }

    // As SQLite does: the id of a deleted last row is given again.
    [[nodiscard]] int next_id() const { return rows.empty() ? 1 : rows.rbegin()->first + 1; }

    int clock_ = 10;
    std::map<int, std::string> created_;
};

} // namespace atende::test
