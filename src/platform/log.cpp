#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>
#include <unistd.h>

#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>

namespace atende {
namespace {

std::function<void(std::function<void()>)>& deferrer() {
    static std::function<void(std::function<void()>)> defer;
    return defer;
}

// spdlog's own stdout sink flushes every line: one system call each, which costs more than handling a
// webhook.
class batching_stdout_sink final : public spdlog::sinks::base_sink<std::mutex> {
protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        spdlog::memory_buf_t line;
        formatter_->format(message, line);
        pending_.append(line.data(), line.size());
        if (!deferrer() || message.level >= spdlog::level::warn || pending_.size() > 64 << 10) {
            flush_();
        } else if (!flush_is_due_) {
            flush_is_due_ = true;
            deferrer()([this] { flush(); });
        }
    }

    void flush_() override {
        flush_is_due_ = false;
        std::string_view rest = pending_;
        while (!rest.empty()) {
            const ssize_t written = ::write(STDOUT_FILENO, rest.data(), rest.size());
            if (written <= 0)
                break; // nobody reads our output any more: losing log lines must not stop the service
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
        pending_.clear();
    }

private:
    std::string pending_;
    bool flush_is_due_ = false;
};

class json_formatter final : public spdlog::formatter {
public:
    void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
        const auto ms =
            std::chrono::duration_cast<std::chrono::milliseconds>(message.time.time_since_epoch()).count();
        std::string line = fmt::format(R"({{"time_ms":{},"level":"{}","message":")", ms,
                                       spdlog::level::to_string_view(message.level));
        append_json_escaped(line, std::string_view(message.payload.data(), message.payload.size()));
        line += "\"}\n";
        out.append(line.data(), line.data() + line.size());
    }
    [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<json_formatter>();
    }
};

bool is_harmless(UChar32 c) {
    if (c < 0x20 || c == 0x7F || (c >= 0x80 && c < 0xA0)) return false;
    const bool reorders = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E ||
                          c == 0x200F || c == 0x61C;
    return !reorders && c != 0x2028 && c != 0x2029;
}

} // namespace

void start_log(spdlog::level::level_enum level, log_format format) {
    auto logger = std::make_shared<spdlog::logger>("atende", std::make_shared<batching_stdout_sink>());
    if (format == log_format::json) {
        logger->set_formatter(std::make_unique<json_formatter>());
    } else {
        logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    }
    logger->set_level(level);
    spdlog::set_default_logger(std::move(logger));
}

void flush_log_with(std::function<void(std::function<void()>)> defer) {
    spdlog::default_logger()->flush();
    deferrer() = std::move(defer);
}

std::string printable(std::string_view text, std::size_t limit) {
    std::string out;
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const auto length = static_cast<std::int64_t>(text.size());
    std::int64_t at = 0;
    while (at < length) {
        const std::int64_t start = at;
        UChar32 c = 0;
        U8_NEXT(bytes, at, length, c);
        std::string piece(text.substr(static_cast<std::size_t>(start), static_cast<std::size_t>(at - start)));
        if (c < 0) {
            piece = fmt::format("\\x{:02x}", bytes[start]);
            at = start + 1;
        } else if (!is_harmless(c)) {
            piece = fmt::format("\\u{{{:x}}}", static_cast<unsigned>(c));
        }
        if (out.size() + piece.size() > limit) return out + "…";
        out += piece;
    }
    return out;
}

} // namespace atende
