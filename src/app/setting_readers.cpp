#include "app/setting_readers.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atende/agent/leads/nocodb_lead_store.hpp>
#include <atende/platform/redis_client.hpp>
#include <atende/platform/text.hpp>
#include <cmath>

namespace atende {
namespace {

// What the parsers of platform/ and agent/ find wrong with a URL: English, because it is logged elsewhere.
sentence reason(const error& wrong) {
    static constexpr std::array<bilingual, 15> known{{
        {"o caminho de unix:///caminho tem de ter de 1 a 107 bytes",
         "the path of unix:///path must be of 1 to 107 bytes"},
        {"TLS até o Redis (rediss://) não é suportado; use redis:// numa rede privada ou um túnel TLS local",
         "TLS to Redis (rediss://) is not supported; use redis:// on a private network or a local TLS "
         "tunnel"},
        {"tem de começar com redis:// ou unix:///", "it must begin with redis:// or unix:///"},
        {"antes do @ vai usuário:senha", "user:password must stand before the @"},
        {"o banco depois da / tem de ser um número", "the database after the / must be a number"},
        {"falta fechar o [ do host", "the [ of the host is not closed"},
        {"a porta vai de 1 a 65535", "the port must be 1 to 65535"},
        {"falta o host", "the host is missing"},
        {"tem um espaço ou um caractere de controle", "holds a space or a control character"},
        {"não começa com https:// nem http://", "does not start with https:// or http://"},
        {"é o endereço da tabela no navegador, não um como https://nocodb.example.com/api/v2/tables/<id da "
         "tabela>/records",
         "is the browser's address of the table, not such as https://nocodb.example.com/api/v2/tables/<table "
         "id>/records"},
        {"não tem host", "names no host"},
        {"tem um nome de usuário; o token vai em NOCODB_API_TOKEN",
         "holds a user name; the token goes into NOCODB_API_TOKEN"},
        {"não termina com os ids de uma tabela; o próprio NocoDB não entende títulos",
         "does not end in the ids of a table; titles are not understood by NocoDB itself"},
        {"não tem …/api/v2/tables/<id da tabela>/records nem …/api/v3/data/<id da base>/<id da "
         "tabela>/records nem …/api/v1/db/data/noco/<id da base>/<id da tabela>",
         "has neither …/api/v2/tables/<table id>/records nor …/api/v3/data/<base id>/<table id>/records nor "
         "…/api/v1/db/data/noco/<base id>/<table id>"},
    }};
    for (const bilingual& text : known) {
        if (wrong.detail == text.in(language::english)) return text;
    }
    return {wrong.detail, wrong.detail};
}

problem read_hosts(std::string_view value, std::string_view example, host_list& into) {
    auto hosts = host_list::parse(value);
    if (!hosts)
        return sentence{fmt::format("hosts separados por vírgula, como {}", example),
                        fmt::format("hosts with a comma between them, such as {}", example)};
    into = *std::move(hosts);
    return std::nullopt;
}

} // namespace

sentence number_between(std::string_view least, std::string_view most) {
    const std::string from(least), to(most);
    return {"um número de " + from + " a " + to, "a number from " + from + " to " + to};
}

problem read_flag(std::string_view value, bool& into) {
    constexpr std::array<std::string_view, 4> yes{"1", "true", "yes", "on"};
    constexpr std::array<std::string_view, 4> no{"0", "false", "no", "off"};
    const std::string lower = lower_case(value);
    into = std::ranges::find(yes, lower) != yes.end();
    if (into || std::ranges::find(no, lower) != no.end()) return std::nullopt;
    return bilingual{"true ou false", "true or false"};
}

problem read_seconds(std::string_view value, double least, double most, std::chrono::milliseconds& into) {
    double seconds = 0;
    const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    const bool number = failed == std::errc{} && end == value.data() + value.size();
    if (!number || !(seconds >= least && seconds <= most)) {
        const std::string from = fmt::format("{:g}", least), to = fmt::format("{:g}", most);
        return sentence("segundos de " + from + " a " + to + ", como 2.5",
                        "seconds from " + from + " to " + to + ", such as 2.5");
    }
    into = std::chrono::milliseconds(std::llround(seconds * 1'000));
    return std::nullopt;
}

problem read_url(std::string_view value, std::string& into) {
    constexpr bilingual expected{"uma URL com https:// (ou http://) e um host, sem espaços",
                                 "a URL with https:// (or http://) and a host, without spaces"};
    if (!value.starts_with("https://") && !value.starts_with("http://")) return expected;
    if (std::ranges::any_of(value, [](char c) { return (c >= 0 && c <= ' ') || c == '\x7f'; }))
        return expected;
    const std::size_t host_at = value.find("//") + 2;
    std::string_view host = value.substr(host_at, value.find_first_of("/?#", host_at) - host_at);
    host = host.substr(host.rfind('@') + 1);
    if (host.empty() || host.starts_with(':')) return expected;
    while (value.ends_with('/')) value.remove_suffix(1);
    into = value;
    return std::nullopt;
}

problem read_redis_url(std::string_view value, std::string& into) {
    const auto address = parse_redis_url(value);
    if (!address) {
        const sentence why = reason(address.error());
        return sentence("redis://[[usuário]:senha@]host[:porta][/db] ou unix:///caminho (" + why.portuguese +
                            ")",
                        "redis://[[user]:password@]host[:port][/db] or unix:///path (" + why.english + ")");
    }
    into = value;
    return std::nullopt;
}

problem read_nocodb_url(std::string_view value, std::string& into) {
    const auto table = parse_nocodb_table_url(value);
    if (!table) {
        const sentence why = reason(table.error());
        return sentence("o endereço de API dos registros de uma tabela (este " + why.portuguese + ")",
                        "the API address of a table's records (this one " + why.english + ")");
    }
    into = value;
    return std::nullopt;
}

problem read_secrets(std::string_view value, std::vector<std::string>& into) {
    while (true) {
        const std::size_t comma = value.find(',');
        const std::string_view one = trimmed(value.substr(0, comma));
        if (one.empty())
            return bilingual{"segredos do app separados por vírgula",
                             "app secrets with a comma between them"};
        into.emplace_back(one);
        if (comma == std::string_view::npos) return std::nullopt;
        value.remove_prefix(comma + 1);
    }
}

// What a browser sends as Origin: scheme, host and port alone.
problem read_origins(std::string_view value, std::vector<std::string>& into) {
    const auto fits = [](std::string_view origin) {
        const std::size_t scheme = origin.find("://");
        if (scheme == std::string_view::npos) return false;
        const std::string_view kind = origin.substr(0, scheme), host = origin.substr(scheme + 3);
        return (kind == "https" || kind == "http") && !host.empty() &&
               host.find_first_of("/?#@* \t") == std::string_view::npos;
    };
    while (true) {
        const std::size_t comma = value.find(',');
        std::string one = lower_case(trimmed(value.substr(0, comma)));
        if (!fits(one))
            return bilingual{
                "origens separadas por vírgula, como https://loja.example, sem caminho",
                "origins with a comma between them, such as https://loja.example, without a path"};
        into.push_back(std::move(one));
        if (comma == std::string_view::npos) return std::nullopt;
        value.remove_prefix(comma + 1);
    }
}

problem read_version(std::string_view value, std::string& into) {
    const std::string_view digits = value.starts_with('v') ? value.substr(1) : std::string_view{};
    const bool fine = !digits.empty() &&
                      std::ranges::all_of(digits, [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
    if (!fine) return bilingual{"uma versão da Graph API, como v25.0", "a Graph API version such as v25.0"};
    into = value;
    return std::nullopt;
}

problem read_host(std::string_view value, std::string& into) {
    boost::system::error_code failed;
    if (value != "localhost") boost::asio::ip::make_address(std::string(value), failed);
    if (failed)
        return bilingual{"um endereço IP, como 127.0.0.1 ou ::1, ou localhost",
                         "an IP address such as 127.0.0.1 or ::1, or localhost"};
    into = value == "localhost" ? "127.0.0.1" : value;
    return std::nullopt;
}

problem read_account(std::string_view value, std::string& into) {
    if (!std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; }))
        return bilingual{"o id da conta, só dígitos", "the account's id, digits only"};
    into = value;
    return std::nullopt;
}

problem read_log_level(std::string_view value, spdlog::level::level_enum& into) {
    constexpr std::array<std::string_view, 5> names{"debug", "info", "warning", "error", "critical"};
    constexpr std::array<spdlog::level::level_enum, 5> levels{spdlog::level::debug, spdlog::level::info,
                                                              spdlog::level::warn, spdlog::level::err,
                                                              spdlog::level::critical};
    const std::string lower = lower_case(value);
    const auto found = std::ranges::find(names, lower == "warn" ? "warning" : lower);
    if (found == names.end())
        return bilingual{"debug, info, warning, error ou critical",
                         "debug, info, warning, error or critical"};
    into = levels.at(static_cast<std::size_t>(found - names.begin()));
    return std::nullopt;
}

problem read_language(std::string_view value, language& into) {
    const std::string lower = lower_case(value);
    if (lower != "pt-br" && lower != "en") return bilingual{"pt-BR ou en", "pt-BR or en"};
    into = lower == "en" ? language::english : language::portuguese;
    return std::nullopt;
}

problem read_environment(std::string_view value, app_environment& into) {
    constexpr std::array<std::string_view, 3> names{"dev", "staging", "prod"};
    const auto found = std::ranges::find(names, value);
    if (found == names.end()) return bilingual{"dev, staging ou prod", "dev, staging or prod"};
    into = static_cast<app_environment>(found - names.begin());
    return std::nullopt;
}

problem set_human_pause(std::string_view value, settings& into) {
    std::chrono::milliseconds time{0};
    if (read_seconds(value, 0, 1'440, time) || time.count() == 0)
        return bilingual{"minutos, mais que 0 e até 1440, como 30",
                         "minutes, more than 0 and up to 1440, such as 30"};
    into.human_pause = time * 60;
    return std::nullopt;
}

problem set_reply_format(std::string_view value, settings& into) {
    if (value != "m4a" && value != "wav") return bilingual{"m4a ou wav", "m4a or wav"};
    into.audio_reply_format = value == "m4a" ? audio_format::m4a : audio_format::wav;
    return std::nullopt;
}

problem set_media_retention(std::string_view value, settings& into) {
    int days = 0;
    auto wrong = read_number(value, 0, 365, days);
    if (!wrong) into.media_kept = std::chrono::days(days);
    return wrong;
}

problem set_reply_minutes(std::string_view value, settings& into) {
    int minutes = 0;
    auto wrong = read_number(value, 5, 1'440, minutes);
    if (!wrong) into.audio_reply_kept = std::chrono::minutes(minutes);
    return wrong;
}

problem set_api_key(std::string_view value, settings& into) {
    if (std::ranges::any_of(value, [](char c) { return c <= ' ' || c > '~'; }))
        return bilingual{"uma chave sem espaços nem quebras de linha", "a key without spaces or line breaks"};
    into.openai_api_key = value;
    return std::nullopt;
}

problem set_access_token(std::string_view value, settings& into) {
    if (std::ranges::any_of(value, [](char c) { return c <= ' ' || c > '~'; }))
        return bilingual{"um token sem espaços nem quebras de linha",
                         "a token without spaces or line breaks"};
    into.access_token = value;
    return std::nullopt;
}

problem set_admin_token(std::string_view value, settings& into) {
    if (value.size() < 16) return bilingual{"ao menos 16 caracteres", "at least 16 characters"};
    into.admin_token = value;
    return std::nullopt;
}

problem set_web_chat_token(std::string_view value, settings& into) {
    const bool fits =
        value.size() >= 16 && std::ranges::all_of(value, [](char c) { return c > ' ' && c <= '~'; });
    if (!fits)
        return bilingual{"ao menos 16 caracteres, sem espaços nem acentos",
                         "at least 16 characters, without spaces or accents"};
    into.web_chat_token = value;
    return std::nullopt;
}

problem set_tool_allowed_hosts(std::string_view value, settings& into) {
    return read_hosts(value, "n8n.local:5678,10.0.0.5", into.tool_allowed_hosts);
}

problem set_media_allowed_hosts(std::string_view value, settings& into) {
    return read_hosts(value, "gateway.local:8080,10.0.0.5", into.media_allowed_hosts);
}

} // namespace atende
