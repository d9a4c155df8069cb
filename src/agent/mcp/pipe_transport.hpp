// MCP over two pipes, a message a line.
// https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio
#pragma once

#include "agent/mcp/child_process.hpp"
#include "agent/mcp/transport.hpp"

#include <atende/platform/file_descriptor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace atende {

// Cuts a stream into lines; what is longer than `most` bytes is dropped whole.
class line_splitter {
public:
    explicit line_splitter(std::size_t most) : most_(most) {}

    // `on_line` gets each line that is complete now, without its end; `on_oversize` is called for one
    // dropped.
    void feed(std::string_view bytes, const std::function<void(std::string_view)>& on_line,
              const std::function<void()>& on_oversize);

private:
    std::size_t most_;
    std::string begun_;
    bool dropping_ = false;
};

// `server` is its name in the log, `tasks` runs what reads and writes. Without a `process` there is only the
// other end of the pipes.
std::shared_ptr<mcp_transport> make_pipe_transport(std::string server, task_group& tasks,
                                                   asio::any_io_executor executor, file_descriptor to_server,
                                                   file_descriptor from_server,
                                                   std::unique_ptr<child_process> process,
                                                   notification_sink notified);

// Lines of `errors` into the log, at debug: a server's own log, which may hold anything.
awaitable<void> log_lines(std::string server, file_descriptor errors);

} // namespace atende
