// Ranking by meaning, with a server that may be away.
#include "agent/knowledge/embeddings.hpp"
#include "agent/knowledge/semantic_index.hpp"
#include "agent/knowledge/vectors.hpp"
#include "fakes.hpp"
#include "support/event_loop.hpp"
#include "support/scratch_folder.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

namespace atende::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::uint32_t> numbers(const std::vector<ranked_chunk>& ranked) {
    std::vector<std::uint32_t> all;
    for (const auto& each : ranked) all.push_back(each.number);
    return all;
}

TEST(Vectors, TheNearestIsTheOneOfTheSameDirection) {
    const vector_index index({{1, 0, 0}, {0, 10, 0}, {3, 3, 0}});
    EXPECT_THAT(numbers(index.nearest({0, 2, 0}, 2)), ElementsAre(1, 2));
    EXPECT_NEAR(index.nearest({0, 2, 0}, 1)[0].score, 1.0F, 1e-6);
    EXPECT_THAT(index.nearest({1, 0}, 3), IsEmpty()) << "of another model";
    EXPECT_THAT(vector_index({}).nearest({1, 0}, 3), IsEmpty());
}

TEST(Vectors, AllNumbersOfALongVectorCount) {
    vector_of_text a(1'537, 0.0F);
    auto b = a;
    a.back() = 1;
    b.front() = 1;
    EXPECT_THAT(numbers(vector_index({b, a}).nearest(a, 1)), ElementsAre(1));
}

TEST(Vectors, FusionPrefersWhatBothRankingsHave) {
    const std::vector<ranked_chunk> words{{7, 9.0F}, {1, 8.0F}, {2, 7.0F}};
    const std::vector<ranked_chunk> meaning{{3, 0.9F}, {1, 0.8F}};
    EXPECT_THAT(fused(words, meaning), ElementsAre(1, 3, 7, 2));
    EXPECT_THAT(fused(words, {}), ElementsAre(7, 1, 2));
    EXPECT_THAT(fused({}, {}), IsEmpty());
}

TEST(VectorCache, ComesBackAsItWasWritten) {
    const scratch_folder home;
    const auto file = home.path() / "deep" / "a.vectors";
    const vector_cache cache{{std::string(32, 'a'), {1, -2.5F}}, {std::string(32, '\0'), {0, 3}}};
    ASSERT_TRUE(write_vector_cache(file, cache));
    EXPECT_EQ(read_vector_cache(file), cache);
    ASSERT_TRUE(write_vector_cache(file, {}));
    EXPECT_THAT(read_vector_cache(file), IsEmpty());
    EXPECT_THAT(read_vector_cache(home.path() / "none"), IsEmpty());
}

TEST(VectorCache, WhatIsDamagedIsNone) {
    const scratch_folder home;
    const auto file = home.path() / "a.vectors";
    ASSERT_TRUE(write_vector_cache(file, {{std::string(32, 'a'), {1, 2}}}));
    std::ifstream in(file, std::ios::binary);
    const std::string whole{std::istreambuf_iterator<char>(in), {}};
    for (std::size_t i = 0; i < whole.size(); ++i) {
        auto bad = whole;
        bad[i] = static_cast<char>(bad[i] ^ 1);
        std::ofstream(file, std::ios::binary) << bad;
        EXPECT_THAT(read_vector_cache(file), IsEmpty()) << i;
        std::ofstream(file, std::ios::binary) << whole.substr(0, i);
        EXPECT_THAT(read_vector_cache(file), IsEmpty()) << i;
    }
}

class Embeddings : public ::testing::Test {
protected:
    event_loop loop;
    scratch_folder home;
    fake_http_client http;
    asio::thread_pool pool{1};
    embeddings_settings settings{.base_url = "https://e.example/v1/",
                                 .api_key = "key",
                                 .model = "small",
                                 .cache_file = home.path() / "cache"};

    void answers(int status, std::string body) {
        http.steps.emplace_back(http_answer{.status = status, .body = std::move(body)});
    }
    // Two passages, and their vectors.
    std::shared_ptr<const knowledge_snapshot> two_passages(semantic_index& index) {
        std::ofstream(home.path() / "a.md") << "# Um\nprimeiro\n# Dois\nsegundo\n";
        knowledge_options options;
        options.whole_up_to = 0;
        auto known = load_knowledge({{.path = home.path()}}, options).value();
        answers(200, R"({"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[0,1]}]})");
        index.follow(known);
        EXPECT_TRUE(loop.until([&] { return index.ready() == 2; }));
        return known;
    }
    result<std::vector<vector_of_text>> ask(std::vector<std::string> texts) {
        return loop.await(embed(http, pool, settings, std::move(texts), std::chrono::milliseconds(1'500)));
    }
};

TEST_F(Embeddings, AsksForAllTextsAtOnceAndPutsThemInOrder) {
    answers(200, R"({"data":[{"index":1,"embedding":[0,1]},{"index":0,"embedding":[1,0.5]}]})");
    const auto got = ask({"um", "dois"});
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_THAT(*got, ElementsAre(ElementsAre(1, 0.5F), ElementsAre(0, 1)));
    const auto& call = http.made.at(0);
    EXPECT_EQ(call.url, "https://e.example/v1/embeddings");
    EXPECT_EQ(call.timeout, std::chrono::milliseconds(1'500));
    EXPECT_EQ(nlohmann::json::parse(call.body),
              nlohmann::json({{"model", "small"}, {"input", {"um", "dois"}}, {"encoding_format", "float"}}));
    EXPECT_THAT(call.headers,
                testing::Contains(std::pair<std::string, std::string>("Authorization", "Bearer key")));
}

TEST_F(Embeddings, OddAnswersAreErrors) {
    for (const char* odd :
         {"", "[]", "{}", R"({"data":{}})", R"({"data":[]})", R"({"data":[{"index":0,"embedding":[]}]})",
          R"({"data":[{"index":1,"embedding":[1]}]})", R"({"data":[{"index":-1,"embedding":[1]}]})",
          R"({"data":[{"index":0,"embedding":["1"]}]})", R"({"data":[{"embedding":[1]}]})"}) {
        answers(200, odd);
        const auto got = ask({"um"});
        ASSERT_FALSE(got) << odd;
        EXPECT_EQ(got.error().code, errc::protocol) << odd;
    }
    answers(200, R"({"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[1]}]})");
    EXPECT_FALSE(ask({"um", "dois"}));
    answers(401, "{}");
    EXPECT_EQ(ask({"um"}).error().code, errc::rejected);
    answers(429, "{}");
    EXPECT_EQ(ask({"um"}).error().code, errc::unavailable);
}

TEST_F(Embeddings, AfterAFailureTheServerIsLeftAloneForAWhile) {
    semantic_index index(loop.executor(), http, pool, settings);
    const auto known = two_passages(index);
    answers(200, R"({"data":[{"index":0,"embedding":[0,1]}]})");
    EXPECT_THAT(numbers(loop.await(index.search(known, "x", 1))), ElementsAre(1));
    answers(503, "");
    EXPECT_THAT(loop.await(index.search(known, "x", 1)), IsEmpty());
    const auto asked = http.made.size();
    EXPECT_THAT(loop.await(index.search(known, "x", 1)), IsEmpty());
    EXPECT_EQ(http.made.size(), asked);
    loop.await(index.stop());
}

TEST_F(Embeddings, ARefusedQuestionSilencesNobodyElses) {
    semantic_index index(loop.executor(), http, pool, settings);
    const auto known = two_passages(index);
    answers(400, "too long");
    EXPECT_THAT(loop.await(index.search(known, "x", 1)), IsEmpty());
    answers(200, R"({"data":[{"index":0,"embedding":[0,1]}]})");
    EXPECT_THAT(numbers(loop.await(index.search(known, "y", 1))), ElementsAre(1));
    loop.await(index.stop());
}

TEST_F(Embeddings, WhatIsWholeInThePromptIsNotSent) {
    std::ofstream(home.path() / "a.md") << "# Um\nprimeiro\n# Dois\nsegundo\n";
    const auto known = load_knowledge({{.path = home.path()}}, {}).value();
    ASSERT_FALSE(known->whole.empty());
    semantic_index index(loop.executor(), http, pool, settings);
    index.follow(known);
    const auto nothing = [] { return true; };
    for (int i = 0; i < 5; ++i) loop.await(offload(pool, nothing)); // its one thread goes in order
    EXPECT_THAT(http.made, IsEmpty());
    loop.await(index.stop());
}

TEST_F(Embeddings, OnlyNewTextsAreSentAgain) {
    knowledge_options options;
    options.whole_up_to = 0;
    const auto read = [&](const std::string& text) {
        std::ofstream(home.path() / "a.md") << text;
        return load_knowledge({{.path = home.path()}}, options).value();
    };
    semantic_index index(loop.executor(), http, pool, settings);
    answers(200, R"({"data":[{"index":0,"embedding":[1,0]},{"index":1,"embedding":[0,1]}]})");
    index.follow(read("# Um\nprimeiro\n# Dois\nsegundo\n"));
    ASSERT_TRUE(loop.until([&] { return index.ready() == 2; }));
    answers(200, R"({"data":[{"index":0,"embedding":[1,1]}]})");
    index.follow(read("# Um\nprimeiro\n# Dois\nsegundo\n# Novo\nterceiro\n"));
    ASSERT_TRUE(loop.until([&] { return index.ready() == 3; }));
    EXPECT_THAT(nlohmann::json::parse(http.made.back().body)["input"], SizeIs(1));
    loop.await(index.stop());
}

} // namespace
} // namespace atende::test
