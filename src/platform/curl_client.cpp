#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atende/platform/http_client.hpp>
#include <atende/platform/public_address.hpp>
#include <atende/platform/text.hpp>
#include <cassert>
#include <netdb.h>
#include <optional>
#include <unordered_map>

namespace atende {
namespace {

struct easy_deleter {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct list_deleter {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using easy_handle = std::unique_ptr<CURL, easy_deleter>;
using header_list = std::unique_ptr<curl_slist, list_deleter>;

// Everything curl points to while the call runs.
struct transfer {
    http_call call;
    easy_handle easy;
    header_list headers;
    http_answer answer;
    std::optional<asio::any_completion_handler<void(CURLcode)>> done;
    int times_on_wire = 0;
    std::size_t body_bytes = 0;
    std::chrono::steady_clock::time_point overdue_at; // of a body that is passed on as it arrives
    std::optional<asio::steady_timer> overdue;
    bool too_large = false;
    bool cancelled = false;
    bool not_public = false; // an address was refused
};

// One descriptor curl asked us to watch. Handlers hold it, because curl may drop it while they are queued.
struct watch {
    explicit watch(const asio::any_io_executor& executor) : descriptor(executor) {}
    asio::posix::stream_descriptor descriptor;
    curl_socket_t fd = -1;
    int wanted = 0;
    bool reading = false;
    bool writing = false;
    bool live = true;
};

bool is_success(CURL* easy) {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status >= 200 && status < 300;
}

std::size_t on_body(char* data, std::size_t, std::size_t count, void* context) noexcept {
    auto& t = *static_cast<transfer*>(context);
    t.body_bytes += count;
    if (t.body_bytes > t.call.max_answer_bytes) {
        t.too_large = true;
        return 0;
    }
    if (t.call.on_body && is_success(t.easy.get())) {
        t.overdue_at = std::chrono::steady_clock::now() + t.call.idle_timeout;
        t.call.on_body({data, count});
    } else {
        t.answer.body.append(data, count);
    }
    return count;
}

std::size_t on_header(char* data, std::size_t, std::size_t count, void* context) noexcept {
    auto& t = *static_cast<transfer*>(context);
    std::string_view line(data, count);
    if (line.starts_with("HTTP/")) {
        t.answer.headers.clear(); // the headers of an interim answer (100) are not the answer's
        return count;
    }
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || t.answer.headers.size() >= 100) return count;
    t.answer.headers.emplace_back(lower_case(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
    return count;
}

// The last step before connecting: what is vetted here is what is connected to.
curl_socket_t open_public_socket(void* context, curlsocktype, curl_sockaddr* to) noexcept {
    auto& t = *static_cast<transfer*>(context);
    std::array<char, NI_MAXHOST> numeric{};
    const int failed =
        ::getnameinfo(&to->addr, to->addrlen, numeric.data(), numeric.size(), nullptr, 0, NI_NUMERICHOST);
    if (failed != 0 || !is_public_address(numeric.data())) {
        t.not_public = true;
        return CURL_SOCKET_BAD;
    }
    return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

// Called right before a request is written. curl repeats a request by itself when a kept-alive connection
// turns out dead; a request that must not double is stopped here instead.
int before_request(void* context, char* peer, char*, int, int) noexcept {
    auto& t = *static_cast<transfer*>(context);
    // A kept-alive connection may have been opened for a call that was free to go anywhere.
    if (t.call.public_only && !is_public_address(peer)) {
        t.not_public = true;
        return CURL_PREREQFUNC_ABORT;
    }
    if (t.times_on_wire > 0 && !t.call.repeatable) return CURL_PREREQFUNC_ABORT;
    ++t.times_on_wire;
    return CURL_PREREQFUNC_OK;
}

result<http_answer> outcome_of(transfer& t, CURLcode code) {
    if (code == CURLE_OK) {
        long status = 0;
        curl_easy_getinfo(t.easy.get(), CURLINFO_RESPONSE_CODE, &status);
        t.answer.status = static_cast<int>(status);
        return std::move(t.answer);
    }
    const std::string what = curl_easy_strerror(code);
    if (t.too_large)
        return fail(errc::too_large, "answer over " + std::to_string(t.call.max_answer_bytes) + " bytes");
    if (t.cancelled) return fail(errc::cancelled, "cancelled");
    if (t.times_on_wire == 0 && t.not_public)
        return fail(errc::rejected, "the host is not on the public internet");
    if (t.times_on_wire == 0) return fail(errc::unavailable, what);
    if (code == CURLE_ABORTED_BY_CALLBACK) // before_request's doing
        return fail(errc::interrupted, "the kept-alive connection was closed; not repeated");
    if (code == CURLE_OPERATION_TIMEDOUT) return fail(errc::timed_out, what);
    return fail(errc::interrupted, what);
}

class curl_client final : public http_client {
public:
    curl_client(asio::any_io_executor executor, std::string user_agent)
        : executor_(std::move(executor)),
          timer_(executor_),
          user_agent_(std::move(user_agent)),
          alive_(std::make_shared<char>()) {
        static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
        assert(ready == CURLE_OK);
        multi_ = curl_multi_init();
        curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &curl_client::on_socket);
        curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
        curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &curl_client::on_timer);
        curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
        // As many as may be in use at once: what does not fit is closed after use and connected anew.
        curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, 8'192L);
        curl_multi_setopt(multi_, CURLMOPT_MAX_CONCURRENT_STREAMS, 1'000L);
    }

    curl_client(const curl_client&) = delete;
    curl_client& operator=(const curl_client&) = delete;

    ~curl_client() override {
        assert(live_.empty());
        alive_.reset();
        timer_.cancel();
        idle_.clear();
        curl_multi_cleanup(multi_); // still calls on_socket for cached connections
        for (auto& [fd, w] : watches_) {
            w->live = false;
            w->descriptor.release();
        }
    }

private:
    auto start(const std::shared_ptr<transfer>& t) {
        auto initiate = [this](auto handler, std::shared_ptr<transfer> running) {
            // Never assigned: Boost 1.81 recurses for ever. It takes the handler's cancellation slot for
            // itself and offers one of its own, so ours is set on that.
            running->done.emplace(std::move(handler));
            if (auto slot = asio::get_associated_cancellation_slot(*running->done); slot.is_connected()) {
                // Weak: the slot keeps this handler after the call has ended.
                slot.assign([this, weak = std::weak_ptr(running)](asio::cancellation_type) {
                    const auto cancelled = weak.lock();
                    if (!cancelled || !cancelled->done) return;
                    cancelled->cancelled = true;
                    finish(*cancelled, CURLE_ABORTED_BY_CALLBACK);
                });
            }
            CURL* easy = running->easy.get();
            live_.emplace(easy, std::move(running));
            curl_multi_add_handle(multi_, easy);
        };
        return asio::async_initiate<const asio::use_awaitable_t<>, void(CURLcode)>(std::move(initiate),
                                                                                   use_awaitable, t);
    }

    awaitable<result<http_answer>> perform(http_call call) override {
        auto t = std::make_shared<transfer>();
        t->call = std::move(call);
        t->easy = take_handle();
        prepare(*t);
        if (t->call.on_body) {
            t->overdue_at = std::chrono::steady_clock::now() + t->call.timeout;
            t->overdue.emplace(executor_);
            await_overdue(t);
        }
        const CURLcode code = co_await start(t);
        if (t->overdue) t->overdue->cancel();
        auto outcome = outcome_of(*t, code);
        return_handle(std::move(t->easy));
        co_return outcome;
    }

    // Arrivals only move the time; the timer looks at it now and then.
    void await_overdue(const std::shared_ptr<transfer>& t) {
        t->overdue->expires_after(std::min(t->call.timeout, t->call.idle_timeout) / 4);
        t->overdue->async_wait([this, weak = std::weak_ptr(t)](boost::system::error_code stopped) {
            const auto running = weak.lock();
            if (stopped || !running || !running->done) return;
            if (std::chrono::steady_clock::now() < running->overdue_at) return await_overdue(running);
            finish(*running, CURLE_OPERATION_TIMEDOUT);
        });
    }

    easy_handle take_handle() {
        if (idle_.empty()) return easy_handle(curl_easy_init());
        easy_handle easy = std::move(idle_.back());
        idle_.pop_back();
        return easy;
    }

    void return_handle(easy_handle easy) {
        if (idle_.size() >= 64) return;
        curl_easy_reset(easy.get());
        idle_.push_back(std::move(easy));
    }

    void prepare(transfer& t) {
        CURL* easy = t.easy.get();
        const http_call& call = t.call;
        curl_easy_setopt(easy, CURLOPT_URL, call.url.c_str());
        curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
        // Wait for the handshake of a first connection to share it. Without TLS there is none, and curl would
        // wait for the first whole answer.
        curl_easy_setopt(easy, CURLOPT_PIPEWAIT, call.url.starts_with("https:") ? 1L : 0L);
        curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
        // Answers are a few kilobytes, and thousands of calls may wait for theirs at once.
        curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 2L << 10);
        curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, 16L << 10);
        curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, 55L);
        curl_easy_setopt(easy, CURLOPT_USERAGENT, user_agent_.c_str());
        curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(call.connect_timeout.count()));
        const auto limit = call.on_body ? std::chrono::milliseconds(0) : call.timeout; // 0: see await_overdue
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(limit.count()));
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &on_body);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &t);
        curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &on_header);
        curl_easy_setopt(easy, CURLOPT_HEADERDATA, &t);
        curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &before_request);
        curl_easy_setopt(easy, CURLOPT_PREREQDATA, &t);
        curl_easy_setopt(easy, CURLOPT_PRIVATE, &t);
        if (call.public_only) {
            curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &open_public_socket);
            curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &t);
        }
        for (const auto& [name, value] : call.headers) add_header(t, name + ": " + value);
        if (call.method == "GET") return;
        add_header(t, "Expect:");
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call.body.data());
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call.method.c_str());
    }

    static void add_header(transfer& t, const std::string& line) {
        curl_slist* longer = curl_slist_append(t.headers.get(), line.c_str());
        (void)t.headers.release(); // append returns the same list, or its first node
        t.headers.reset(longer);
        curl_easy_setopt(t.easy.get(), CURLOPT_HTTPHEADER, longer);
    }

    static int on_socket(CURL*, curl_socket_t fd, int what, void* context, void*) noexcept {
        auto& self = *static_cast<curl_client*>(context);
        auto found = self.watches_.find(fd);
        if (what == CURL_POLL_REMOVE) {
            if (found == self.watches_.end()) return 0;
            const auto gone = std::move(found->second);
            self.watches_.erase(found);
            gone->live = false;
            gone->descriptor.release(); // leaves epoll; curl owns and closes the descriptor
            return 0;
        }
        if (found == self.watches_.end()) {
            auto fresh = std::make_shared<watch>(self.executor_);
            boost::system::error_code failed;
            fresh->descriptor.assign(fd, failed);
            if (failed) return -1;
            fresh->fd = fd;
            found = self.watches_.emplace(fd, std::move(fresh)).first;
        }
        found->second->wanted = what;
        self.arm(found->second);
        return 0;
    }

    static int on_timer(CURLM*, long ms, void* context) noexcept {
        auto& self = *static_cast<curl_client*>(context);
        if (ms < 0) {
            self.timer_.cancel();
            return 0;
        }
        // Zero is queued too: calling curl from its own callback is forbidden.
        if (ms == 0) {
            self.timer_.cancel();
            asio::post(self.executor_, [&self, alive = std::weak_ptr(self.alive_)] {
                if (!alive.expired()) self.kick(CURL_SOCKET_TIMEOUT, 0);
            });
            return 0;
        }
        self.timer_.expires_after(std::chrono::milliseconds(ms));
        self.timer_.async_wait([&self, alive = std::weak_ptr(self.alive_)](boost::system::error_code failed) {
            if (!failed && !alive.expired()) self.kick(CURL_SOCKET_TIMEOUT, 0);
        });
        return 0;
    }

    void arm(const std::shared_ptr<watch>& w) {
        using wait = asio::posix::descriptor_base;
        if ((w->wanted & CURL_POLL_IN) != 0 && !w->reading) {
            w->reading = true;
            w->descriptor.async_wait(wait::wait_read, [this, w](boost::system::error_code failed) {
                w->reading = false;
                ready(w, CURL_POLL_IN, CURL_CSELECT_IN, failed);
            });
        }
        if ((w->wanted & CURL_POLL_OUT) != 0 && !w->writing) {
            w->writing = true;
            w->descriptor.async_wait(wait::wait_write, [this, w](boost::system::error_code failed) {
                w->writing = false;
                ready(w, CURL_POLL_OUT, CURL_CSELECT_OUT, failed);
            });
        }
    }

    void ready(const std::shared_ptr<watch>& w, int direction, int flag, boost::system::error_code failed) {
        if (!w->live || failed == asio::error::operation_aborted)
            return; // `this` may be gone: look at w first
        if ((w->wanted & direction) != 0) kick(w->fd, failed ? CURL_CSELECT_ERR : flag);
        if (w->live) arm(w);
    }

    void kick(curl_socket_t fd, int flags) {
        int running = 0;
        curl_multi_socket_action(multi_, fd, flags, &running);
        int left = 0;
        while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            CURL* easy = message->easy_handle; // the message dies when the handle is removed
            const CURLcode code = message->data.result;
            if (auto it = live_.find(easy); it != live_.end()) finish(*it->second, code);
        }
    }

    void finish(transfer& t, CURLcode code) {
        curl_multi_remove_handle(multi_, t.easy.get());
        auto handler = *std::move(t.done);
        t.done.reset();
        // Posted: the resumed coroutine may start new transfers, which must not happen inside curl's own
        // loop.
        asio::post(executor_, [handler = std::move(handler), code]() mutable { std::move(handler)(code); });
        live_.erase(t.easy.get());
    }

    asio::any_io_executor executor_;
    asio::steady_timer timer_;
    std::string user_agent_;
    CURLM* multi_ = nullptr;
    std::unordered_map<curl_socket_t, std::shared_ptr<watch>> watches_;
    std::unordered_map<CURL*, std::shared_ptr<transfer>> live_;
    std::vector<easy_handle> idle_;
    std::shared_ptr<char> alive_;
};

} // namespace

std::string_view http_answer::header(std::string_view lower_case_name) const {
    for (const auto& [name, value] : headers) {
        if (name == lower_case_name) return value;
    }
    return {};
}

std::unique_ptr<http_client> make_curl_client(asio::any_io_executor executor, std::string user_agent) {
    return std::make_unique<curl_client>(std::move(executor), std::move(user_agent));
}

} // namespace atende
