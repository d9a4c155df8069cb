file(READ ${INPUT} hex HEX)
string(REGEX REPLACE "(..)" "\\\\x\\1" escaped "${hex}")
string(REGEX REPLACE "(\\\\x..\\\\x..\\\\x..\\\\x..\\\\x..\\\\x..\\\\x..\\\\x..\\\\x..\\\\x..\\\\x..\\\\x..\\\\x..\\\\x..\\\\x..\\\\x..)" "\\1\"\n    \"" lines "${escaped}")
file(SIZE ${INPUT} size)
file(WRITE ${OUTPUT} "#include <string_view>

namespace atende::embedded {
extern const std::string_view ${SYMBOL};
const std::string_view ${SYMBOL}{
    \"${lines}\",
    ${size}};
} // namespace atende::embedded
")
