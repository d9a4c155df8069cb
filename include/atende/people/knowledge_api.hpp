// What an operator asks of the shop's knowledge:
//   POST /reload-context      reads the folders again; 422 with every problem, what was known stays
//   GET /context/preview?n=   the first n characters of all that was read (1,000)
//   GET /context/preview?q=   the passages that a customer's question would be answered with
//   GET /admin/api/faq        the fixed answers, and how often each was given
// The same who may use the rest of /admin/api. The first three may stand open to ADMIN_ALLOW where there is
// no token: for trying things out at one's desk.
#pragma once

#include <atende/agent/faq_counts.hpp>
#include <atende/agent/knowledge.hpp>
#include <atende/platform/http_server.hpp>
#include <atende/platform/token_gate.hpp>

namespace atende {

class knowledge_api {
public:
    // All outlive the API.
    knowledge_api(token_gate& gate, bool open_without_token, knowledge_base& knowledge, faq_counts& counts);

    void add_routes(http_server& server);

private:
    using action = awaitable<http_reply> (knowledge_api::*)(http_request);
    void add(http_server& server, std::string method, std::string path, bool open_without_token, action act);
    awaitable<http_reply> guarded(http_request request, bool open_without_token, action act);
    awaitable<http_reply> reload(http_request request);
    awaitable<http_reply> preview(http_request request);
    awaitable<http_reply> faq(http_request request);

    token_gate& gate_;
    bool open_without_token_;
    knowledge_base& knowledge_;
    faq_counts& counts_;
};

} // namespace atende
