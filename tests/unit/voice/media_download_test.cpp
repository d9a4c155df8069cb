// Where a link may lead, and who is shown the token. What really connects is in
// integration/media_download_test.
#include "support/event_loop.hpp"
#include "support/scripted_http.hpp"

#include <gtest/gtest.h>

#include <atende/voice/media_download.hpp>

namespace atende::test {
namespace {

const std::string token = "EAAsecret";
const std::string link = "https://lookaside.fbsbx.com/ig_messaging_cdn/?asset_id=1&signature=x";

class MediaDownload : public testing::Test {
protected:
    scripted_http http;
    media_source from{.platform_domains = instagram_media_domains(),
                      .access_token = token,
                      .allowed_hosts = *host_list::parse("gateway.local:8080"),
                      .only_below = {}};

    result<std::string> fetch(const std::string& url) { return run(download_media(http, from, url, {})); }
    [[nodiscard]] std::string shown(std::size_t call) const {
        return scripted_http::header(http.calls.at(call), "Authorization");
    }
};

TEST_F(MediaDownload, ShowsTheTokenOnlyWhenThePlatformAsks) {
    http.will_answer(200, "voice");
    EXPECT_EQ(fetch(link), "voice");
    EXPECT_EQ(shown(0), "");

    for (const int refused : {401, 403}) {
        http.calls.clear();
        http.will_answer(refused);
        http.will_answer(200, "voice");
        EXPECT_EQ(fetch(link), "voice");
        ASSERT_EQ(http.calls.size(), 2U);
        EXPECT_EQ(shown(0), "");
        EXPECT_EQ(shown(1), "Bearer " + token);
        EXPECT_TRUE(http.calls[1].public_only);
    }
}

TEST_F(MediaDownload, ShowsTheTokenToNobodyElse) {
    http.will_answer(403);
    EXPECT_EQ(fetch("http://gateway.local:8080/a").error().code, errc::rejected);
    EXPECT_EQ(http.calls.size(), 1U);

    // Not even where the platform sends us, after it has seen the token.
    http.calls.clear();
    http.will_answer(401);
    http.will_answer(302, "", {{"location", "http://gateway.local:8080/a"}});
    http.will_answer(401);
    EXPECT_FALSE(fetch(link));
    ASSERT_EQ(http.calls.size(), 3U);
    EXPECT_EQ(shown(1), "Bearer " + token);
    EXPECT_EQ(shown(2), "");
}

TEST_F(MediaDownload, AsksNobodyWhoIsNotAllowed) {
    for (const auto* url : {"http://lookaside.fbsbx.com/a",
                            "https://lookaside.fbsbx.com:8443/a",
                            "https://fbsbx.com.evil.example/a",
                            "https://evilfbsbx.com/a",
                            "https://fbsbx.com@evil.example/a",
                            "https://evil.example/fbsbx.com",
                            "https://evil.example#.fbsbx.com",
                            "https://evil.example\\.fbsbx.com/",
                            "http://gateway.local/a",
                            "http://gateway.local:8081/a",
                            "http://x.gateway.local:8080/a",
                            "ftp://fbsbx.com/a",
                            "file:///etc/passwd",
                            "//fbsbx.com/a",
                            "gopher://fbsbx.com",
                            "",
                            "https://",
                            "https://127.0.0.1/a",
                            "https://[::1]/a",
                            "https://fbsbx.com\r\n.evil.example/"}) {
        const auto got = fetch(url);
        ASSERT_FALSE(got) << url;
        EXPECT_EQ(got.error().code, errc::rejected) << url;
    }
    EXPECT_TRUE(http.calls.empty());
}

TEST_F(MediaDownload, MayGoToThePlatformsAddressesOnThePublicInternetAlone) {
    for (const auto* url : {"https://fbsbx.com/a", "https://scontent-gru1-1.cdninstagram.com/a",
                            "https://SCONTENT.xx.FBCDN.net./a"}) {
        http.will_answer(200, "voice");
        EXPECT_TRUE(fetch(url)) << url;
        EXPECT_TRUE(http.calls.back().public_only) << url;
    }
    http.will_answer(200, "voice");
    EXPECT_TRUE(fetch("http://gateway.local:8080/a"));
    EXPECT_FALSE(http.calls.back().public_only) << "somebody allowed it by name";
}

TEST_F(MediaDownload, JudgesEveryRedirectAnew) {
    for (const auto* to : {"http://lookaside.fbsbx.com/a", "https://evil.example/a", "//evil.example/a",
                           "file:///etc/passwd", "http://169.254.169.254/", ""}) {
        http.calls.clear();
        http.will_answer(302, "", {{"location", to}});
        const auto got = fetch(link);
        ASSERT_FALSE(got) << to;
        EXPECT_EQ(got.error().code, errc::rejected) << to;
        EXPECT_EQ(http.calls.size(), 1U) << to;
    }
    http.calls.clear();
    http.will_answer(301, "", {{"location", "/b?x=1"}});
    http.will_answer(302, "", {{"location", "//scontent.cdninstagram.com/c"}});
    http.will_answer(307, "", {{"location", "d"}});
    http.will_answer(200, "voice");
    EXPECT_EQ(fetch(link), "voice");
    EXPECT_EQ(http.calls[1].url, "https://lookaside.fbsbx.com/b?x=1");
    EXPECT_EQ(http.calls[2].url, "https://scontent.cdninstagram.com/c");
    EXPECT_EQ(http.calls[3].url, "https://scontent.cdninstagram.com/d");

    http.calls.clear();
    for (int i = 0; i < 4; ++i) http.will_answer(302, "", {{"location", "/again"}});
    EXPECT_EQ(fetch(link).error().code, errc::rejected);
    EXPECT_EQ(http.calls.size(), 4U);
}

TEST_F(MediaDownload, TriesAgainWhatMayPass) {
    http.will_answer(503);
    http.will_fail(errc::interrupted);
    http.will_answer(200, "voice");
    EXPECT_EQ(fetch(link), "voice");

    http.will_fail(errc::unavailable);
    http.will_answer(429);
    http.will_answer(500);
    EXPECT_EQ(fetch(link).error().code, errc::unavailable);
    EXPECT_TRUE(http.answers.empty());

    http.calls.clear();
    http.will_answer(410);
    EXPECT_EQ(fetch(link).error().code, errc::invalid_input);
    EXPECT_EQ(http.calls.size(), 1U) << "it has expired";
}

TEST_F(MediaDownload, NeverTellsTheLink) {
    from.platform_domains.clear();
    const auto got = fetch("https://lookaside.fbsbx.com/?signature=secret");
    EXPECT_EQ(got.error().detail.find("secret"), std::string::npos) << got.error().detail;
}

TEST_F(MediaDownload, OfTheSimulatorIsTheSimulatorsAlone) {
    from = {.only_below = "http://127.0.0.1:8000/sandbox/media/"};
    http.will_answer(200, "voice");
    EXPECT_EQ(fetch("http://127.0.0.1:8000/sandbox/media/aB3-_x"), "voice");
    http.calls.clear();
    for (const auto* url :
         {"http://127.0.0.1:8000/sandbox/media/", "http://127.0.0.1:8000/sandbox/media/../admin",
          "http://127.0.0.1:8000/sandbox/media/%2e%2e/admin", "http://127.0.0.1:8000/admin/api/status",
          "http://127.0.0.1:80001/sandbox/media/a", "http://127.0.0.1:8000/sandbox/media/a?b",
          "http://127.0.0.1:8000/sandbox/media/a/b", "https://lookaside.fbsbx.com/a"}) {
        EXPECT_EQ(fetch(url).error().code, errc::rejected) << url;
    }
    EXPECT_TRUE(http.calls.empty());
}

} // namespace
} // namespace atende::test
