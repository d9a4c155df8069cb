// The Redis that comes with the product: started, supervised and stopped by this process, reachable only
// through a socket in its own folder. Used when REDIS_URL is not set.
#pragma once

#include <atende/platform/async.hpp>
#include <atende/platform/redis_client.hpp>
#include <atende/platform/result.hpp>
#include <chrono>
#include <filesystem>
#include <memory>

namespace atende {

class private_redis {
public:
    virtual ~private_redis() = default;
    [[nodiscard]] virtual redis_address address() const = 0;
    // Asks Redis to write everything down and end; waits for it. Without this call it ends with the process
    // anyway.
    virtual awaitable<void> stop() = 0;
};

// Keeps its data in `folder` (created, mode 0700), with an append-only file fsynced before every answer: what
// was acknowledged survives a power cut. Starts the server again if it dies. Blocks for up to `patience`
// while another process is still using the folder. Errors: unavailable, with what to do about it.
result<std::unique_ptr<private_redis>>
start_private_redis(asio::any_io_executor executor, const std::filesystem::path& folder,
                    std::chrono::milliseconds patience = std::chrono::seconds(10));

} // namespace atende
