// What the operator sees, as the JSON of /admin/api. Times are Unix ms, durations ms.
#pragma once

#include <nlohmann/json.hpp>

#include <atende/turns/auditor.hpp>
#include <atende/turns/operator_store.hpp>
#include <string>
#include <vector>

namespace atende {

nlohmann::json json_of(const heard_message& message);
nlohmann::json json_of(const knowledge_source& where);
nlohmann::json json_of(const note& note);
nlohmann::json json_of(const contact_notes& notes);
nlohmann::json json_of(const history_entry& entry);
nlohmann::json json_of(const stored_send& send);
nlohmann::json json_of(const conversation_summary& summary);
nlohmann::json json_of(const conversation_view& view);
nlohmann::json json_of(const ambiguous_send& send);
nlohmann::json json_of(const dead_letter& letter, bool with_text);
nlohmann::json json_of(const variant_figures& figures);
nlohmann::json json_of(const store_counts& counts);
nlohmann::json json_of(const auditor& audits);

template <class Item>
nlohmann::json list_of(const std::vector<Item>& items) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& item : items) list.push_back(json_of(item));
    return list;
}

} // namespace atende
