#include "people/operator_json.hpp"
#include "people/operator_view.hpp"
#include "people/operator_words.hpp"

#include <nlohmann/json.hpp>

#include <atende/platform/json.hpp>
#include <atende/platform/log.hpp>

namespace atende {

using nlohmann::json;

std::string problem_of(int status, const json& answer, language lang) {
    if (status == 401)
        return in(lang, {"o servidor recusou o ADMIN_TOKEN; use o mesmo valor que ele tem",
                         "the server refused this ADMIN_TOKEN; use the value that it has"});
    std::string message = message_in(lang, text_at(json_member(answer, "error"), "message", 300));
    if (message.empty())
        return in(lang, {"o servidor respondeu ", "the server answered "}) + std::to_string(status);
    if (status == 503)
        message = in(lang, {"o servidor não alcança o Redis: ", "the server cannot reach Redis: "}) + message;
    for (const auto& one : list_at(answer, "matches")) {
        if (one.is_string()) message += "\n  " + printable(one.get<std::string>(), 300);
    }
    return message;
}

} // namespace atende
