// What a turn's messages tell the model.
#include "agent/customer_words.hpp"
#include "agent/knowledge/turn_question.hpp"
#include "fakes.hpp"

namespace atende::test {
namespace {

std::string described(const heard_message& message) {
    auto about = turn_saying({});
    about.messages = {message};
    return words_of(about).text;
}

TEST(CustomerWords, JoinsABurstInOrderWithoutWhatWasUnsent) {
    auto about = turn_saying({"oi", "", "tem a XY 150?", " "});
    about.messages[1].unsent = true;
    EXPECT_EQ(words_of(about).text, "oi\ntem a XY 150?");
}

TEST(CustomerWords, DescribesWhatIsNotText) {
    heard_message voice;
    voice.attachments = {
        {.kind = attachment_kind::audio, .platform_type = "audio", .url = "https://x", .title = ""}};
    EXPECT_EQ(described(voice), "[o cliente enviou um áudio]");

    // It stays in the history, where the customer may have been told only once for many.
    voice.attachments[0].sound = hearing::not_understood;
    EXPECT_EQ(described(voice),
              "[o cliente enviou um áudio que não pôde ser entendido; ele já foi avisado disso]");
    voice.attachments[0].sound = hearing::too_long;
    EXPECT_EQ(described(voice),
              "[o cliente enviou um áudio longo demais para ser ouvido; ele já foi avisado disso]");

    auto story = heard("quero essa");
    story.story = story_reference{"1", ""};
    EXPECT_EQ(described(story), "[respondeu ao story da loja]\nquero essa");

    auto option = heard("Sim");
    option.quick_reply_payload = "YES";
    EXPECT_EQ(described(option), "Sim\n[tocou na opção \"YES\"]");

    auto from_ad = heard("oi");
    from_ad.came_from = referral{
        .ref = "", .source = "ADS", .type = "", .ad_id = "1", .ad_title = "XY 150 zero", .product_id = ""};
    EXPECT_EQ(described(from_ad), "[chegou pelo anúncio \"XY 150 zero\"]\noi");
}

// An edit later changes what is between them.
TEST(CustomerWords, KnowsTheMarksAroundWhatWasWritten) {
    auto message = heard("quero essa");
    message.story = story_reference{"1", ""};
    message.attachments = {
        {.kind = attachment_kind::audio, .sound = hearing::heard, .words = "em doze vezes"}};
    message.quick_reply_payload = "YES";
    const auto marks = marks_of(message);
    EXPECT_EQ(marks.before, "[respondeu ao story da loja]");
    EXPECT_EQ(marks.after, "[tocou na opção \"YES\"]\n[áudio] em doze vezes");
    EXPECT_EQ(described(message), marks.before + "\nquero essa\n" + marks.after);
    EXPECT_EQ(marks_of(heard("oi")).before + marks_of(heard("oi")).after, "");
}

TEST(CustomerWords, ShowsWhatAReplyRefersTo) {
    auto about = turn_saying({"essa mesmo"});
    about.messages[0].reply_to = message_id("m1");
    about.history = {entry(speaker::bot, "A XY 150?")};
    about.history[0].ids = {message_id("m1")};
    EXPECT_EQ(words_of(about).text, "[em resposta a \"A XY 150?\"]\nessa mesmo");
}

TEST(CustomerWords, KnowsWhenThereIsNothingToRead) {
    auto about = turn_saying({""});
    about.messages[0].content_withheld = true;
    EXPECT_FALSE(words_of(about).readable);
    EXPECT_FALSE(words_of(about).text.empty());
    about.messages.push_back(heard("oi"));
    EXPECT_TRUE(words_of(about).readable);
}

TEST(CustomerWords, AQuestionIsTheirOwnWordsAndTheAdTheyCameFrom) {
    auto about = turn_saying({" e essa?", "não era isso", "Sim"});
    about.messages[0].came_from = referral{.ad_id = "1", .ad_title = "XY 150 zero"};
    about.messages[0].reply_to = message_id("m1");
    about.messages[1].unsent = true;
    about.messages[2].quick_reply_payload = "YES";
    about.messages[2].attachments = {
        {.kind = attachment_kind::audio, .sound = hearing::heard, .words = "em doze vezes"},
        {.kind = attachment_kind::shared_post, .title = "Promoção"}};
    about.history = {entry(speaker::bot, "Temos a Jet 125.")};
    about.history[0].ids = {message_id("m1")};
    EXPECT_EQ(own_words(about), "e essa?\nSim\nem doze vezes\nYES");
    EXPECT_EQ(question_of(about), "e essa?\nSim\nem doze vezes\nYES\nXY 150 zero");
}

TEST(CustomerWords, AQuestionIsNeverLongerThanAnEmbeddingsServerTakes) {
    std::string longest;
    while (longest.size() < 16'000) longest += "é";
    const auto about = turn_saying(std::vector<std::string>(10, longest));
    EXPECT_EQ(question_of(about), longest.substr(0, 4'000));
}

TEST(CutTo, NeverSplitsWhatIsOneCharacterToAReader) {
    EXPECT_EQ(cut_to("abc", 3, "fim"), "abc");
    EXPECT_EQ(cut_to("abcd", 3, "fim"), "abc\n[fim]");
    // A family is one emoji of five code points: it fits whole or not at all.
    EXPECT_EQ(cut_to("a👨‍👩‍👧b", 3, "fim"), "a\n[fim]");
    EXPECT_EQ(cut_to("a👨‍👩‍👧b", 6, "fim"), "a👨‍👩‍👧\n[fim]");
}

} // namespace
} // namespace atende::test
