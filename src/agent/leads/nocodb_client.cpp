#include "agent/leads/nocodb_client.hpp"

#include "agent/leads/nocodb_json.hpp"

#include <algorithm>
#include <atende/platform/text.hpp>

namespace atende {
namespace {

using std::chrono::steady_clock;

constexpr auto request_limit = std::chrono::milliseconds(10'000);
constexpr auto schema_lifetime = std::chrono::minutes(5);

bool is_success(int status) {
    return status >= 200 && status < 300;
}

} // namespace

nocodb_client::nocodb_client(http_client& http, nocodb_settings settings)
    : http_(http),
      settings_(std::move(settings)) {}

std::string nocodb_client::records_url() const {
    const nocodb_table& table = settings_.table;
    switch (table.api) {
    case nocodb_api::v1: return table.server + "/api/v1/db/data/noco/" + table.base + "/" + table.table;
    case nocodb_api::v2: return table.server + "/api/v2/tables/" + table.table + "/records";
    case nocodb_api::v3: break;
    }
    return table.server + "/api/v3/data/" + table.base + "/" + table.table + "/records";
}

std::string nocodb_client::row_url(const std::string& row) const {
    return records_url() + "/" + percent_encoded(row);
}

awaitable<result<http_answer>> nocodb_client::perform(std::string method, std::string url, std::string body,
                                                      deadline deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now());
    if (left.count() <= 0) co_return fail(errc::timed_out, "NocoDB: no time was left for another request");
    http_call call;
    // An insert that is repeated makes a second row; everything else may be.
    call.repeatable = method != "POST";
    call.method = std::move(method);
    call.url = std::move(url);
    call.headers = {{"xc-token", settings_.api_token}, {"accept", "application/json"}};
    if (!body.empty()) call.headers.emplace_back("content-type", "application/json");
    call.body = std::move(body);
    call.timeout = std::min(request_limit, left);
    call.connect_timeout = std::min(call.connect_timeout, call.timeout);
    result<http_answer> answer = co_await http_.perform(std::move(call));
    if (!answer) answer.error().detail = "NocoDB: " + answer.error().detail;
    co_return answer;
}

bool nocodb_client::knows_schema() const {
    return schema_ != nullptr && steady_clock::now() - schema_read_at_ < schema_lifetime;
}

void nocodb_client::forget_schema() {
    schema_.reset();
}

awaitable<result<std::shared_ptr<const nocodb_schema>>> nocodb_client::schema(deadline deadline) {
    if (knows_schema()) co_return schema_;
    const nocodb_table& table = settings_.table;
    result<http_answer> answer =
        co_await perform("GET", table.server + "/api/v2/meta/tables/" + table.table, {}, deadline);
    // NocoDB before 0.200 has no v2.
    if (answer && answer->status == 404) {
        answer =
            co_await perform("GET", table.server + "/api/v1/db/meta/tables/" + table.table, {}, deadline);
    }
    if (!answer) co_return std::unexpected(answer.error());
    if (!is_success(answer->status)) co_return std::unexpected(nocodb_failure(answer->status, answer->body));
    result<nocodb_schema> parsed = parse_nocodb_schema(answer->body);
    if (!parsed) co_return std::unexpected(parsed.error());
    key_ = parsed->key;
    schema_ = std::make_shared<const nocodb_schema>(std::move(*parsed));
    schema_read_at_ = steady_clock::now();
    co_return schema_;
}

awaitable<result<std::string>> nocodb_client::insert(const std::vector<nocodb_cell>& cells,
                                                     deadline deadline) {
    const nocodb_api api = settings_.table.api;
    const result<http_answer> answer =
        co_await perform("POST", records_url(), insert_body(api, cells), deadline);
    if (!answer) co_return std::unexpected(answer.error());
    if (!is_success(answer->status)) co_return std::unexpected(nocodb_failure(answer->status, answer->body));
    result<std::string> id = parse_inserted_id(api, key_, answer->body);
    if (!id) id.error().code = errc::interrupted; // accepted, but we do not know as which row
    co_return id;
}

awaitable<result<bool>> nocodb_client::update(std::string row, const std::vector<nocodb_cell>& cells,
                                              deadline deadline) {
    const nocodb_api api = settings_.table.api;
    const std::string url = api == nocodb_api::v1 ? row_url(row) : records_url();
    const result<http_answer> answer =
        co_await perform("PATCH", url, update_body(api, key_, row, cells), deadline);
    if (!answer) co_return std::unexpected(answer.error());
    if (is_missing_row(answer->status, answer->body)) co_return false;
    if (!is_success(answer->status)) co_return std::unexpected(nocodb_failure(answer->status, answer->body));
    co_return true;
}

awaitable<result<std::optional<nocodb_row>>> nocodb_client::read(std::string row, deadline deadline) {
    const result<http_answer> answer = co_await perform("GET", row_url(row), {}, deadline);
    if (!answer) co_return std::unexpected(answer.error());
    if (is_missing_row(answer->status, answer->body)) co_return std::nullopt;
    if (!is_success(answer->status)) co_return std::unexpected(nocodb_failure(answer->status, answer->body));
    result<nocodb_row> parsed = parse_nocodb_row(settings_.table.api, key_, answer->body);
    if (!parsed) co_return std::unexpected(parsed.error());
    co_return std::move(*parsed);
}

awaitable<result<std::vector<nocodb_row>>> nocodb_client::find(const nocodb_cell& cell, deadline deadline) {
    const std::string& value = std::get<std::string>(cell.value);
    // v3 takes a title with parentheses only in quotes, which v1 and v2 take for a part of it.
    const std::string filter = settings_.table.api == nocodb_api::v3
                                   ? "(\"" + cell.column + "\",eq,\"" + value + "\")"
                                   : "(" + cell.column + ",eq," + value + ")";
    const result<http_answer> answer =
        co_await perform("GET", records_url() + "?limit=10&where=" + percent_encoded(filter), {}, deadline);
    if (!answer) co_return std::unexpected(answer.error());
    if (!is_success(answer->status)) co_return std::unexpected(nocodb_failure(answer->status, answer->body));
    result<std::vector<nocodb_row>> rows = parse_nocodb_rows(settings_.table.api, key_, answer->body);
    // A filter NocoDB misread answers with rows of other customers.
    if (rows) std::erase_if(*rows, [&cell](const nocodb_row& row) { return !holds(row, cell); });
    co_return rows;
}

} // namespace atende
