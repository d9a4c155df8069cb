#include "knowledge/shop.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>

namespace atende::bench {
namespace {

constexpr std::array<std::string_view, 20> kinds{
    "moto",      "capacete", "jaqueta",    "óculos",  "bicicleta", "curso",   "notebook",
    "geladeira", "colchão",  "tênis",      "relógio", "violão",    "cadeira", "furadeira",
    "patinete",  "câmera",   "impressora", "fogão",   "mochila",   "bota"};
constexpr std::array<std::string_view, 10> models{"Aurora", "Brisa",   "Cedro",     "Delta", "Estrela",
                                                  "Faísca", "Granada", "Horizonte", "Ipê",   "Jatobá"};

// `heading`, what stands below it, and what a customer asks to hear it. {0}: the kind, {1}: the model, {2}: a
// number that only this section has.
struct section {
    std::string_view heading;
    std::string_view text;
    std::string_view question;
};
constexpr std::array<section, 10> sections{{
    {"Valores", "R$ {2},00 à vista, ou em 12 vezes no cartão. O frete não está incluído.",
     "qto custa a {0} {1}"},
    {"Garantia", "São {2} dias contra defeitos de fabricação, com nota fiscal. Peças de desgaste não entram.",
     "se a {0} {1} quebrar vcs consertam?"},
    {"Entrega", "Enviamos em até {2} horas úteis para todo o Brasil, com rastreamento pelos Correios.",
     "{0} {1}, qual o frete e quando chega"},
    {"Trocas e devoluções", "Aceitamos a devolução em até {2} dias, sem uso e na embalagem original.",
     "posso devolver a {0} {1} se nao gostar"},
    {"Cores", "Disponível em preto, branco e mais {2} tons sob encomenda na fábrica.",
     "a {0} {1} tem em que cores"},
    {"Medidas", "Altura de {2} milímetros. Confira as dimensões antes de comprar, por favor.",
     "qual o tamanho da {0} {1}"},
    {"Manutenção", "Revise a cada {2} usos. Use apenas produtos neutros e guarde em lugar seco.",
     "como faço a manutencao da {0} {1}"},
    {"Conteúdo da caixa", "Acompanha manual, certificado e {2} acessórios, todos lacrados.",
     "o que acompanha a {0} {1}"},
    {"Promoções", "Até o fim do mês o cupom VERAO{2} dá desconto na segunda unidade.",
     "tem promocao da {0} {1}?"},
    {"Atendimento", "Marque uma demonstração pelo telefone 0800 {2}, de segunda a sexta.",
     "queria agendar pra ver a {0} {1}"},
}};

int number_of(std::size_t file, std::size_t section) {
    return static_cast<int>(10'000 + file * 10 + section);
}

std::string_view kind_of(std::size_t file) {
    return kinds.at(file / models.size());
}

std::string_view model_of(std::size_t file) {
    return models.at(file % models.size());
}

std::string name_of(std::size_t file) {
    return fmt::format("produtos/{:03}.md", file);
}

std::string filled(std::string_view pattern, std::size_t file, std::size_t section) {
    return fmt::format(fmt::runtime(pattern), kind_of(file), model_of(file), number_of(file, section));
}

constexpr std::size_t file_count = kinds.size() * models.size();

} // namespace

std::vector<shop_file> shop_files() {
    constexpr std::string_view more =
        "A {0} {1} é feita para durar e passa por testes antes de sair da loja. Quem já comprou conta que o "
        "acabamento "
        "surpreende, e que o atendimento depois da venda resolve rápido o que aparecer. Em caso de dúvida "
        "sobre a {0}, "
        "fale com a equipe, que conhece cada detalhe do produto e responde no mesmo dia.";
    std::vector<shop_file> files;
    for (std::size_t file = 0; file < file_count; ++file) {
        std::string text = filled("# {0} {1}\n\n", file, 0);
        for (std::size_t i = 0; i < sections.size(); ++i) {
            text += fmt::format("## {}\n\n{}\n\n{}\n\n", sections.at(i).heading,
                                filled(sections.at(i).text, file, i), filled(more, file, i));
        }
        files.push_back({name_of(file), std::move(text)});
    }
    return files;
}

std::vector<shop_question> shop_questions() {
    std::vector<shop_question> questions;
    for (std::size_t file = 0; file < file_count; ++file) {
        for (std::size_t i = 0; i < sections.size(); ++i) {
            questions.push_back({.text = filled(sections.at(i).question, file, i),
                                 .file = name_of(file),
                                 .says = std::to_string(number_of(file, i))});
        }
    }
    return questions;
}

} // namespace atende::bench
