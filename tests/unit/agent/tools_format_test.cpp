// What customers write, and what a service is given of it.
#include "agent/argument_check.hpp"
#include "agent/tools/text_format.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace atende {
namespace {

using json = nlohmann::json;
using ::testing::HasSubstr;

std::string usual(std::string_view format, std::string_view text) {
    const auto got = find_text_format(format)->normalised(text);
    return got ? *got : "refused: " + got.error().detail;
}

void expect_refused(std::string_view format, std::initializer_list<std::string_view> texts) {
    for (const auto text : texts)
        EXPECT_THAT(usual(format, text), HasSubstr("refused")) << format << " " << text;
}

TEST(TextFormat, BringsWhatIsWrittenIntoOneSpelling) {
    EXPECT_EQ(usual("phone-br", "(81) 99876-5432"), "+5581998765432");
    EXPECT_EQ(usual("cpf", "529.982.247-25"), "52998224725");
    EXPECT_EQ(usual("cnpj", "11.222.333/0001-81"), "11222333000181");
    EXPECT_EQ(usual("cnpj", "12.abc.345/01de-35"), "12ABC34501DE35") << "with letters, as of 2026";
    EXPECT_EQ(usual("cep", "01310-100"), "01310100");
    EXPECT_EQ(usual("date-br", " 5/3/2027 "), "05/03/2027");
    EXPECT_EQ(usual("date-br", "29/02/2028"), "29/02/2028");
    EXPECT_EQ(usual("line", "  XY\n150\t "), "XY 150");
    for (const auto* text : {"R$ 1.234,56", "1.234,56", "1234,56", "1234.56", "R$1234,56", "01.234,56"})
        EXPECT_EQ(usual("money-br", text), "1234.56") << text;
    EXPECT_EQ(usual("money-br", "1.500"), "1500.00") << "a dot before three digits groups thousands";
    EXPECT_EQ(usual("money-br", "R$ 99"), "99.00");
    EXPECT_EQ(usual("money-br", "0,5"), "0.50");
}

TEST(TextFormat, RefusesWhatDoesNotExist) {
    expect_refused("phone-br", {"12", "99999-1234", "+++"});
    expect_refused("cpf", {"529.982.247-26", "111.111.111-11", "5299822472", "529.982.247-2x", ""});
    expect_refused("cnpj", {"11.222.333/0001-82", "12.ABC.345/01DE-36", "00000000000000", "1122233300018a"});
    expect_refused("cep", {"01310", "00000-000", "0131O-100"});
    expect_refused("date-br", {"31/02/2027", "29/02/2027", "2027-03-05", "05/13/2027", "5/3/27", "amanhã"});
    expect_refused("money-br", {"1,234.56", "1.23.4", "R$", "-5", "mil", "1.2345", "1234567890123"});
    expect_refused("line", {"", " \n "});
}

// A call that was made is checked again when its turn goes on after a crash.
TEST(TextFormat, ItsOwnResultStaysAsItIs) {
    for (const auto& [format, text] :
         std::initializer_list<std::pair<const char*, const char*>>{{"phone-br", "81 99876 5432"},
                                                                    {"cpf", "529.982.247-25"},
                                                                    {"cnpj", "12.ABC.345/01DE-35"},
                                                                    {"cep", "01310-100"},
                                                                    {"date-br", "5/3/2027"},
                                                                    {"money-br", "1.234,5"},
                                                                    {"line", " a  b "}})
        EXPECT_EQ(usual(format, usual(format, text)), usual(format, text)) << format;
}

class Arguments : public ::testing::Test {
protected:
    static json schema(json properties, json required = json::array()) {
        return {{"type", "object"},
                {"properties", std::move(properties)},
                {"required", std::move(required)},
                {"additionalProperties", false}};
    }
    static json read(const json& with, const std::string& arguments) {
        auto got = argument_check(with).read(arguments);
        return got ? *got : json("refused: " + got.error().detail);
    }
};

TEST_F(Arguments, AreNormalisedWhereverTheyAre) {
    const auto with = schema(
        {{"cep", {{"type", "string"}, {"format", "cep"}}},
         {"pessoas",
          {{"type", "array"}, {"items", schema({{"cpf", {{"type", "string"}, {"format", "cpf"}}}})}}}});
    EXPECT_EQ(read(with, R"({"cep":"01310-100","pessoas":[{"cpf":"529.982.247-25"}]})"),
              json::parse(R"({"cep":"01310100","pessoas":[{"cpf":"52998224725"}]})"));
    EXPECT_THAT(read(with, R"({"pessoas":[{"cpf":"529.982.247-25"},{"cpf":"1"}]})").get<std::string>(),
                HasSubstr("pessoas[1].cpf: o CPF"));
}

TEST_F(Arguments, OfAPatternAreCheckedInLinearTime) {
    const auto with = schema({{"q", {{"type", "string"}, {"pattern", "^(a+)+$"}}}});
    EXPECT_EQ(read(with, R"({"q":"aaa"})"), json::parse(R"({"q":"aaa"})"));
    // A backtracking engine would not come back from this.
    EXPECT_THAT(read(with, R"({"q":")" + std::string(50'000, 'a') + R"(!"})").get<std::string>(),
                HasSubstr("refused: q: "));
}

TEST_F(Arguments, ThatAreLeftOutHaveTheirDefault) {
    const auto with = schema({{"prioridade", {{"type", "string"}, {"default", "normal"}}}});
    EXPECT_EQ(read(with, "{}"), json::parse(R"({"prioridade":"normal"})"));
    EXPECT_EQ(read(with, R"({"prioridade":"alta"})"), json::parse(R"({"prioridade":"alta"})"));
}

TEST_F(Arguments, AreDescribedToTheModelWithoutFormatsItsProviderMayRefuse) {
    const auto told = schema_for_model(
        schema({{"dia", {{"type", "string"}, {"format", "date-br"}, {"description", "Dia do test ride"}}},
                {"quando", {{"type", "string"}, {"format", "date-time"}}}}));
    EXPECT_EQ(told["properties"]["dia"],
              (json{{"type", "string"}, {"description", "Dia do test ride (data DD/MM/AAAA)"}}));
    EXPECT_EQ(told["properties"]["quando"]["format"], "date-time") << "one that JSON schema itself knows";
}

} // namespace
} // namespace atende
