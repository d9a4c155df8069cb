// HTTPS is refused when the certificate is not to be trusted, before a byte of the request leaves.
#include "support/event_loop.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <curl/curl.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atende/platform/http_client.hpp>

namespace {

std::string vouched_for; // certificates that are trusted instead of the system's; empty: the system's

} // namespace

extern "C" {

CURL* __real_curl_easy_init(); // the linker's: -Wl,--wrap=curl_easy_init
CURL* __wrap_curl_easy_init();
CURL* __wrap_curl_easy_init() {
    CURL* const easy = __real_curl_easy_init();
    if (!vouched_for.empty()) {
        curl_blob trusted{.data = vouched_for.data(), .len = vouched_for.size(), .flags = CURL_BLOB_COPY};
        curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &trusted);
    }
    return easy;
}

} // extern "C"

namespace atende {
namespace {

using asio::ip::tcp;
using stream = asio::ssl::stream<tcp::socket>;

struct certificate {
    std::string host = "localhost";
    long valid_for = 3'600; // seconds from now
    bool trusted = true;
};

// With a key and a certificate of its own.
asio::ssl::context context_with(const certificate& wanted) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), &X509_free);
    X509_set_version(made.get(), X509_VERSION_3);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -7'200);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), wanted.valid_for);
    X509_set_pubkey(made.get(), key.get());
    X509_NAME* name = X509_get_subject_name(made.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(wanted.host.c_str()), -1, -1, 0);
    X509_set_issuer_name(made.get(), name);
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> names(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, ("DNS:" + wanted.host).c_str()),
        &X509_EXTENSION_free);
    X509_add_ext(made.get(), names.get(), -1);
    X509_sign(made.get(), key.get(), EVP_sha256());
    if (wanted.trusted) {
        const std::unique_ptr<BIO, decltype(&BIO_free)> text(BIO_new(BIO_s_mem()), &BIO_free);
        PEM_write_bio_X509(text.get(), made.get());
        char* bytes = nullptr;
        const auto size = BIO_get_mem_data(text.get(), &bytes);
        vouched_for.assign(bytes, static_cast<std::size_t>(size));
    }
    asio::ssl::context context(asio::ssl::context::tls_server);
    SSL_CTX_use_certificate(context.native_handle(), made.get());
    SSL_CTX_use_PrivateKey(context.native_handle(), key.get());
    return context;
}

struct outcome {
    bool handshake = false;
    std::string received;
    bool over = false;
};

awaitable<void> serve_one(tcp::acceptor& acceptor, asio::ssl::context& context, outcome& seen) {
    stream peer(co_await acceptor.async_accept(use_awaitable), context);
    const auto [failed] = co_await peer.async_handshake(stream::server, asio::as_tuple(use_awaitable));
    seen.handshake = !failed;
    std::string buffer(1'024, '\0');
    const auto [ended, count] =
        co_await peer.async_read_some(asio::buffer(buffer), asio::as_tuple(use_awaitable));
    seen.received = buffer.substr(0, count);
    seen.over = true;
}

class CurlTls : public testing::Test {
protected:
    test::event_loop loop;
    outcome seen;

    void TearDown() override { vouched_for.clear(); }

    // Whether a server with this certificate was told anything.
    result<http_answer> post_to(const certificate& of_server) {
        auto context = context_with(of_server);
        const auto client = make_curl_client(loop.executor(), "atende/test");
        tcp::acceptor acceptor(loop.executor(), {asio::ip::address_v4::loopback(), 0});
        asio::co_spawn(loop.executor(), serve_one(acceptor, context, seen), [](const std::exception_ptr&) {});
        const auto port = std::to_string(acceptor.local_endpoint().port());
        auto answer = loop.await(client->perform({.method = "POST",
                                                  .url = "https://localhost:" + port + "/",
                                                  .headers = {{"Authorization", "Bearer secret"}},
                                                  .body = "text"}));
        EXPECT_TRUE(loop.until([&] { return seen.over; }));
        return answer;
    }
    void expect_silence(const certificate& of_server) {
        const auto answer = post_to(of_server);
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, errc::unavailable) << answer.error().detail;
        EXPECT_EQ(seen.received, "") << "nothing was told to a stranger";
    }
};

TEST_F(CurlTls, ACertificateNobodyVouchesForIsNotTrusted) {
    expect_silence({.trusted = false});
}

TEST_F(CurlTls, ACertificateOfAnotherHostIsNotTrusted) {
    expect_silence({.host = "shop.example"});
}

TEST_F(CurlTls, ACertificateThatHasExpiredIsNotTrusted) {
    expect_silence({.valid_for = -3'600});
}

TEST_F(CurlTls, ACertificateThatIsAsItShouldBeIsTrusted) {
    post_to({});
    EXPECT_NE(seen.received.find("Bearer secret"), std::string::npos);
}

} // namespace
} // namespace atende
