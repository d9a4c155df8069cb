// What cannot be tried against the fakes, which have no certificate: the rest is tests/e2e/doctor.test.mjs.
#include "app/doctor_checks.hpp"
#include "support/event_loop.hpp"
#include "support/scripted_http.hpp"

#include <gmock/gmock.h>

namespace atende::test {
namespace {

using state = finding::state;

class DoctorTest : public testing::Test {
protected:
    DoctorTest() {
        shop.openai_api_key = "sk-secret";
        shop.openai_base_url = "https://api.example/v1/";
        shop.audio_reply_model = "tts";
        shop.audio_replies = true;
        shop.public_base_url = "https://loja.example/";
    }
    finding spoken() { return loop.await(check_spoken_answers(shop, http)); }

    event_loop loop;
    scripted_http http;
    settings shop;
};

TEST_F(DoctorTest, AnswersCanBeSpokenWhereTheShelfIsReached) {
    http.will_answer(200, "{}");
    http.will_answer(404, "{}", {{"x-content-type-options", "nosniff"}});
    EXPECT_EQ(spoken().is, state::good);
    ASSERT_EQ(http.calls.size(), 2U);
    EXPECT_EQ(http.calls[0].url, "https://api.example/v1/models/tts");
    EXPECT_THAT(http.calls[1].url, testing::StartsWith("https://loja.example/media/audio/"));
    EXPECT_TRUE(http.calls[1].headers.empty()) << "the key is the model server's alone";
}

TEST_F(DoctorTest, SomebodyElsesPageIsNotTheShelf) {
    for (const int status : {404, 200}) {
        http.will_answer(200, "{}");
        http.will_answer(status, "<html>");
        EXPECT_EQ(spoken().is, state::wrong) << status;
    }
}

TEST_F(DoctorTest, AServerThatListsNoModelsIsNoReasonToWorry) {
    http.will_answer(404, R"({"error":{"message":"Not Found"}})");
    EXPECT_EQ(loop.await(check_model(shop, "llama", http)).is, state::good);
    http.will_answer(404, R"({"error":{"code":"model_not_found"}})");
    EXPECT_EQ(loop.await(check_model(shop, "llama", http)).is, state::wrong);
}

TEST(DoctorChannels, TellWhenNoneThatTheProfileListsIsConnected) {
    profile answers;
    settings with;
    EXPECT_EQ(check_channels(with, answers).is, state::good) << "it lists none";
    answers.channels = {"whatsapp", "instagram"};
    const auto told = check_channels(with, answers);
    EXPECT_EQ(told.is, state::wrong);
    EXPECT_THAT(told.what.english, testing::HasSubstr("answers on whatsapp, instagram alone"));
    with.simulator = true;
    EXPECT_EQ(check_channels(with, answers).is, state::good) << "it speaks as Instagram";
    answers.channels = {"web"};
    EXPECT_EQ(check_channels(with, answers).is, state::wrong);
    with.web_chat_token = "a-token-for-the-page";
    EXPECT_EQ(check_channels(with, answers).is, state::good);
    answers.channels = {"whatsapp"};
    EXPECT_EQ(check_channels(with, answers).is, state::wrong);
}

} // namespace
} // namespace atende::test
