#include <algorithm>
#include <array>
#include <atende/agent/leads/nocodb_lead_store.hpp>
#include <vector>

namespace atende {
namespace {

std::unexpected<error> refuse(const char* what) {
    return fail(errc::invalid_input, what);
}

bool is_id(std::string_view text) {
    const auto is_id_character = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    };
    return !text.empty() && std::ranges::all_of(text, is_id_character);
}

std::vector<std::string> segments_of(std::string_view path) {
    std::vector<std::string> segments;
    while (!path.empty()) {
        const std::size_t slash = std::min(path.find('/'), path.size());
        if (slash > 0) segments.emplace_back(path.substr(0, slash));
        path.remove_prefix(std::min(slash + 1, path.size()));
    }
    return segments;
}

struct api_path {
    nocodb_api api;
    std::string_view marker;
};

constexpr std::array<api_path, 3> api_paths{{{nocodb_api::v1, "/api/v1/db/data/"},
                                             {nocodb_api::v2, "/api/v2/tables/"},
                                             {nocodb_api::v3, "/api/v3/data/"}}};

// Ids behind the marker, most significant first; empty if the path is not that of a table's records.
std::vector<std::string> ids_in(nocodb_api api, std::vector<std::string> segments) {
    if (api == nocodb_api::v1) {
        if (!segments.empty() && segments.front() == "bulk") segments.erase(segments.begin());
        const bool of_view = segments.size() == 5 && segments[3] == "views";
        if (segments.size() != 3 && !of_view) return {};
        return {segments[1], segments[2]}; // the first names the organisation, always "noco"
    }
    if (!segments.empty() && segments.back() == "records") segments.pop_back();
    const std::size_t expected = api == nocodb_api::v2 ? 1 : 2;
    if (segments.size() != expected) return {};
    return segments;
}

} // namespace

result<nocodb_table> parse_nocodb_table_url(std::string_view url) {
    const auto is_unprintable = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; };
    if (std::ranges::any_of(url, is_unprintable)) return refuse("holds a space or a control character");
    const std::size_t scheme_end = url.find("://");
    const std::string_view scheme = url.substr(0, scheme_end);
    if (scheme_end == std::string_view::npos || (scheme != "http" && scheme != "https")) {
        return refuse("does not start with https:// or http://");
    }
    if (url.find("#/") != std::string_view::npos || url.find("/dashboard") != std::string_view::npos) {
        return refuse("is the browser's address of the table, not such as "
                      "https://nocodb.example.com/api/v2/tables/<table id>/records");
    }
    url = url.substr(0, url.find_first_of("?#"));
    const std::string_view authority =
        url.substr(scheme_end + 3, url.find('/', scheme_end + 3) - scheme_end - 3);
    if (authority.empty()) return refuse("names no host");
    if (authority.find('@') != std::string_view::npos) {
        return refuse("holds a user name; the token goes into NOCODB_API_TOKEN");
    }
    for (const auto& [api, marker] : api_paths) {
        const std::size_t at = url.find(marker);
        if (at == std::string_view::npos) continue;
        const std::vector<std::string> ids = ids_in(api, segments_of(url.substr(at + marker.size())));
        if (ids.empty() || !std::ranges::all_of(ids, is_id)) {
            return refuse("does not end in the ids of a table; titles are not understood by NocoDB itself");
        }
        return nocodb_table{.api = api,
                            .server = std::string(url.substr(0, at)),
                            .base = ids.size() > 1 ? ids.front() : std::string(),
                            .table = ids.back()};
    }
    return refuse(
        "has neither …/api/v2/tables/<table id>/records nor …/api/v3/data/<base id>/<table id>/records "
        "nor …/api/v1/db/data/noco/<base id>/<table id>");
}

} // namespace atende
