// Last in the precompiled headers: what nearly every file would otherwise compile again, and the linker throw
// away: half the time of a build.
#pragma once

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

extern template void fmt::detail::vformat_to<char>(fmt::detail::buffer<char>&, fmt::string_view,
                                                   fmt::basic_format_args<fmt::format_context>,
                                                   fmt::detail::locale_ref);

extern template class nlohmann::basic_json<>;
extern template class std::vector<nlohmann::json>;

namespace nlohmann::detail {

using text_in_memory = iterator_input_adapter<const char*>;
using text_in_string = iterator_input_adapter<std::string::const_iterator>;

extern template class serializer<json>;
extern template class lexer<json, text_in_memory>;
extern template class lexer<json, text_in_string>;
extern template class parser<json, text_in_memory>;
extern template class parser<json, text_in_string>;
extern template class json_sax_dom_parser<json>;
extern template class json_sax_dom_callback_parser<json>;

} // namespace nlohmann::detail
