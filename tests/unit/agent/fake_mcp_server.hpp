// The other end of a server's pipes: answers by a script, line by line, and can say anything.
#pragma once

#include "agent/mcp/pipe_transport.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <deque>
#include <functional>
#include <istream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace atende::test {

class fake_mcp_server : public std::enable_shared_from_this<fake_mcp_server> {
public:
    using json = nlohmann::json;
    // Given the params; a null result means no answer.
    using answerer = std::function<json(const json& params)>;

    explicit fake_mcp_server(const asio::any_io_executor& executor) : in_(executor), out_(executor) {
        auto to = make_pipe(), from = make_pipe();
        in_.assign(to[0].release());
        out_.assign(from[1].release());
        to_server = std::move(to[1]);
        from_server = std::move(from[0]);
    }

    file_descriptor to_server, from_server;  // the client's ends
    std::map<std::string, answerer> answers; // by method; one that is missing is answered -32601
    std::vector<json> heard;
    bool ended = false; // the client closed our input

    void start() { read(); }
    void say(const json& message) { say_line(message.dump()); }
    void say_line(const std::string& line) {
        unsaid_.push_back(line + "\n");
        if (unsaid_.size() == 1) write();
    }
    void crash() {
        boost::system::error_code ignored;
        in_.close(ignored);
        out_.close(ignored);
    }
    [[nodiscard]] std::vector<std::string> methods() const {
        std::vector<std::string> all;
        for (const auto& message : heard) all.push_back(message.value("method", "(answer)"));
        return all;
    }
    [[nodiscard]] int count(const std::string& method) const {
        int times = 0;
        for (const auto& each : methods()) times += each == method ? 1 : 0;
        return times;
    }
    [[nodiscard]] const json* last(const std::string& method) const {
        const json* found = nullptr;
        for (const auto& message : heard) {
            if (message.value("method", "") == method) found = &message;
        }
        return found;
    }

private:
    static std::array<file_descriptor, 2> make_pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
        return {file_descriptor(ends[0]), file_descriptor(ends[1])};
    }

    void write() {
        asio::async_write(out_, asio::buffer(unsaid_.front()),
                          [self = shared_from_this()](boost::system::error_code failed, std::size_t) {
                              self->unsaid_.pop_front();
                              if (!failed && !self->unsaid_.empty()) self->write();
                          });
    }

    void read() {
        asio::async_read_until(in_, received_, '\n',
                               [self = shared_from_this()](boost::system::error_code failed, std::size_t) {
                                   if (failed) {
                                       self->ended = true;
                                       return self->crash();
                                   }
                                   std::string line;
                                   std::getline(std::istream(&self->received_), line);
                                   self->hear(json::parse(line));
                                   if (self->in_.is_open()) self->read();
                               });
    }

    void hear(const json& message) {
        heard.push_back(message);
        if (!message.contains("id") || !message.contains("method")) return;
        json reply{{"jsonrpc", "2.0"}, {"id", message["id"]}};
        const auto known = answers.find(message["method"]);
        if (known == answers.end()) {
            reply["error"] = {{"code", -32601}, {"message", "Method not found"}};
        } else {
            json result = known->second(message.value("params", json::object()));
            if (result.is_null()) return;
            reply["result"] = std::move(result);
        }
        say(reply);
    }

    asio::posix::stream_descriptor in_, out_;
    asio::streambuf received_;
    std::deque<std::string> unsaid_; // the first is being written
};

} // namespace atende::test
