// HTTPS is refused when the certificate is not to be trusted, before a byte of the request leaves.
#include "support/event_loop.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <atende/platform/http_client.hpp>

namespace atende {
namespace {

using asio::ip::tcp;
using stream = asio::ssl::stream<tcp::socket>;

// A key and a certificate for "localhost" that nobody vouches for.
asio::ssl::context self_signed() {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3'600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* name = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"),
                               -1, -1, 0);
    X509_set_issuer_name(certificate.get(), name);
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    asio::ssl::context context(asio::ssl::context::tls_server);
    SSL_CTX_use_certificate(context.native_handle(), certificate.get());
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

TEST(CurlTls, ACertificateNobodyVouchesForIsNotTrusted) {
    test::event_loop loop;
    const auto client = make_curl_client(loop.executor(), "atende/test");
    auto context = self_signed();
    tcp::acceptor acceptor(loop.executor(), {asio::ip::address_v4::loopback(), 0});
    outcome seen;
    asio::co_spawn(loop.executor(), serve_one(acceptor, context, seen), [](const std::exception_ptr&) {});
    const auto answer = loop.await(
        client->perform({.method = "POST",
                         .url = "https://localhost:" + std::to_string(acceptor.local_endpoint().port()) + "/",
                         .headers = {{"Authorization", "Bearer secret"}},
                         .body = "text"}));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, errc::unavailable) << answer.error().detail;
    ASSERT_TRUE(loop.until([&] { return seen.over; }));
    EXPECT_EQ(seen.received, "") << "nothing was told to a stranger";
}

} // namespace
} // namespace atende
