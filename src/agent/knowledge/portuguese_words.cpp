#include "agent/knowledge/portuguese.hpp"

#include <algorithm>
#include <array>

namespace atende {
namespace {

// In order: looked up by halves.
constexpr std::array<std::string_view, 143> stop_words{
    "a",       "agora",  "ai",      "ainda",    "alguem",   "algum", "alguma", "ao",     "aos",
    "aquela",  "aquele", "aqui",    "aquilo",   "as",       "ate",   "bem",    "boa",    "bom",
    "com",     "como",   "da",      "das",      "de",       "dela",  "dele",   "deles",  "dia",
    "do",      "dos",    "e",       "ela",      "elas",     "ele",   "eles",   "em",     "entao",
    "era",     "essa",   "esse",    "esses",    "esta",     "estao", "estar",  "este",   "eu",
    "favor",   "foi",    "gente",   "gostaria", "ha",       "isso",  "isto",   "ja",     "la",
    "lhe",     "mas",    "me",      "mesmo",    "meu",      "meus",  "minha",  "minhas", "moca",
    "moco",    "muito",  "n",       "na",       "nao",      "nas",   "nem",    "no",     "nos",
    "num",     "numa",   "o",       "obrigada", "obrigado", "oi",    "oie",    "ok",     "ola",
    "oque",    "os",     "ou",      "p",        "para",     "pela",  "pelo",   "pode",   "podem",
    "poderia", "por",    "porque",  "posso",    "pra",      "pro",   "q",      "quais",  "qual",
    "quando",  "quanta", "quantas", "quanto",   "quantos",  "que",   "quem",   "quer",   "queria",
    "quero",   "saber",  "se",      "sem",      "ser",      "seu",   "seus",   "si",     "sim",
    "so",      "sobre",  "sou",     "sua",      "suas",     "ta",    "tao",    "tb",     "te",
    "tem",     "tenho",  "ter",     "teria",    "tinha",    "to",    "tudo",   "um",     "uma",
    "umas",    "uns",    "vai",     "vc",       "vcs",      "voce",  "voces",  "vou",
};

} // namespace

bool is_stop_word(std::string_view word) {
    static_assert(std::ranges::is_sorted(stop_words));
    return std::ranges::binary_search(stop_words, word);
}

std::vector<synonym_group> built_in_synonyms() {
    return {
        {"preço",        "valor",       "custo",     "custa",      "investimento",    "mensalidade",
         "tarifa",       "orçamento",   "reais",     "vlr",        "quanto é",        "quanto fica",
         "quanto sai",   "quanto está", "quanto tá", "quanto que", "quanto o",        "quanto a",
         "quanto cobra", "por quanto",  "qto",       "qnto",       "tabela de preços"},
        {"pagamento", "pagar", "pago", "parcela", "parcelar", "parcelamento", "cartão", "pix", "boleto",
         "à vista", "financiamento", "financiar", "crediário", "juros", "crédito", "débito"},
        {"horário", "que horas", "abre", "abrem", "aberto", "abertos", "abertura", "fecha", "fecham",
         "fechado", "funciona", "funcionamento", "expediente", "atendimento", "domingo", "feriado",
         "fim de semana"},
        {"endereço", "onde fica", "onde ficam", "onde é", "onde vocês", "fica onde", "localização",
         "localizada", "como chegar", "rua", "avenida", "loja física", "mapa", "bairro", "estacionamento"},
        {"entrega", "entregar", "frete", "envio", "enviar", "envia", "manda para", "mandam para", "motoboy",
         "correios", "sedex", "prazo de entrega", "quando chega", "demora para chegar", "retirar",
         "retirada"},
        {"troca", "trocar", "devolução", "devolver", "devolvo", "reembolso", "arrependimento", "estorno",
         "dinheiro de volta"},
        {"garantia", "defeito", "conserto", "assistência", "quebrou", "quebrar", "estragou"},
        {"estoque", "disponível", "disponibilidade", "pronta entrega", "ainda tem", "tem em loja"},
        {"desconto", "promoção", "cupom", "oferta", "mais barato", "liquidação", "condição especial"},
        {"telefone", "whatsapp", "whats", "zap", "celular", "contato", "e-mail", "email", "ligar"},
        {"agendar", "agendamento", "marcar", "reservar", "reserva", "remarcar", "desmarcar"},
        {"duração", "carga horária", "quanto tempo", "dura", "quantas horas", "quantos meses",
         "quantas aulas"},
        {"certificado", "certificação", "diploma", "reconhecido pelo MEC"},
        {"cancelar", "cancelamento", "desistir", "desistência", "multa"},
        {"documento", "documentação", "o que preciso levar", "RG", "CPF", "comprovante"},
        {"convênio", "plano de saúde", "planos de saúde", "particular"},
        {"tamanho", "medida", "numeração", "dimensões"},
    };
}

} // namespace atende
