// What an answer of Meta's Graph API, or the lack of one, means for the message that was sent.
// https://developers.facebook.com/documentation/business-messaging/messenger-platform/error-codes
#pragma once

#include <atende/conversation/reply.hpp>
#include <atende/platform/http_client.hpp>
#include <atende/platform/result.hpp>

namespace atende {

// The answer to a POST of a message. Graph's own error text is never part of the reason: it can quote the
// token.
send_outcome classify_graph_answer(const http_answer& answer);

// The call that got no answer.
send_outcome classify_graph_failure(const error& failure);

} // namespace atende
