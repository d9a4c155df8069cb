// Where texts are cut: a passage must make sense alone, and a price must stay with what it is the price of.
#include "agent/knowledge/chunker.hpp"
#include "agent/knowledge/sentences.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atende/platform/text.hpp>

namespace atende::test {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

std::vector<std::string> texts(const std::vector<knowledge_chunk>& chunks) {
    std::vector<std::string> all;
    for (const auto& chunk : chunks) all.push_back(chunk.text);
    return all;
}

std::vector<std::string> sentences(std::string_view text) {
    std::vector<std::string> all;
    std::size_t from = 0;
    for (const std::size_t end : sentence_ends(text)) {
        all.emplace_back(trimmed(text.substr(from, end - from)));
        from = end;
    }
    return all;
}

TEST(Chunker, CutsAtHeadingsAndTellsWhereItIs) {
    const auto chunks = chunked("knowledge/cursos.md",
                                "# Cursos\n\n"
                                "Todos são online.\n\n"
                                "## Marketing digital\n"
                                "Preço: R$ 497\n"
                                "Carga horária: 40h\n\n"
                                "### Bônus ###\n"
                                "Mentoria por 6 meses.\n"
                                "## Vendas\n"
                                "Preço: R$ 297\n",
                                900);
    ASSERT_THAT(chunks, SizeIs(4));
    EXPECT_EQ(chunks[0].heading, "Cursos");
    EXPECT_EQ(chunks[0].first_line, 3);
    EXPECT_EQ(chunks[1].heading, "Cursos / Marketing digital");
    EXPECT_EQ(chunks[1].text, "Preço: R$ 497\nCarga horária: 40h");
    EXPECT_EQ(chunks[1].first_line, 6);
    EXPECT_EQ(chunks[1].last_line, 7);
    EXPECT_EQ(chunks[2].heading, "Cursos / Marketing digital / Bônus");
    EXPECT_EQ(chunks[3].heading, "Cursos / Vendas");
    EXPECT_EQ(chunks[3].last_line, 12);
    EXPECT_EQ(chunks[3].file, "knowledge/cursos.md");
}

TEST(Chunker, KnowsTheHeadingsOfTextFiles) {
    const auto chunks = chunked("k/a.txt",
                                "=== produtos/marketing.txt ===\nPreço: R$ 497\n\n"
                                "Entrega\n=======\nPara todo o Brasil.\n\n"
                                "Trocas\n------\nEm 7 dias.\n",
                                900);
    ASSERT_THAT(chunks, SizeIs(3));
    EXPECT_EQ(chunks[0].heading, "produtos/marketing.txt");
    EXPECT_EQ(chunks[1].heading, "Entrega");
    EXPECT_EQ(chunks[2].heading, "Entrega / Trocas");
    EXPECT_EQ(chunks[2].text, "Em 7 dias.");
}

TEST(Chunker, AHeadingWithNothingBelowIsStillFound) {
    const auto chunks =
        chunked("k/a.md", "# Regras\n## Não aceitamos cheque\n## Trocas\nEm 7 dias.\n# Fim", 900);
    EXPECT_THAT(texts(chunks), ElementsAre("Não aceitamos cheque", "Em 7 dias.", "Fim"));
    EXPECT_EQ(chunks[0].first_line, 2);
}

TEST(Chunker, KeepsASmallTextTogether) {
    const std::string text = "Um parágrafo.\n\nOutro, curto.\n- item\n- outro";
    EXPECT_THAT(texts(chunked("k/a.txt", text, 900)), ElementsAre(text));
}

TEST(Chunker, NeverTearsAPriceLineOrASentenceApart) {
    std::string text;
    for (int i = 0; i < 200; ++i)
        text += fmt::format("Moto modelo {0} cilindradas: R$ {0}.990,00 à vista\n", 100 + i);
    const auto chunks = chunked("k/precos.txt", text, 300);
    ASSERT_GT(chunks.size(), 20U);
    int line = 0;
    for (const auto& chunk : chunks) {
        EXPECT_EQ(chunk.first_line, line + 1);
        EXPECT_LE(count_characters(chunk.text), 300U);
        EXPECT_THAT(chunk.text, StartsWith("Moto modelo"));
        EXPECT_TRUE(chunk.text.ends_with("à vista"));
        line = chunk.last_line;
    }
    EXPECT_EQ(line, 200);
}

TEST(Chunker, CutsLongParagraphsBetweenSentencesOnly) {
    std::string text;
    for (int i = 0; i < 30; ++i)
        text +=
            fmt::format("A loja {} da Av. Norte vende por R$ 1.{:03},00 e quebra\na linha no meio. ", i, i);
    const auto chunks = chunked("k/a.md", text, 250);
    ASSERT_GT(chunks.size(), 5U);
    for (const auto& chunk : chunks) {
        EXPECT_THAT(chunk.text, StartsWith("A loja"));
        EXPECT_TRUE(chunk.text.ends_with("no meio."));
        EXPECT_LE(count_characters(chunk.text), 250U);
    }
    EXPECT_EQ(chunks.front().first_line, 1);
    EXPECT_EQ(chunks.back().last_line, 31);
}

TEST(Chunker, EveryPartOfATableHasItsHead) {
    std::string text = "| Curso | Preço |\n|---|---:|\n";
    for (int i = 0; i < 40; ++i) text += fmt::format("| Curso número {} | R$ {} |\n", i, 100 + i);
    const auto chunks = chunked("k/a.md", text, 250);
    ASSERT_GT(chunks.size(), 3U);
    EXPECT_THAT(texts(chunks), Each(StartsWith("| Curso | Preço |\n|---|---:|\n| Curso número")));
    EXPECT_EQ(chunks[0].first_line, 1);
    EXPECT_EQ(chunks.back().last_line, 42);
}

TEST(Chunker, LosesNoLine) {
    std::string text = "---\ntitle: x\n---\n\nIntrodução sem ponto\n\n> citação\n\n1. um\n2. dois\n   "
                       "continua\n\n```\n# não é título\n"
                       "a. b. c.\n```\nfim\n| a | b |\nsolto\n\n***\n";
    for (const std::size_t most : {200U, 20U, 5U}) {
        std::string all;
        int last = 0;
        for (const auto& chunk : chunked("k/a.md", text, most)) {
            EXPECT_GE(chunk.first_line, last) << chunk.text;
            last = chunk.last_line;
            all += chunk.heading + "\n" + chunk.text + "\n";
        }
        for (const char* each : {"title: x", "Introdução", "citação", "dois", "continua", "# não é título",
                                 "fim", "| a | b |", "solto"})
            EXPECT_THAT(all, HasSubstr(each)) << most;
    }
}

TEST(Chunker, ATextWithoutAnyEndIsCutBetweenWordsAtLast) {
    std::string text;
    for (int i = 0; i < 1'000; ++i) text += "palavra ";
    const auto chunks = chunked("k/a.txt", text, 200);
    EXPECT_GT(chunks.size(), 5U);
    for (const auto& chunk : chunks) {
        EXPECT_LE(chunk.text.size(), 800U);
        EXPECT_TRUE(chunk.text.ends_with("palavra"));
    }
}

TEST(Chunker, NothingIsNoChunk) {
    EXPECT_THAT(chunked("k/a.txt", "", 900), IsEmpty());
    EXPECT_THAT(chunked("k/a.txt", "\r\n \n\t\n", 900), IsEmpty());
}

TEST(Sentences, AbbreviationsAndAmountsEndNothing) {
    EXPECT_THAT(
        sentences(
            "Fica na Av. Norte, 1520. Fale com o Sr. José. Custa R$ 1.500,00 no total! Tel. 3333-0150."),
        ElementsAre("Fica na Av. Norte, 1520.", "Fale com o Sr. José.", "Custa R$ 1.500,00 no total!",
                    "Tel. 3333-0150."));
    EXPECT_THAT(sentences("uma frase\nem duas linhas. Outra"),
                ElementsAre("uma frase\nem duas linhas.", "Outra"));
    EXPECT_THAT(sentences(""), ElementsAre(""));
}

} // namespace
} // namespace atende::test
