// The English sentences that /admin/api answers, as a person at a terminal reads them.
#pragma once

#include <atende/platform/language.hpp>
#include <string>
#include <string_view>

namespace atende {

// One that is not known stays as it is: better English than nothing.
std::string message_in(language lang, const std::string& message);
// The same of several, with "; " between them.
std::string reasons_in(language lang, std::string_view reasons);

} // namespace atende
