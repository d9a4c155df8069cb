// What NocoDB's three record APIs say, to and from plain structs. Pure.
#pragma once

#include "agent/leads/nocodb_row.hpp"

#include <atende/agent/leads/nocodb_lead_store.hpp>
#include <atende/platform/result.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

// Answer of /api/v2/meta/tables/<table>, which v1 shares. Errors: protocol.
result<nocodb_schema> parse_nocodb_schema(std::string_view body);

std::string insert_body(nocodb_api api, const std::vector<nocodb_cell>& cells);
std::string update_body(nocodb_api api, const std::string& key, const std::string& row,
                        const std::vector<nocodb_cell>& cells);

// `key` is the title of the primary key. Errors: protocol.
result<nocodb_row> parse_nocodb_row(nocodb_api api, const std::string& key, std::string_view body);
result<std::vector<nocodb_row>> parse_nocodb_rows(nocodb_api api, const std::string& key,
                                                  std::string_view body);
result<std::string> parse_inserted_id(nocodb_api api, const std::string& key, std::string_view body);

// Names the cause for an operator. Understands the envelopes {"error","message"}, {"msg"} and
// {"error","message","code","details"}; what they quote is left out where it may come from a record.
error nocodb_failure(int status, std::string_view body);
bool is_missing_row(int status, std::string_view body);

} // namespace atende
