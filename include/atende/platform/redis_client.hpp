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

// A Lua script, called by its SHA-1 and loaded again whenever Redis has forgotten it.
class redis_script {
public:
    explicit redis_script(std::string_view source);
    [[nodiscard]] std::string_view source() const { return source_; }
    [[nodiscard]] const std::string& sha1() const { return sha1_; }

private:
    std::string_view source_;
    std::string sha1_;
};

using redis_command = std::vector<std::string>;

class redis_client {
public:
    virtual ~redis_client() = default;

    // Errors: unavailable (not connected: surely not executed), interrupted or timed_out (unknown whether executed),
    // rejected (Redis answered an error; `detail` is its message). Never throws.
    virtual awaitable<result<redis_reply>> command(redis_command command) = 0;

    // All commands leave in one write, in order; replies come in the same order. An error reply to one of them is an
    // element of kind error, not a failure of the whole.
    virtual awaitable<result<std::vector<redis_reply>>> pipeline(std::vector<redis_command> commands) = 0;

    // EVALSHA, falling back to EVAL when the server does not know the script. `keys_and_arguments` starts with the
    // `key_count` keys.
    virtual awaitable<result<redis_reply>> eval(const redis_script& script, std::size_t key_count,
                                                std::vector<std::string> keys_and_arguments) = 0;

    [[nodiscard]] virtual bool connected() const = 0;
};

struct redis_address {
    std::string host; // numeric or a name, resolved off the loop; unused when unix_socket is set
    int port = 6379;
    std::string unix_socket;
    std::string username;
    std::string password;
    int database = 0;
};

// redis://[user[:password]@]host[:port][/db] or unix:///path/to.sock; errors name what is wrong with the URL.
result<redis_address> parse_redis_url(std::string_view url);

// Connects in the background at once and keeps trying with jittered backoff. `command_timeout` bounds every command.
std::unique_ptr<redis_client> make_redis_client(asio::any_io_executor executor, redis_address address,
                                                std::chrono::milliseconds command_timeout);

} // namespace atende
