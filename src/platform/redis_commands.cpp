// What is built on a pipeline: single commands, scripts, addresses.
#include <openssl/sha.h>

#include <algorithm>
#include <atende/platform/crypto.hpp>
#include <atende/platform/redis_client.hpp>
#include <atende/platform/text.hpp>
#include <charconv>
#include <iterator>

namespace atende {
namespace {

redis_command script_command(script_call& call) {
    redis_command command;
    command.reserve(3 + call.keys.size() + call.arguments.size());
    command.emplace_back("EVALSHA");
    command.push_back(call.script->sha1());
    command.push_back(std::to_string(call.keys.size()));
    std::ranges::move(call.keys, std::back_inserter(command));
    std::ranges::move(call.arguments, std::back_inserter(command));
    return command;
}

redis_command sent_whole(redis_command command, const redis_script& script) {
    command[0] = "EVAL";
    command[1] = script.source();
    return command;
}

constexpr std::string_view replica_patience_ms =
    "100"; // nothing else is answered on the connection meanwhile

// WAIT is about the last write of this connection. Scripts that find everything done already write nothing,
// and what they found may be another connection's.
void wait_for_replicas(std::vector<redis_command>& after, int replicas) {
    if (replicas == 0) return;
    after.push_back({"SET", "atende:replicated", "1"});
    after.push_back({"WAIT", std::to_string(replicas), std::string(replica_patience_ms)});
}

bool is_unknown_script(const redis_reply& reply) {
    return reply.what == redis_reply::kind::error && reply.text.starts_with("NOSCRIPT");
}

constexpr std::size_t longest_socket_path = 107; // sockaddr_un's

bool parse_number(std::string_view text, int least, int most, int& out) {
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), out);
    return failed == std::errc{} && end == text.data() + text.size() && out >= least && out <= most;
}

} // namespace

redis_script::redis_script(std::string source) : source_(std::move(source)) {
    std::string digest(SHA_DIGEST_LENGTH, '\0');
    SHA1(reinterpret_cast<const unsigned char*>(source_.data()), source_.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
    sha1_ = to_hex(digest);
}

awaitable<result<redis_reply>> redis_client::command(redis_command command) {
    std::vector<redis_command> one;
    one.push_back(std::move(command));
    auto replies = co_await pipeline(one);
    if (!replies) co_return std::unexpected(std::move(replies.error()));
    redis_reply& reply = replies->front();
    if (reply.what == redis_reply::kind::error) co_return fail(errc::rejected, std::move(reply.text));
    co_return std::move(reply);
}

awaitable<result<std::vector<redis_reply>>> redis_client::eval_all(std::vector<script_call> calls,
                                                                   int replicas) {
    if (calls.empty()) co_return std::vector<redis_reply>{};
    std::vector<redis_command> commands;
    commands.reserve(calls.size() + 2);
    for (auto& call : calls) commands.push_back(script_command(call));
    wait_for_replicas(commands, replicas);
    auto replies = co_await pipeline(commands);
    if (!replies) co_return std::move(replies);
    std::int64_t replicated = replies->back().integer;
    replies->resize(calls.size());
    // An unknown script did nothing; those Redis knew have run and must not run again.
    std::vector<redis_command> unknown;
    for (std::size_t i = 0; i < calls.size(); ++i) {
        if (is_unknown_script((*replies)[i]))
            unknown.push_back(sent_whole(std::move(commands[i]), *calls[i].script));
    }
    if (!unknown.empty()) {
        wait_for_replicas(unknown, replicas);
        auto late = co_await pipeline(unknown);
        if (!late) co_return std::move(late);
        replicated = late->back().integer;
        auto next = late->begin();
        for (auto& reply : *replies) {
            if (is_unknown_script(reply)) reply = std::move(*next++);
        }
    }
    for (auto& reply : *replies) {
        if (reply.what == redis_reply::kind::error) co_return fail(errc::rejected, std::move(reply.text));
    }
    if (replicas > 0 && replicated < replicas)
        co_return fail(errc::interrupted, "too few replicas of Redis have it (REDIS_WAIT_REPLICAS)");
    co_return std::move(replies);
}

awaitable<result<redis_reply>> redis_client::eval(script_call call, int replicas) {
    std::vector<script_call> one;
    one.push_back(std::move(call));
    auto replies = co_await eval_all(std::move(one), replicas);
    if (!replies) co_return std::unexpected(std::move(replies.error()));
    co_return std::move(replies->front());
}

result<redis_address> parse_redis_url(std::string_view url) {
    redis_address address;
    if (url.starts_with("unix://")) {
        address.unix_socket = url.substr(7);
        if (address.unix_socket.empty() || address.unix_socket.size() > longest_socket_path)
            return fail(errc::invalid_input, "the path of unix:///path must be of 1 to 107 bytes");
        return address;
    }
    if (url.starts_with("rediss://")) {
        return fail(errc::invalid_input,
                    "TLS to Redis (rediss://) is not supported; use redis:// on a private "
                    "network or a local TLS tunnel");
    }
    if (!url.starts_with("redis://")) {
        return fail(errc::invalid_input, "it must begin with redis:// or unix:///");
    }
    url.remove_prefix(8);
    if (const std::size_t at = url.rfind('@'); at != std::string_view::npos) {
        const std::string_view login = url.substr(0, at);
        const std::size_t colon = login.find(':');
        if (colon == std::string_view::npos)
            return fail(errc::invalid_input, "user:password must stand before the @");
        address.username = percent_decoded(login.substr(0, colon));
        address.password = percent_decoded(login.substr(colon + 1));
        url.remove_prefix(at + 1);
    }
    if (const std::size_t slash = url.find('/'); slash != std::string_view::npos) {
        const std::string_view database = url.substr(slash + 1);
        if (!database.empty() && !parse_number(database, 0, 1'000'000, address.database)) {
            return fail(errc::invalid_input, "the database after the / must be a number");
        }
        url = url.substr(0, slash);
    }
    const bool bracketed = url.starts_with('[');
    const std::size_t host_end = bracketed ? url.find(']') : url.find(':');
    if (bracketed && host_end == std::string_view::npos)
        return fail(errc::invalid_input, "the [ of the host is not closed");
    address.host = bracketed ? url.substr(1, host_end - 1) : url.substr(0, host_end);
    const std::string_view rest =
        host_end == std::string_view::npos ? std::string_view{} : url.substr(host_end + (bracketed ? 1 : 0));
    if (!rest.empty() && (rest[0] != ':' || !parse_number(rest.substr(1), 1, 65'535, address.port))) {
        return fail(errc::invalid_input, "the port must be 1 to 65535");
    }
    if (address.host.empty()) return fail(errc::invalid_input, "the host is missing");
    return address;
}

} // namespace atende
