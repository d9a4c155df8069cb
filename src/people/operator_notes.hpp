// What is noted of a conversation's older turns, as `atende show` lists it.
#pragma once

#include "people/operator_format.hpp"

#include <nlohmann/json_fwd.hpp>

namespace atende {

// `answer`: that of /admin/api/show. A row a note: its kind, its text.
table notes_table(const nlohmann::json& answer, language lang);

} // namespace atende
