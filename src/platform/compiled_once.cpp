#include "platform/compiled_once.hpp"

// libfmt has it, too, but g++ gives it another name than Clang.
template void fmt::detail::vformat_to<char>(fmt::detail::buffer<char>&, fmt::string_view,
                                            fmt::basic_format_args<fmt::format_context>,
                                            fmt::detail::locale_ref);

template class nlohmann::basic_json<>;
template class std::vector<nlohmann::json>;

namespace nlohmann::detail {

template class serializer<json>;
template class lexer<json, text_in_memory>;
template class lexer<json, text_in_string>;
template class parser<json, text_in_memory>;
template class parser<json, text_in_string>;
template class json_sax_dom_parser<json>;
template class json_sax_dom_callback_parser<json>;

} // namespace nlohmann::detail
