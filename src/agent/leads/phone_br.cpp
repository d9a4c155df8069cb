#include "agent/leads/phone_br.hpp"

#include <algorithm>
#include <array>

namespace atende {
namespace {

constexpr std::size_t ddd_length = 2;
constexpr std::size_t landline_length = 8;
constexpr std::size_t mobile_length = 9;

std::unexpected<error> refuse(const char* what) {
    return fail(errc::invalid_input, what);
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_ddd(std::string_view ddd) {
    // https://www.anatel.gov.br, "códigos nacionais".
    static constexpr std::array<std::string_view, 67> codes{
        "11", "12", "13", "14", "15", "16", "17", "18", "19", "21", "22", "24", "27", "28", "31", "32", "33",
        "34", "35", "37", "38", "41", "42", "43", "44", "45", "46", "47", "48", "49", "51", "53", "54", "55",
        "61", "62", "63", "64", "65", "66", "67", "68", "69", "71", "73", "74", "75", "77", "79", "81", "82",
        "83", "84", "85", "86", "87", "88", "89", "91", "92", "93", "94", "95", "96", "97", "98", "99"};
    return std::ranges::binary_search(codes, ddd);
}

bool all_same(std::string_view digits) {
    return digits.find_first_not_of(digits.front()) == std::string_view::npos;
}

struct written_number {
    std::string digits;
    bool plus = false;
};

// Separators people use: ASCII ones, the no-break space and the dashes and marks of U+2000–U+206F that
// keyboards and contact cards insert.
result<written_number> read_digits(std::string_view text) {
    written_number number;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (is_digit(c)) {
            number.digits += c;
        } else if (c == '+' && number.digits.empty() && !number.plus) {
            number.plus = true;
        } else if (text.substr(at).starts_with("\xC2\xA0")) {
            at += 1;
        } else if (text.substr(at).starts_with("\xE2\x80") || text.substr(at).starts_with("\xE2\x81")) {
            at += 2;
        } else if ((c == 'x' || c == 'X') && number.digits == "0") {
            continue; // "0xx81": the carrier code is left to the caller
        } else if (std::string_view(" \t()-./").find(c) == std::string_view::npos) {
            return refuse("o telefone só pode ter números (ex.: 81 99999-1234); envie um único telefone");
        }
    }
    return number;
}

result<std::string> national_number(std::string_view digits) {
    if (digits.size() == landline_length || digits.size() == mobile_length) {
        return refuse("o telefone está sem DDD; pergunte ao cliente o DDD (ex.: 81 99999-1234)");
    }
    if (digits.size() < ddd_length + landline_length) {
        return refuse("o telefone está incompleto; peça o número com DDD (ex.: 81 99999-1234)");
    }
    if (digits.size() > ddd_length + mobile_length) {
        return refuse("o telefone tem dígitos demais; peça um único número com DDD (ex.: 81 99999-1234)");
    }
    const std::string_view ddd = digits.substr(0, ddd_length);
    const std::string_view subscriber = digits.substr(ddd_length);
    if (!is_ddd(ddd)) return refuse("o DDD do telefone não existe; confirme o número com o cliente");
    if (all_same(subscriber)) return refuse("o telefone não parece real; confirme o número com o cliente");
    const char first = subscriber.front();
    if (subscriber.size() == mobile_length) {
        if (first != '9')
            return refuse("celular com 9 dígitos começa com 9; confirme o número com o cliente");
        return std::string("+55").append(digits);
    }
    if (first < '2') return refuse("o telefone não existe; confirme o número com o cliente");
    return std::string("+55").append(ddd).append(first >= '6' ? "9" : "").append(subscriber);
}

result<std::string> foreign_number(std::string_view digits) {
    constexpr std::size_t shortest = 8;
    constexpr std::size_t longest = 15;
    if (digits.size() < shortest || digits.size() > longest || digits.front() == '0' ||
        all_same(digits.substr(1))) {
        return refuse(
            "o telefone de outro país está errado; peça com + e código do país (ex.: +351 912 345 678)");
    }
    return std::string("+").append(digits);
}

bool has_national_length(std::string_view digits) {
    return digits.size() == ddd_length + landline_length || digits.size() == ddd_length + mobile_length;
}

// "0 81 …", or "0 15 81 …" with the two digits of a carrier, or "0 55 81 …".
std::string_view without_trunk_prefix(std::string_view digits) {
    if (!digits.starts_with('0')) return digits;
    digits.remove_prefix(1);
    if (has_national_length(digits) || digits.size() < ddd_length) return digits;
    const std::string_view after_carrier = digits.substr(2);
    return has_national_length(after_carrier) ? after_carrier : digits;
}

} // namespace

result<std::string> normalised_phone(std::string_view text) {
    const result<written_number> number = read_digits(text);
    if (!number) return std::unexpected(number.error());
    std::string_view digits = number->digits;
    if (digits.empty())
        return refuse("o telefone está sem números; peça o número com DDD (ex.: 81 99999-1234)");

    const bool brazil_by_00 = !number->plus && digits.starts_with("0055");
    if (brazil_by_00) digits.remove_prefix(2);
    if (number->plus && !digits.starts_with("55")) return foreign_number(digits);
    if (number->plus || brazil_by_00) return national_number(without_trunk_prefix(digits.substr(2)));
    if (digits.starts_with("00")) {
        return refuse("para telefone de outro país, peça com + e código do país (ex.: +351 912 345 678)");
    }
    // 55 is also a DDD: only the length tells the country code from it.
    if (digits.starts_with("55") && digits.size() > ddd_length + mobile_length) {
        return national_number(without_trunk_prefix(digits.substr(2)));
    }
    return national_number(without_trunk_prefix(digits));
}

std::string phone_for_people(std::string_view e164) {
    if (!e164.starts_with("+55") || !has_national_length(e164.substr(3))) return std::string(e164);
    const std::string_view national = e164.substr(3);
    const std::string_view subscriber = national.substr(ddd_length);
    const std::size_t prefix = subscriber.size() - 4;
    return std::string("(")
        .append(national.substr(0, ddd_length))
        .append(") ")
        .append(subscriber.substr(0, prefix))
        .append("-")
        .append(subscriber.substr(prefix));
}

} // namespace atende
