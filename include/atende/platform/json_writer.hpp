// Writes one JSON object straight into a string, where a DOM would cost more than the rest of the work. Keys
// are literals of ours and are not escaped; values must be valid UTF-8.
#pragma once

#include <array>
#include <atende/platform/text.hpp>
#include <charconv>
#include <concepts>
#include <string>
#include <string_view>

namespace atende {

class json_writer {
public:
    // Appends to `out`, which must outlive the writer.
    explicit json_writer(std::string& out) : out_(out) { out_ += '{'; }

    void text(std::string_view key, std::string_view value) {
        start(key);
        out_ += '"';
        append_json_escaped(out_, value);
        out_ += '"';
    }
    // Left out when empty.
    void optional_text(std::string_view key, std::string_view value) {
        if (!value.empty()) text(key, value);
    }
    template <class Number>
        requires std::integral<Number> || std::floating_point<Number>
    void number(std::string_view key, Number value) {
        start(key);
        std::array<char, 32> digits{};
        const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
        out_.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
    }
    // Left out when false.
    void optional_flag(std::string_view key, bool value) {
        if (value) raw(key, "true");
    }
    // `value` is JSON already.
    void raw(std::string_view key, std::string_view value) {
        start(key);
        out_ += value;
    }
    // The elements of an array: `write` appends one.
    template <class List, class Write>
    void list(std::string_view key, const List& elements, Write write) {
        start(key);
        out_ += '[';
        for (const auto& element : elements) {
            if (out_.back() != '[') out_ += ',';
            write(out_, element);
        }
        out_ += ']';
    }
    void end() { out_ += '}'; }

private:
    void start(std::string_view key) {
        if (out_.back() != '{') out_ += ',';
        out_.append("\"").append(key).append("\":");
    }

    std::string& out_;
};

} // namespace atende
