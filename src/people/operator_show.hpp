// One conversation whole, as `atende show` prints it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <atende/platform/language.hpp>
#include <string>

namespace atende {

std::string show_view(const nlohmann::json& answer, language lang);

} // namespace atende
