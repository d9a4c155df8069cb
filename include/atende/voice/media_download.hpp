// Fetches the file a customer's message links to, into memory. The link comes from outside, so where it may
// lead is decided here, for it and for every redirect anew (SSRF):
// https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
#pragma once

#include <atende/platform/async.hpp>
#include <atende/platform/http_client.hpp>
#include <atende/platform/http_url.hpp>
#include <atende/platform/result.hpp>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace atende {

// Where files may come from.
struct media_source {
    // The platform's own: these domains and all below them, by https at port 443, on the public internet.
    std::vector<std::string> platform_domains;
    // Asked for when one of those refuses to answer without; nobody else is shown it. Empty: none.
    std::string access_token;
    host_list allowed_hosts; // also without https, and at private addresses
    // Set: nothing but files directly below this address, which is ours, and nothing of the above.
    std::string only_below;
};

// Where Instagram keeps what people send.
std::vector<std::string> instagram_media_domains();

struct download_limits {
    std::size_t bytes = std::size_t(20) << 20;
    std::chrono::milliseconds time{15'000}; // all tries together
};

// At most three redirects, and three tries where another one may help. The address that is connected to is
// the one that was vetted. Errors: rejected, it leads where nothing may be asked, or we are refused there
// (401, 403): other settings may change that; invalid_input, the file is not (or no longer) there; too_large;
// unavailable, timed_out or interrupted, in spite of trying again. None of them quotes the link. Safe to
// cancel.
awaitable<result<std::string>> download_media(http_client& http, media_source from, std::string url,
                                              download_limits limits);

} // namespace atende
