// A real redis-server for tests: unix socket in a folder of its own, nothing kept on disk.
#pragma once

#include "support/scratch_folder.hpp"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atende/platform/redis_client.hpp>
#include <chrono>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace atende::test {

class redis_server {
public:
    explicit redis_server(std::vector<std::string> options = {}) : options_(std::move(options)) { start(); }
    redis_server(const redis_server&) = delete;
    redis_server& operator=(const redis_server&) = delete;
    ~redis_server() { kill(); }

    [[nodiscard]] redis_address address() const {
        redis_address at;
        at.unix_socket = socket_path();
        return at;
    }

    // At once, without a word to its clients. Everything in it is lost.
    void kill() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        process_ = -1;
    }

    // It stays connected and does nothing, until it goes on.
    void pause() { ::kill(process_, SIGSTOP); }
    void resume() { ::kill(process_, SIGCONT); }

    void start() {
        ::unlink(socket_path().c_str());
        std::vector<std::string> words{"redis-server",          "--port",    "0",        "--unixsocket",
                                       socket_path(),           "--save",    "",         "--dir",
                                       folder_.path().string(), "--logfile", "redis.log"};
        words.insert(words.end(), options_.begin(), options_.end());
        std::vector<char*> arguments;
        for (auto& word : words) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        process_ = ::fork();
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::execvp(arguments[0], arguments.data());
            ::_exit(127);
        }
        wait_until_it_listens();
    }

private:
    [[nodiscard]] std::string socket_path() const { return folder_.path().string() + "/redis.sock"; }

    void wait_until_it_listens() const {
        sockaddr_un at{};
        at.sun_family = AF_UNIX;
        std::strncpy(at.sun_path, socket_path().c_str(), sizeof(at.sun_path) - 1);
        for (int tries = 0; tries < 2'000; ++tries) {
            const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
            const bool listens = ::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof(at)) == 0;
            ::close(fd);
            if (listens) return;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        throw std::runtime_error("redis-server does not start; is it installed?");
    }

    scratch_folder folder_;
    std::vector<std::string> options_;
    pid_t process_ = -1;
};

// One for all tests of the program that do not harm it.
inline redis_server& shared_redis_server() {
    static redis_server server;
    return server;
}

} // namespace atende::test
