// Scripts answer lists of known shape; anything else is a protocol error, never undefined behaviour.
#pragma once

#include <algorithm>
#include <atende/turns/turn_store.hpp>
#include <string>
#include <string_view>

namespace atende {

// A list of texts, each moved into it: a braced list would copy them.
template <class... Text>
std::vector<std::string> list_of(Text&&... texts) {
    std::vector<std::string> list;
    list.reserve(sizeof...(texts));
    (list.emplace_back(std::forward<Text>(texts)), ...);
    return list;
}

inline std::string text(std::int64_t number) {
    return std::to_string(number);
}
inline std::string text(milliseconds time) {
    return std::to_string(time.count());
}

inline const redis_reply& item(const redis_reply& reply, std::size_t index) {
    static const redis_reply nothing;
    return index < reply.items.size() ? reply.items[index] : nothing;
}

inline std::string_view verdict_of(const redis_reply& reply) {
    return reply.what == redis_reply::kind::text ? std::string_view(reply.text)
                                                 : std::string_view(item(reply, 0).text);
}

// From Redis's now, at `index` + 1, to a time at `index`.
inline milliseconds time_until(const redis_reply& reply, std::size_t index) {
    return milliseconds(
        std::max<std::int64_t>(item(reply, index).integer - item(reply, index + 1).integer, 0));
}

} // namespace atende
