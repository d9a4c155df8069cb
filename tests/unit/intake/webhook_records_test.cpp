// The bytes of journal and spool: whatever happens to them, what is whole is read and nothing else is.
#include "intake/webhook_records.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace atende {
namespace {

std::string written(const std::vector<std::string>& bodies) {
    std::string bytes;
    std::int64_t at_ms = 1'760'000'000'000;
    for (const auto& body : bodies) append_webhook_record(bytes, at_ms++, body);
    return bytes;
}

std::vector<std::string> bodies_of(const webhook_records& read) {
    std::vector<std::string> bodies;
    for (const auto& record : read.all) bodies.emplace_back(record.body);
    return bodies;
}

const std::vector<std::string> three{R"({"a":"first"})", std::string(300, 'x'), R"({"c":"é 😀"})"};

TEST(WebhookRecords, AreReadAsTheyWereWritten) {
    const std::string bytes = written(three);
    const auto read = read_webhook_records(bytes);
    EXPECT_EQ(bodies_of(read), three);
    EXPECT_EQ(read.all[1].received_ms, 1'760'000'000'001);
    EXPECT_EQ(read.all.back().end, bytes.size());
    EXPECT_EQ(read.damaged, 0U);
    EXPECT_EQ(read.tail_bytes, 0U);
}

TEST(WebhookRecords, MayBeEmpty) {
    EXPECT_TRUE(read_webhook_records("").all.empty());
    EXPECT_EQ(bodies_of(read_webhook_records(written({"", "x", ""}))),
              (std::vector<std::string>{"", "x", ""}));
}

TEST(WebhookRecords, ATornTailCostsOnlyTheLastOne) {
    const std::string bytes = written(three);
    const std::size_t last = written({three[0], three[1]}).size();
    for (std::size_t length = last; length < bytes.size(); ++length) {
        const auto read = read_webhook_records(std::string_view(bytes).substr(0, length));
        ASSERT_EQ(bodies_of(read), (std::vector{three[0], three[1]})) << length;
        ASSERT_EQ(read.tail_bytes, length - last);
        ASSERT_EQ(read.damaged, 0U);
    }
}

TEST(WebhookRecords, ATailOfZerosIsNone) {
    const std::string bytes = written(three) + std::string(4'096, '\0');
    const auto read = read_webhook_records(bytes);
    EXPECT_EQ(bodies_of(read), three);
    EXPECT_EQ(read.tail_bytes, 4'096U);
}

TEST(WebhookRecords, WhatWasAppendedBehindATornOneIsFound) {
    for (std::size_t cut = 1; cut < written({three[1]}).size(); ++cut) {
        const std::string bytes =
            written({three[0]}) + written({three[1]}).substr(0, cut) + written({three[2]});
        const auto read = read_webhook_records(bytes);
        ASSERT_EQ(bodies_of(read), (std::vector{three[0], three[2]})) << cut;
        ASSERT_EQ(read.damaged, 1U);
    }
}

TEST(WebhookRecords, AFlippedBitCostsOneRecord) {
    const std::string whole = written(three);
    const std::size_t second = written({three[0]}).size();
    const std::size_t third = written({three[0], three[1]}).size();
    for (std::size_t at = 0; at < whole.size(); ++at) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string bytes = whole;
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
            std::vector<std::string> left = three;
            left.erase(left.begin() + (at < second ? 0 : at < third ? 1 : 2));
            const auto read = read_webhook_records(bytes);
            ASSERT_EQ(bodies_of(read), left) << "bit " << bit << " of byte " << at;
            ASSERT_EQ(read.damaged + (read.tail_bytes > 0 ? 1 : 0), 1U);
        }
    }
}

TEST(WebhookRecords, ALengthBeyondTheEndIsNotBelieved) {
    std::string bytes = written(three);
    bytes.replace(4, 4, "\xFF\xFF\xFF\xFF");
    EXPECT_EQ(bodies_of(read_webhook_records(bytes)), (std::vector{three[1], three[2]}));
}

TEST(WebhookRecords, AnyBytesAreRead) {
    std::minstd_rand random(7);
    for (int round = 0; round < 300; ++round) {
        std::string bytes = written(three);
        for (int change = 0; change < 5; ++change) {
            const std::size_t at = random() % bytes.size();
            switch (random() % 3) {
            case 0: bytes.erase(at, random() % 40); break;
            case 1: bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 40)); break;
            default: bytes[at] = static_cast<char>(random()); break;
            }
            if (bytes.empty()) bytes = "x";
        }
        for (const auto& record : read_webhook_records(bytes).all)
            ASSERT_NE(std::ranges::find(three, record.body), three.end()) << "a record that nobody wrote";
    }
}

} // namespace
} // namespace atende
