// The English sentences that /admin/api answers, as a person at a terminal reads them.
#pragma once

#include <atende/platform/language.hpp>
#include <string>

namespace atende {

// One that is not known stays as it is: better English than nothing.
std::string message_in(language lang, const std::string& message);

} // namespace atende
