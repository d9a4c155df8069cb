// Notes as they are stored: a JSON object a profile.
#pragma once

#include <atende/conversation/notes.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace atende {

std::string encode_notes(const contact_notes& notes); // without the profile: the field is named by it
// Nothing when it is not an object; what is odd in it is left out.
std::optional<contact_notes> decode_notes(const std::string& profile, std::string_view text);

} // namespace atende
