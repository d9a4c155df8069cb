#include "unit/channels/test_data.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atende/channels/webhook_signature.hpp>
#include <cctype>

namespace atende {
namespace {

using test::instagram_data;
using test::read_file;

struct vector {
    std::string body;
    std::string secret;
    std::string header;
};

std::vector<vector> vectors() {
    std::vector<vector> out;
    const auto data = nlohmann::json::parse(read_file(instagram_data / "_signature_vectors.json"));
    for (const auto& line : data.at("vectors")) {
        const std::filesystem::path file = line.at("file").get<std::string>();
        out.push_back({read_file(instagram_data / file.filename()), line.at("secret"), line.at("header")});
    }
    return out;
}

std::string upper(std::string text) {
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

TEST(signature_verifier, accepts_what_the_app_secret_signed) {
    ASSERT_FALSE(vectors().empty());
    for (const vector& signed_body : vectors()) {
        signature_verifier verifier({signed_body.secret});
        EXPECT_TRUE(verifier.verify(signed_body.header, signed_body.body));
        EXPECT_TRUE(verifier.verify(signed_body.header, signed_body.body))
            << "a second time with the same context";
    }
}

TEST(signature_verifier, accepts_any_of_several_secrets) {
    signature_verifier verifier(
        {"old secret", "test_instagram_app_secret_not_real", "test_app_secret_not_real"});
    for (const vector& signed_body : vectors())
        EXPECT_TRUE(verifier.verify(signed_body.header, signed_body.body));
}

TEST(signature_verifier, refuses_everything_without_a_secret) {
    const vector known = vectors().front();
    EXPECT_FALSE(signature_verifier({}).verify(known.header, known.body));
    // The HMAC with an empty key, which anybody can compute.
    hmac_sha256 empty_key("");
    const sha256_digest digest = empty_key.sign(known.body);
    const std::string forged =
        "sha256=" + to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
    EXPECT_FALSE(signature_verifier({""}).verify(forged, known.body));
}

TEST(signature_verifier, refuses_another_app) {
    const vector known = vectors().front();
    EXPECT_FALSE(signature_verifier({"another secret"}).verify(known.header, known.body));
}

TEST(signature_verifier, refuses_any_other_form_of_a_right_signature) {
    const vector known = vectors().front();
    const std::string& right = known.header;
    const std::string hex = right.substr(7);
    const std::vector<std::string> wrong_forms{
        "",
        "sha256",
        "sha256=",
        hex,
        "=" + hex,
        "sha1=" + hex,
        "sha1=" + hex.substr(0, 40),
        "sha256:" + hex,
        "SHA256=" + hex,
        "Sha256=" + hex,
        "sha512=" + hex,
        "sha256=" + upper(hex),
        "sha256=" + hex.substr(0, 63),
        "sha256=" + hex.substr(1),
        "sha256=" + hex + "0",
        "sha256=" + hex + hex,
        "sha256= " + hex,
        "sha256=" + hex + " ",
        " sha256=" + hex,
        "sha256=0x" + hex.substr(2),
        "sha256=\"" + hex + "\"",
        "sha256=" + hex.substr(0, 63) + "g",
        "sha256=" + hex.substr(0, 63) + '\0',
        right + "\n",
        right + '\0',
        right + "," + right,
        "sha256=" + std::string(64, '0'),
        "sha256=" + std::string(64, 'f'),
    };
    signature_verifier verifier({known.secret});
    for (const std::string& header : wrong_forms) EXPECT_FALSE(verifier.verify(header, known.body)) << header;
    EXPECT_TRUE(verifier.verify(right, known.body));
}

TEST(signature_verifier, refuses_a_signature_with_any_one_digit_changed) {
    const vector known = vectors().front();
    signature_verifier verifier({known.secret});
    for (std::size_t at = 7; at < known.header.size(); ++at) {
        std::string header = known.header;
        header[at] = header[at] == '0' ? '1' : '0';
        EXPECT_FALSE(verifier.verify(header, known.body)) << "digit " << at;
    }
}

TEST(signature_verifier, covers_the_raw_bytes_of_the_body) {
    const vector escaped = vectors().front();
    signature_verifier verifier({escaped.secret});
    EXPECT_FALSE(verifier.verify(escaped.header, escaped.body + "\n"));
    EXPECT_FALSE(verifier.verify(escaped.header, escaped.body.substr(1)));
    EXPECT_FALSE(verifier.verify(escaped.header, ""));
    // The same JSON, its unicode escapes decoded: what a parser that writes it again would hash.
    EXPECT_FALSE(verifier.verify(escaped.header, nlohmann::json::parse(escaped.body).dump()));
}

} // namespace
} // namespace atende
