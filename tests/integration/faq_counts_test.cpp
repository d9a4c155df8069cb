// Counts of fixed answers, on a real Redis.
#include "integration/store_fixture.hpp"

#include <atende/agent/faq_counts.hpp>

namespace atende {
namespace {

class FaqCounts : public test::store_test {
protected:
    const std::vector<faq_entry> entries{
        {.questions = {"Tem Pix?", "Aceita Pix?"}, .answer = "Sim", .where = {.file = "faq.yaml"}},
        {.questions = {"Onde fica?"}, .answer = "Recife", .where = {.file = "faq.yaml"}}};

    void count(faq_counts& counts, const std::string& question, const std::string& contact,
               std::int64_t turn) {
        const auto counted = loop.await(counts.count(question, test::conversation_of(contact), turn));
        EXPECT_TRUE(counted) << counted.error().detail;
    }
    std::vector<std::int64_t> hits(faq_counts& counts) {
        std::vector<std::int64_t> numbers;
        const auto hits = loop.await(counts.hits_of(entries));
        for (const auto& one : hits.value()) numbers.push_back(one.hits);
        return numbers;
    }
};

TEST_F(FaqCounts, ATurnCountsOnceForAllReplicas) {
    faq_counts here(*redis, "shop");
    faq_counts there(*redis, "shop");
    count(here, "Tem Pix?", "1001", 1);
    count(there, "Tem Pix?", "1001", 1); // thought again elsewhere
    count(here, "tem pix", "1001", 2);   // the file's spelling changed
    count(here, "Tem Pix?", "1002", 1);
    EXPECT_EQ(hits(there), (std::vector<std::int64_t>{3, 0}));
}

TEST_F(FaqCounts, NothingOfAForgottenContactIsKeptButTheCount) {
    faq_counts counts(*redis, "shop");
    count(counts, "Tem Pix?", "1001", 1);
    ASSERT_TRUE(loop.await(counts.erase(test::conversation_of("1001"))));
    EXPECT_EQ(command({"KEYS", "*1001*"}).items.size(), 0U);
    EXPECT_EQ(hits(counts), (std::vector<std::int64_t>{1, 0}));
}

TEST_F(FaqCounts, ProfilesDoNotMix) {
    faq_counts shop(*redis, "shop");
    faq_counts other(*redis, "other");
    count(shop, "Onde fica?", "1001", 1);
    EXPECT_EQ(hits(other), (std::vector<std::int64_t>{0, 0}));
    EXPECT_EQ(hits(shop), (std::vector<std::int64_t>{0, 1}));
    EXPECT_TRUE(loop.await(shop.hits_of({})).value().empty());
}

} // namespace
} // namespace atende
