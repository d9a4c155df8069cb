// One pipelined connection to Redis that reconnects by itself. Lives on the event loop's thread.
#pragma once

#include <atende/platform/async.hpp>
#include <atende/platform/result.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

struct redis_reply {
    enum class kind { nil, integer, text, array, error };
    kind what = kind::nil;
    std::int64_t integer = 0;
    std::string text; // binary safe; also status lines and error messages
    std::vector<redis_reply> items;
};

using redis_command = std::vector<std::string>;

// A Lua script, called by its SHA-1 and sent whole whenever Redis does not know it.
class redis_script {
public:
    explicit redis_script(std::string source);
    [[nodiscard]] const std::string& source() const { return source_; }
    [[nodiscard]] const std::string& sha1() const { return sha1_; }

private:
    std::string source_;
    std::string sha1_;
};

struct script_call {
    const redis_script* script = nullptr;
    std::vector<std::string> keys;
    std::vector<std::string> arguments;
};

class redis_client {
public:
    virtual ~redis_client() = default;

    // All commands leave in one write, in order; replies come in the same order. An error reply to one of
    // them is an element of kind error, not a failure of the whole. Failures of the whole: unavailable (not
    // connected: surely not executed), interrupted or timed_out (unknown what was executed). Never throws.
    // Not cancellable; bounded by the client's command timeout. `commands` must live until it has ended.
    virtual awaitable<result<std::vector<redis_reply>>>
    pipeline(const std::vector<redis_command>& commands) = 0;
    [[nodiscard]] virtual bool connected() const = 0;

    // One command. Errors: those of pipeline(), and rejected when Redis answered an error (`detail` is its
    // message).
    awaitable<result<redis_reply>> command(redis_command command);
    // Scripts, in order, in one round trip unless Redis has forgotten them. Errors as command(); rejected if
    // any failed. With `replicas`, what they wrote, or an earlier call had written before they ran, is on so
    // many of Redis's replicas; otherwise interrupted: it may be lost with the primary.
    awaitable<result<std::vector<redis_reply>>> eval_all(std::vector<script_call> calls, int replicas = 0);
    awaitable<result<redis_reply>> eval(script_call call, int replicas = 0);
};

struct redis_address {
    std::string host; // numeric or a name, resolved off the loop; unused when unix_socket is set
    int port = 6379;
    std::string unix_socket;
    std::string username;
    std::string password;
    int database = 0;
};

// redis://[[user]:password@]host[:port][/db] or unix:///path/to.sock; errors say what is wrong with the URL.
result<redis_address> parse_redis_url(std::string_view url);

// Connects in the background at once and keeps trying with jittered backoff; each address of a name has 3 s
// to answer before the next one is tried. A command without an answer within `command_timeout` breaks the
// connection: everything behind it in the pipeline is stuck too.
std::unique_ptr<redis_client> make_redis_client(asio::any_io_executor executor, redis_address address,
                                                std::chrono::milliseconds command_timeout);

} // namespace atende
