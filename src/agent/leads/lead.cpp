#include "agent/leads/phone_br.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <atende/agent/leads/lead.hpp>
#include <atende/platform/text.hpp>
#include <vector>

namespace atende {
namespace {

using json = nlohmann::json;

constexpr std::array<std::string_view, lead_fields.size()> labels{
    "nome", "telefone", "interesse", "cidade", "e-mail", "consentimento", "observações"};

template <std::size_t Size>
bool contains(const std::array<std::string_view, Size>& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

bool is_placeholder(std::string_view text) {
    static constexpr std::array<std::string_view, 22> words{"nao informado",
                                                            "nao informada",
                                                            "nao informou",
                                                            "nao disse",
                                                            "nao sei",
                                                            "nao se aplica",
                                                            "nao fornecido",
                                                            "nao fornecida",
                                                            "nao disponivel",
                                                            "n a",
                                                            "null",
                                                            "none",
                                                            "undefined",
                                                            "unknown",
                                                            "desconhecido",
                                                            "desconhecida",
                                                            "sem nome",
                                                            "a definir",
                                                            "nao identificado",
                                                            "nao especificado",
                                                            "nao especificada",
                                                            "not provided"};
    return contains(words, text);
}

bool is_placeholder_name(std::string_view text) {
    static constexpr std::array<std::string_view, 16> words{
        "cliente", "o cliente", "a cliente", "nome",     "nome do cliente", "nome completo",
        "usuario", "usuaria",   "lead",      "contato",  "customer",        "user",
        "name",    "anonimo",   "anonima",   "visitante"};
    return is_placeholder(text) || contains(words, text);
}

bool is_forbidden(UChar32 c) {
    const auto type = u_charType(c);
    const bool joiner = c == 0x200D || c == 0x200C; // inside emoji and some scripts
    return type == U_CONTROL_CHAR || (type == U_FORMAT_CHAR && !joiner) || type == U_SURROGATE;
}

struct clean_text {
    std::string text;
    bool has_letter = false;
};

// Single spaces, none outside; nothing if `text` is not UTF-8 or holds a character that does not show.
std::optional<clean_text> cleaned(std::string_view text, bool line_breaks_allowed) {
    clean_text out;
    bool gap = false;
    const auto size = static_cast<std::int32_t>(text.size());
    for (std::int32_t at = 0; at < size;) {
        const std::int32_t start = at;
        UChar32 c = 0;
        U8_NEXT(text.data(), at, size, c);
        if (c < 0) return std::nullopt;
        const bool line_break = c == '\n' || c == '\r' || c == '\t';
        if (!(line_break && line_breaks_allowed) && is_forbidden(c)) return std::nullopt;
        if (u_isUWhiteSpace(c) != 0) {
            gap = !out.text.empty();
            continue;
        }
        if (gap) out.text += ' ';
        gap = false;
        out.text.append(text.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(at - start)));
        out.has_letter = out.has_letter || u_isalpha(c) != 0;
    }
    return out;
}

bool is_email(std::string_view text) {
    constexpr std::size_t longest = 254;
    const std::size_t at = text.find('@');
    if (at == 0 || at == std::string_view::npos || text.size() > longest) return false;
    const std::string_view domain = text.substr(at + 1);
    const std::size_t dot = domain.rfind('.');
    return domain.find('@') == std::string_view::npos &&
           text.find_first_of(" ,;<>()[]\"'") == std::string_view::npos && dot != std::string_view::npos &&
           dot > 0 && dot + 2 < domain.size() && domain.find("..") == std::string_view::npos;
}

class lead_reader {
public:
    lead_reader(const json& arguments, const lead_profile& profile)
        : arguments_(arguments),
          profile_(profile) {}

    result<lead> read() {
        if (!arguments_.is_object())
            return fail(errc::invalid_input, "os argumentos devem ser um objeto JSON");
        refuse_unknown();
        lead out;
        out.name = read_name();
        out.phone_e164 = read_phone();
        out.interest = read_text("interest", 200);
        out.city = read_city();
        out.email = read_email();
        out.consent = read_consent();
        out.notes = read_text("notes", 2'000, true);
        if (!problems_.empty())
            return fail(errc::invalid_input, fmt::format("{}", fmt::join(problems_, "; ")));
        return out;
    }

private:
    void refuse(std::string_view field, std::string_view why) {
        problems_.push_back(fmt::format("{} ({}): {}", field, lead_field_label(field), why));
    }

    [[nodiscard]] bool required(std::string_view field) const {
        return std::ranges::find(profile_.required_fields, field) != profile_.required_fields.end();
    }

    void refuse_unknown() {
        for (const auto& [key, value] : arguments_.items()) {
            if (contains(lead_fields, key)) continue;
            problems_.push_back(
                fmt::format("campo desconhecido; os campos são {}", fmt::join(lead_fields, ", ")));
            return;
        }
    }

    std::string read_text(std::string_view field, std::size_t longest, bool line_breaks_allowed = false) {
        return read_clean(field, longest, line_breaks_allowed).text;
    }

    // Empty when the field is not given or was refused.
    clean_text read_clean(std::string_view field, std::size_t longest, bool line_breaks_allowed) {
        const auto found = arguments_.find(field);
        const bool given = found != arguments_.end() && !found->is_null();
        if (given && !found->is_string()) {
            refuse(field, "deve ser um texto");
            return {};
        }
        std::optional<clean_text> text =
            given ? cleaned(found->get_ref<const std::string&>(), line_breaks_allowed) : clean_text{};
        if (!text) {
            refuse(field, "tem caracteres inválidos; envie só o texto");
            return {};
        }
        // A model that has nothing to say says so in many words; none of them belongs in the shop's table.
        if (field != "name" && is_placeholder(folded(text->text))) *text = {};
        if (text->text.empty() && required(field)) refuse(field, "falta; pergunte ao cliente");
        if (count_characters(text->text) > longest) {
            refuse(field, fmt::format("deve ter no máximo {} caracteres", longest));
            return {};
        }
        return std::move(*text);
    }

    std::string read_name() {
        const clean_text name = read_clean("name", 100, false);
        if (name.text.empty()) return {};
        if (!name.has_letter || count_characters(name.text) < 2 || is_placeholder_name(folded(name.text))) {
            refuse("name", "não é um nome de pessoa; pergunte o nome ao cliente");
            return {};
        }
        return name.text;
    }

    std::string read_phone() {
        const std::string text = read_text("phone", 60);
        if (text.empty()) return {};
        const result<std::string> phone = normalised_phone(text);
        if (!phone) {
            refuse("phone", phone.error().detail);
            return {};
        }
        return *phone;
    }

    std::string read_city() {
        const clean_text city = read_clean("city", 100, false);
        if (!city.text.empty() && !city.has_letter) refuse("city", "deve ser o nome de uma cidade");
        return city.text;
    }

    std::string read_email() {
        const std::string email = read_text("email", 254);
        if (!email.empty() && !is_email(email))
            refuse("email", "está incompleto; o formato é nome@exemplo.com");
        return email;
    }

    std::optional<bool> read_consent() {
        const auto found = arguments_.find("consent");
        const bool given = found != arguments_.end() && !found->is_null();
        if (given && !found->is_boolean()) {
            refuse("consent", "deve ser true ou false");
            return std::nullopt;
        }
        if (!required("consent")) return given ? std::optional(found->get<bool>()) : std::nullopt;
        // A profile that requires consent forbids keeping the data of who refused it.
        if (!given) refuse("consent", "falta; pergunte se o cliente autoriza o contato");
        if (given && !found->get<bool>())
            refuse("consent", "o cliente não autorizou; não salve os dados dele");
        return true;
    }

    const json& arguments_;
    const lead_profile& profile_;
    std::vector<std::string> problems_;
};

} // namespace

std::string_view lead_field_label(std::string_view field) {
    const auto* const found = std::ranges::find(lead_fields, field);
    return found == lead_fields.end() ? field : labels[static_cast<std::size_t>(found - lead_fields.begin())];
}

result<lead> parse_lead(const nlohmann::json& arguments, const lead_profile& profile) {
    return lead_reader(arguments, profile).read();
}

} // namespace atende
