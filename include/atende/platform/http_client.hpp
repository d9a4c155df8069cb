// Outgoing HTTP: connections kept alive, HTTP/2 where the server offers it, every call with a deadline.
// Lives on the event loop's thread; `perform` may be called any number of times at once.
#pragma once

#include <atende/platform/async.hpp>
#include <atende/platform/result.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atende {

struct http_call {
    std::string method = "GET";
    std::string url; // http or https only
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::chrono::milliseconds connect_timeout{3'000};
    std::chrono::milliseconds timeout{15'000}; // the whole call
    std::size_t max_answer_bytes = 4 << 20;
    // Set: the body of a 2xx answer is given to it as it arrives, on the event loop, and not kept. It must
    // take it at once, must not throw, and must not call the client. `timeout` then ends with the first byte,
    // and `idle_timeout` is how long any further one may take; whoever awaits the call bounds the whole.
    std::function<void(std::string_view bytes)> on_body;
    std::chrono::milliseconds idle_timeout{20'000};
    // False: the request is never put on the wire a second time, not even on a fresh connection after a
    // kept-alive one turned out dead. For requests whose effect must not double.
    bool repeatable = true;
    // True: the address that is really connected to, whatever name, spelling or DNS answer led there, must be
    // one of the public internet (platform/public_address.hpp). For URLs that somebody else has a say in.
    bool public_only = false;
};

struct http_answer {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers; // names in lower case
    std::string body;

    [[nodiscard]] std::string_view header(std::string_view lower_case_name) const; // empty if absent
};

// Any status is an answer. An error means there was none:
//   unavailable  no byte of the request left (DNS, connect, TLS): surely without effect
//   timed_out, interrupted  the request may have had its effect
//   rejected     public_only, and no public address there: no request was sent, nor a connection made for it
//   too_large    the answer exceeded max_answer_bytes
//   cancelled    the awaiting coroutine was cancelled
// Redirects are answers, not followed. Never throws.
class http_client {
public:
    virtual ~http_client() = default;
    virtual awaitable<result<http_answer>> perform(http_call call) = 0;
};

// `executor` must be the single-threaded event loop. `user_agent` is sent with every call. The client must
// outlive its calls.
std::unique_ptr<http_client> make_curl_client(boost::asio::any_io_executor executor, std::string user_agent);

} // namespace atende
