// Meta's webhook JSON, read into our own events.
// https://developers.facebook.com/docs/instagram-platform/webhooks/examples
#pragma once

#include <atende/conversation/event.hpp>
#include <atende/platform/result.hpp>
#include <memory>
#include <string_view>
#include <vector>

namespace atende {

// Keeps its parsing memory from call to call; one thread only.
class instagram_parser {
public:
    instagram_parser();
    ~instagram_parser();
    instagram_parser(instagram_parser&&) noexcept;
    instagram_parser& operator=(instagram_parser&&) noexcept;

    // The events of one POST, in the order written. `body` must already have passed signature_verifier.
    //
    // Each event is read on its own: one that makes no sense becomes an unknown_event and costs its
    // neighbours nothing. Only a body that is not a webhook at all fails, with invalid_input naming the
    // field: broken JSON or UTF-8, nesting over 32 levels, a key twice in one object, strings over 256 KB,
    // arrays over 10,000 elements, objects over 1,000 keys, an `object` that is neither "instagram" nor
    // "page", no `entry` array.
    //
    // The account is the recipient, or the sender of an echo; the entry's id only stands in where those are
    // missing, because for some kinds of login and event it names somebody else.
    result<std::vector<event>> parse(std::string_view body);

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace atende
