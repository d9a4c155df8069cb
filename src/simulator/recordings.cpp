#include "simulator/recordings.hpp"

#include <algorithm>
#include <atende/platform/crypto.hpp>

namespace atende {

std::string recordings::add(std::string message_id, std::string content_type, std::string bytes) {
    bytes_ += bytes.size();
    while (bytes_ > most_bytes_ && !all_.empty()) {
        bytes_ -= all_.front().bytes.size();
        all_.pop_front();
    }
    all_.push_back({.id = random_token(),
                    .message_id = std::move(message_id),
                    .content_type = std::move(content_type),
                    .bytes = std::move(bytes)});
    return all_.back().id;
}

const recording* recordings::find(std::string_view id) const {
    const auto found = std::ranges::find(all_, id, &recording::id);
    return found == all_.end() ? nullptr : &*found;
}

void recordings::remove(std::string_view message_id) {
    const auto found = std::ranges::find(all_, message_id, &recording::message_id);
    if (found == all_.end()) return;
    bytes_ -= found->bytes.size();
    all_.erase(found);
}

} // namespace atende
