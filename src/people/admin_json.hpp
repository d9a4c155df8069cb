// What the operator sees, as the JSON of /admin/api. Times are Unix ms, durations ms.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <atende/turns/auditor.hpp>
#include <atende/turns/operator_store.hpp>
#include <string>

namespace atende {

nlohmann::json json_of(const conversation_summary& summary);
nlohmann::json json_of(const conversation_view& view);
nlohmann::json json_of(const ambiguous_send& send);
nlohmann::json json_of(const dead_letter& letter, bool with_text);
nlohmann::json json_of(const store_counts& counts);
nlohmann::json json_of(const auditor& audits);

// What people wrote may hold anything: invalid UTF-8 is replaced.
std::string dumped(const nlohmann::json& json);

} // namespace atende
