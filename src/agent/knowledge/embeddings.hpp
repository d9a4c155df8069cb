// POST /embeddings of OpenAI and of servers that speak like it.
// https://platform.openai.com/docs/api-reference/embeddings/create
#pragma once

#include <atende/agent/knowledge.hpp>
#include <atende/platform/http_client.hpp>
#include <atende/platform/result.hpp>
#include <chrono>
#include <string>
#include <vector>

namespace atende {

using vector_of_text = std::vector<float>;

// One vector for each of `texts`, in their order, all of one length. No retries. Errors: those of
// http_client; rejected when the server refuses the request itself, unavailable when it does so for now,
// protocol for an answer that is none. `pool` reads the answer, which may be large.
awaitable<result<std::vector<vector_of_text>>> embed(http_client& http, asio::thread_pool& pool,
                                                     const embeddings_settings& settings,
                                                     std::vector<std::string> texts,
                                                     std::chrono::milliseconds deadline);

} // namespace atende
