// What a request to /admin/api says, checked. Every error is the reply that names what is wrong.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <atende/platform/http_server.hpp>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace atende {

template <class T>
using or_reply = std::expected<T, http_reply>;

or_reply<nlohmann::json> body_of(const http_request& request); // a JSON object
// Fields of the body. Absent or null: nothing, of a flag false. Of another kind: never taken for absent,
// which may mean more than was asked for.
or_reply<std::optional<std::string>> text_in(const nlohmann::json& body, const char* name);
or_reply<bool> flag_in(const nlohmann::json& body, const char* name);
or_reply<std::optional<std::int64_t>> number_in(const nlohmann::json& body, const char* name,
                                                std::int64_t least, std::int64_t most);
// Of the query, from 1 to `most`.
or_reply<std::size_t> count_in(const http_request& request, std::string_view name, std::size_t fallback,
                               std::size_t most);

// "2026-11-21T10:00:00Z", seconds with or without a fraction: Unix ms.
std::optional<std::int64_t> parse_utc(std::string_view text);

} // namespace atende
