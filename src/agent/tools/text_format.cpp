#include "agent/tools/text_format.hpp"

#include "agent/leads/phone_br.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atende/platform/text.hpp>
#include <chrono>
#include <re2/re2.h>

namespace atende {
namespace {

std::unexpected<error> refuse(const char* what) {
    return fail(errc::invalid_input, what);
}

// Without the punctuation that documents are written with; letters in upper case.
std::string bare(std::string_view text) {
    std::string kept;
    for (const char c : text) {
        if (std::string_view(" .-/").contains(c)) continue;
        kept += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return kept;
}

bool are_digits(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool all_same(std::string_view text) {
    return text.find_first_not_of(text.front()) == std::string_view::npos;
}

// Modulo 11 over weights that grow from 2 at the right end and begin anew after `heaviest`.
char check_digit(std::string_view text, int heaviest) {
    int sum = 0;
    int weight = 2;
    for (std::size_t left = text.size(); left > 0; --left) {
        sum += (text[left - 1] - '0') * weight;
        weight = weight == heaviest ? 2 : weight + 1;
    }
    const int rest = sum % 11;
    return static_cast<char>('0' + (rest < 2 ? 0 : 11 - rest));
}

bool has_check_digits(std::string_view text, int heaviest) {
    const auto first = text.size() - 2;
    return text[first] == check_digit(text.substr(0, first), heaviest) &&
           text[first + 1] == check_digit(text.substr(0, first + 1), heaviest);
}

result<std::string> cpf(std::string_view text) {
    constexpr std::size_t length = 11;
    auto digits = bare(text);
    if (digits.size() != length || !are_digits(digits)) return refuse("o CPF tem 11 dígitos");
    if (all_same(digits) || !has_check_digits(digits, length))
        return refuse("este CPF não existe; confirme os números com o cliente");
    return digits;
}

// Since July 2026 the first twelve may be letters, too, each counting as its ASCII code minus 48:
// https://www.gov.br/receitafederal, Instrução Normativa RFB nº 2.229/2024
result<std::string> cnpj(std::string_view text) {
    constexpr std::size_t length = 14;
    constexpr int heaviest = 9;
    auto code = bare(text);
    const auto fits = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); };
    if (code.size() != length || !std::ranges::all_of(code, fits) || !are_digits(code.substr(length - 2)))
        return refuse("o CNPJ tem 14 caracteres, os dois últimos são dígitos");
    if (all_same(code) || !has_check_digits(code, heaviest))
        return refuse("este CNPJ não existe; confirme os números com o cliente");
    return code;
}

result<std::string> cep(std::string_view text) {
    constexpr std::size_t length = 8;
    auto digits = bare(text);
    if (digits.size() != length || !are_digits(digits) || all_same(digits))
        return refuse("o CEP tem 8 dígitos, como 01310-100");
    return digits;
}

result<std::string> date(std::string_view text) {
    static const RE2 shape(R"(\s*(\d{1,2})/(\d{1,2})/(\d{4})\s*)");
    unsigned day = 0;
    unsigned month = 0;
    int year = 0;
    if (!RE2::FullMatch({text.data(), text.size()}, shape, &day, &month, &year))
        return refuse("a data é DD/MM/AAAA, como 05/03/2027");
    const std::chrono::year_month_day whole{std::chrono::year(year), std::chrono::month(month),
                                            std::chrono::day(day)};
    if (!whole.ok()) return refuse("esta data não existe no calendário");
    return fmt::format("{:02}/{:02}/{:04}", day, month, year);
}

// A dot before three digits groups thousands, as people here write it.
result<std::string> money(std::string_view text) {
    static const RE2 shape(
        R"(\s*(?:R\$)?\s*(\d{1,3}(?:\.\d{3}){1,3}|\d{1,12})(?:,(\d{1,2})|\.(\d{1,2}))?\s*)");
    std::string whole;
    std::string comma;
    std::string dot;
    if (!RE2::FullMatch({text.data(), text.size()}, shape, &whole, &comma, &dot) ||
        (whole.contains('.') && !dot.empty()))
        return refuse("o valor em reais é como 1.234,56");
    std::erase(whole, '.');
    whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
    auto cents = comma + dot;
    cents.resize(2, '0');
    return whole + "." + cents;
}

result<std::string> line(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool space = (c >= 0 && c <= ' ') || c == '\x7f';
        if (!space) {
            out += c;
        } else if (!out.empty() && out.back() != ' ') {
            out += ' ';
        }
    }
    out = std::string(trimmed(out));
    if (out.empty()) return refuse("o texto está vazio");
    return out;
}

constexpr std::array formats{
    text_format{"phone-br", "telefone com DDD", normalised_phone},
    text_format{"cpf", "CPF, 11 dígitos", cpf},
    text_format{"cnpj", "CNPJ, 14 caracteres", cnpj},
    text_format{"cep", "CEP, 8 dígitos", cep},
    text_format{"date-br", "data DD/MM/AAAA", date},
    text_format{"money-br", "valor em reais, como 1.234,56", money},
    text_format{"line", "uma linha de texto", line},
};

} // namespace

const text_format* find_text_format(std::string_view name) {
    const auto* const found = std::ranges::find(formats, name, &text_format::name);
    return found == formats.end() ? nullptr : found;
}

std::vector<std::string_view> text_format_names() {
    std::vector<std::string_view> names;
    for (const auto& one : formats) names.push_back(one.name);
    return names;
}

} // namespace atende
