// Voice notes recorded on the page, kept as Meta keeps attachments: whoever has the link can fetch the file.
// In memory, bounded.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace atende {

struct recording {
    std::string id; // unguessable
    std::string message_id;
    std::string content_type;
    std::string bytes;
};

class recordings {
public:
    explicit recordings(std::size_t most_bytes = std::size_t(32) << 20) : most_bytes_(most_bytes) {}

    // The id. The oldest go when there is no room.
    std::string add(std::string message_id, std::string content_type, std::string bytes);
    // Null: never there, or gone. Until the next change.
    [[nodiscard]] const recording* find(std::string_view id) const;
    void remove(std::string_view message_id);

private:
    std::size_t most_bytes_;
    std::size_t bytes_ = 0;
    std::deque<recording> all_; // oldest first
};

} // namespace atende
