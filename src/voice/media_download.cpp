#include <fmt/format.h>

#include <algorithm>
#include <atende/platform/log.hpp>
#include <atende/voice/media_download.hpp>
#include <string_view>

namespace atende {
namespace {

using steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int most_redirects = 3;
constexpr int most_tries = 3;
constexpr milliseconds first_pause{300};
constexpr milliseconds connect_timeout{3'000};

struct destination {
    bool of_platform = false;
    bool public_only = true;
};

bool is_below(std::string_view host, std::string_view domain) {
    return host == domain || (host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.');
}

bool is_ours(std::string_view url, std::string_view folder) {
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    };
    return url.starts_with(folder) && url.size() > folder.size() &&
           std::ranges::all_of(url.substr(folder.size()), is_plain);
}

result<destination> vetted(const media_source& from, const std::string& url) {
    if (!from.only_below.empty()) {
        if (is_ours(url, from.only_below)) return destination{.of_platform = false, .public_only = false};
        return fail(errc::rejected, "a simulated customer's link leads out of the simulator");
    }
    const auto where = parse_http_url(url);
    if (!where) return fail(errc::rejected, "the link is no good: expected " + where.error().detail);
    const bool allowed = from.allowed_hosts.contains(*where);
    const bool of_platform = where->scheme == "https" && where->port == 443 &&
                             std::ranges::any_of(from.platform_domains, [&](const std::string& domain) {
                                 return is_below(where->host, domain);
                             });
    if (allowed || of_platform) return destination{.of_platform = of_platform, .public_only = !allowed};
    return fail(errc::rejected, fmt::format("{}://{}:{} is neither the platform's nor in MEDIA_ALLOWED_HOSTS",
                                            where->scheme, printable(where->host), where->port));
}

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

result<std::string> file_of(http_answer answer) {
    const int status = answer.status;
    if (status == 200 && answer.body.empty()) return fail(errc::invalid_input, "the file is empty");
    if (status == 200) return std::move(answer.body);
    const bool for_now = status == 408 || status == 429 || status >= 500;
    auto why = for_now ? errc::unavailable : errc::invalid_input;
    if (status == 401 || status == 403) why = errc::rejected;
    return fail(why, fmt::format("HTTP {}", status));
}

class download {
public:
    download(http_client& http, media_source from, download_limits limits)
        : http_(http),
          from_(std::move(from)),
          bytes_(limits.bytes),
          deadline_(steady::now() + limits.time) {}

    awaitable<result<std::string>> run(std::string url) {
        for (int tries = 1;; ++tries) {
            auto file = co_await follow(url);
            const bool may_help =
                !file && (file.error().code == errc::unavailable || file.error().code == errc::interrupted);
            const auto pause = first_pause * (1 << (tries - 1));
            if (!may_help || tries == most_tries || steady::now() + pause >= deadline_) co_return file;
            co_await sleep_for(pause);
        }
    }

private:
    awaitable<result<std::string>> follow(std::string url) {
        for (int redirects = 0;; ++redirects) {
            const auto leads = vetted(from_, url);
            if (!leads) co_return std::unexpected(leads.error());
            auto answer = co_await get(url, *leads, false);
            // Some signed links refuse a token, so it is not the first try.
            const bool wants_token = answer && (answer->status == 401 || answer->status == 403);
            if (wants_token && leads->of_platform && !from_.access_token.empty())
                answer = co_await get(url, *leads, true);
            if (!answer) co_return std::unexpected(std::move(answer.error()));
            if (!is_redirect(answer->status)) co_return file_of(*std::move(answer));
            if (redirects == most_redirects)
                co_return fail(errc::rejected, fmt::format("more than {} redirects", most_redirects));
            auto next = redirect_target(url, std::string(answer->header("location")));
            if (!next) co_return fail(errc::rejected, "a redirect that leads nowhere");
            url = *std::move(next);
        }
    }

    awaitable<result<http_answer>> get(const std::string& url, const destination& to, bool with_token) {
        const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - steady::now());
        if (left.count() <= 0) co_return fail(errc::timed_out, "the file did not come in time");
        http_call call{.url = url,
                       .connect_timeout = std::min(left, connect_timeout),
                       .timeout = left,
                       .max_answer_bytes = bytes_,
                       .public_only = to.public_only};
        if (with_token) call.headers.emplace_back("Authorization", "Bearer " + from_.access_token);
        co_return co_await http_.perform(std::move(call));
    }

    http_client& http_;
    media_source from_;
    std::size_t bytes_;
    steady::time_point deadline_;
};

} // namespace

std::vector<std::string> instagram_media_domains() {
    return {"fbsbx.com", "fbcdn.net", "cdninstagram.com"};
}

awaitable<result<std::string>> download_media(http_client& http, media_source from, std::string url,
                                              download_limits limits) {
    download one(http, std::move(from), limits);
    co_return co_await one.run(std::move(url));
}

} // namespace atende
