// What is logged while it lives.
#pragma once

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <sstream>
#include <string>

namespace atende::test {

class captured_log {
public:
    captured_log() {
        auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text_);
        spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", std::move(sink)));
    }
    ~captured_log() { spdlog::set_default_logger(before_); }
    captured_log(const captured_log&) = delete;
    captured_log& operator=(const captured_log&) = delete;

    [[nodiscard]] std::string text() const { return text_.str(); }
    // Lines that contain it.
    [[nodiscard]] int lines_with(const std::string& what) const {
        std::istringstream lines(text());
        int found = 0;
        for (std::string line; std::getline(lines, line);) found += line.contains(what) ? 1 : 0;
        return found;
    }

private:
    std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
    std::ostringstream text_;
};

} // namespace atende::test
