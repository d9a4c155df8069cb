// Phone numbers as Brazilians write them, to E.164 (https://www.itu.int/rec/T-REC-E.164). Our own rules,
// because libphonenumber's Debian package depends on another Boost (1.74) than ours.
#pragma once

#include <atende/platform/result.hpp>
#include <string>
#include <string_view>

namespace atende {

// Landlines and mobiles with area code (DDD), with or without +55, 0055, a leading 0 or a carrier code; a
// mobile without its ninth digit gets it. A number of another country needs its "+". invalid_input: `detail`
// tells in Portuguese what to ask the customer.
result<std::string> normalised_phone(std::string_view text);

// The spelling a shop in Brazil dials: "(81) 99999-1234"; a foreign number stays as it is.
std::string phone_for_people(std::string_view e164);

} // namespace atende
