// What counts as the same word, number or intent for a customer who types in a hurry.
#include "agent/knowledge/portuguese.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace atende::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> terms(std::string_view text, std::vector<synonym_group> groups = {}) {
    return portuguese_analyser(groups).terms(text);
}

// The meanings that two texts share.
bool mean_the_same(std::string_view one, std::string_view other) {
    const portuguese_analyser analyser(built_in_synonyms());
    const auto a = analyser.terms(one);
    const auto b = analyser.terms(other);
    return std::ranges::any_of(a, [&](const std::string& term) {
        return term.starts_with('#') && std::ranges::find(b, term) != b.end();
    });
}

TEST(Portuguese, AccentsCaseAndPluralsDoNotMatter) {
    const std::vector<std::vector<std::string_view>> same{
        {"preço", "PREÇOS", "preco", "Precos"},
        {"promoção", "promoções", "promocao", "PROMOCOES"},
        {"informação", "informações", "informacao", "informacoes"},
        {"disponível", "disponiveis", "disponivel"},
        {"horário", "horarios", "Horários"},
        {"automóvel", "automoveis"},
        {"animal", "animais"},
        {"cartão", "cartões", "cartoes"},
        {"entrega", "entregam", "entregar", "entregamos"},
        {"parcela", "parcelado", "parcelamento", "parcelas"},
        {"item", "itens"},
        {"marcar", "marque", "marquem"},
        {"entrega", "entregue"},
        {"pagar", "pague"},
    };
    for (const auto& words : same) {
        for (const auto word : words) EXPECT_EQ(terms(word), terms(words.front())) << word;
    }
}

TEST(Portuguese, DifferentWordsStayDifferent) {
    EXPECT_NE(terms("moto"), terms("motor"));
    EXPECT_NE(terms("curso"), terms("custo"));
    EXPECT_NE(terms("capacete"), terms("capa"));
}

TEST(Portuguese, StopWordsSayNothing) {
    EXPECT_THAT(terms("oi, bom dia! vocês têm, é para o meu"), Not(Contains("dia")));
    EXPECT_THAT(terms("de a para com você"), IsEmpty());
    EXPECT_THAT(terms("quanto, quantos, quanta ou quantas?"), IsEmpty());
}

TEST(Portuguese, NumbersAreKeptInOneSpelling) {
    EXPECT_THAT(terms("1.997,00"), ElementsAre("1997"));
    EXPECT_THAT(terms("1997"), ElementsAre("1997"));
    EXPECT_THAT(terms("497,50"), ElementsAre("497,5"));
    EXPECT_THAT(terms("8.5"), ElementsAre("8,5"));
    EXPECT_THAT(terms("2,125"), ElementsAre("2,125"));
    EXPECT_THAT(terms("12x"), ElementsAre("12", "x"));
    EXPECT_THAT(terms("08h"), ElementsAre("8", "h"));
    EXPECT_EQ(terms("XY-150"), terms("xy150"));
    EXPECT_THAT(terms("0"), ElementsAre("0"));
    EXPECT_THAT(terms("1.234.567"), ElementsAre("1234567"));
    EXPECT_THAT(terms("sábado."), Not(Contains("")));
}

TEST(Portuguese, AnAmountOfMoneyIsAPrice) {
    EXPECT_TRUE(mean_the_same("quanto custa?", "Curso completo por R$ 497"));
    EXPECT_TRUE(mean_the_same("qual o valor", "Preço: R$ 497"));
    EXPECT_TRUE(mean_the_same("qto é a matrícula", "R$1.200,00 à vista"));
    EXPECT_FALSE(mean_the_same("quanto custa?", "Carga horária: 40h"));
}

TEST(Portuguese, CustomersMeanTheSameInOtherWords) {
    EXPECT_TRUE(mean_the_same("onde vocês ficam? onde fica a loja", "Endereço: Av. Norte, 1520"));
    EXPECT_TRUE(mean_the_same("que horas fecha", "Horário de funcionamento"));
    EXPECT_TRUE(mean_the_same("aceita pix?", "Formas de pagamento"));
    EXPECT_TRUE(mean_the_same("tem como devolver", "Política de trocas"));
    EXPECT_FALSE(mean_the_same("aceita pix?", "Política de trocas"));
}

TEST(Portuguese, AShopAddsItsOwnSynonyms) {
    const std::vector<synonym_group> groups{{"test ride", "volta de moto", "experimentar"}};
    EXPECT_THAT(terms("quero dar uma Volta de Moto", groups), Contains("#0"));
    EXPECT_THAT(terms("agende seu TEST-RIDE", groups), Contains("#0"));
    EXPECT_THAT(terms("volta de carro", groups), Not(Contains("#0")));
}

TEST(Portuguese, OddTextIsHarmless) {
    EXPECT_THAT(terms("“Preço” — 🏍️… ½ \xff\xfe ﬁm R$"), Contains("prec"));
    EXPECT_THAT(terms(""), IsEmpty());
    EXPECT_THAT(terms("R$"), Contains("prec"));
    EXPECT_THAT(terms("Привет"), ElementsAre("привет"));
}

} // namespace
} // namespace atende::test
