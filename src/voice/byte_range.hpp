// The Range header of a request for a file. https://www.rfc-editor.org/rfc/rfc9110#section-14
#pragma once

#include <cstddef>
#include <string_view>

namespace atende {

struct byte_range {
    enum class kind {
        whole,   // no range, one that is not understood, or several: all of it is sent
        part,    // `first`, `length`
        outside, // there is nothing of it
    };
    kind what = kind::whole;
    std::size_t first = 0;
    std::size_t length = 0;

    bool operator==(const byte_range&) const = default;
};

// Of a file of `size` bytes.
byte_range read_byte_range(std::string_view header, std::size_t size);

} // namespace atende
