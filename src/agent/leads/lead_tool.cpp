#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <atende/agent/leads/lead_tool.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/unix_time.hpp>

namespace atende {
namespace {

using json = nlohmann::json;

json text_parameter(std::string_view description) {
    return {{"type", "string"}, {"description", description}};
}

json lead_parameters(const lead_profile& profile) {
    json properties;
    properties["name"] = text_parameter("Nome do cliente, como ele escreveu.");
    properties["phone"] = text_parameter("Telefone ou WhatsApp com DDD, como o cliente escreveu.");
    properties["interest"] = text_parameter("O que o cliente quer: modelo, produto ou serviço.");
    properties["city"] = text_parameter("Cidade do cliente.");
    properties["email"] = text_parameter("E-mail do cliente.");
    properties["consent"] = {
        {"type", "boolean"},
        {"description", "true se o cliente autorizou o contato da loja, false se recusou."}};
    properties["notes"] =
        text_parameter("Resumo curto do que ajuda o vendedor: pagamento, prazo, troca, dúvidas.");
    return {{"type", "object"},
            {"properties", std::move(properties)},
            {"required", profile.required_fields},
            {"additionalProperties", false}};
}

std::vector<std::string_view> given_labels(const lead& lead) {
    std::vector<std::string_view> labels;
    const auto add = [&labels](bool given, std::string_view field) {
        if (given) labels.push_back(lead_field_label(field));
    };
    add(!lead.name.empty(), "name");
    add(!lead.phone_e164.empty(), "phone");
    add(!lead.interest.empty(), "interest");
    add(!lead.city.empty(), "city");
    add(!lead.email.empty(), "email");
    add(lead.consent.has_value(), "consent");
    add(!lead.notes.empty(), "notes");
    return labels;
}

std::string told_success(const lead& lead, const saved_lead& saved) {
    std::string text = fmt::format("SUCESSO: cadastro {} com {}.", saved.updated ? "atualizado" : "salvo",
                                   fmt::join(given_labels(lead), ", "));
    if (!lead.phone_e164.empty()) text += " Telefone registrado: " + lead.phone_e164 + ".";
    for (const std::string& remark : saved.remarks) text += " Atenção: " + remark + ".";
    return text;
}

std::string told_failure(const error& failure) {
    switch (failure.code) {
    case errc::invalid_input: return "ERRO: " + failure.detail + ".";
    case errc::rejected:
    case errc::protocol:
    case errc::too_large:
        return "ERRO: o cadastro da loja recusou os dados por um problema de configuração; tentar de novo "
               "não resolve. Não diga que o cadastro foi feito; continue o atendimento.";
    case errc::timed_out:
    case errc::interrupted:
        return "ERRO: o cadastro não confirmou a gravação a tempo. Não diga que o cadastro foi feito; tente "
               "de novo na próxima mensagem do cliente.";
    case errc::unavailable:
    case errc::cancelled: break;
    }
    return "ERRO: o cadastro está fora do ar. Não diga que o cadastro foi feito; tente de novo na próxima "
           "mensagem do cliente.";
}

class lead_tool final : public tool {
public:
    lead_tool(lead_profile profile, lead_store& store)
        : profile_(std::move(profile)),
          store_(store),
          parameters_(lead_parameters(profile_)) {}

    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] const std::string& description() const override { return description_; }
    [[nodiscard]] const json& parameters() const override { return parameters_; }
    [[nodiscard]] std::chrono::milliseconds time_limit() const override { return std::chrono::seconds(25); }
    [[nodiscard]] bool has_effect() const override { return true; }

    // The store is idempotent per conversation, which holds for more than one operation id does: a turn
    // thought again with other words still makes one lead.
    awaitable<std::string> call(json arguments, tool_context context) override {
        result<lead> parsed = parse_lead(arguments, profile_);
        if (!parsed) {
            spdlog::info("[TOOL] {} {}: arguments refused", context.conversation.text(), name_);
            co_return told_failure(parsed.error());
        }
        parsed->conversation = context.conversation;
        parsed->at_ms = unix_ms_now();
        const result<saved_lead> saved = co_await store_.save(*parsed);
        if (!saved) {
            spdlog::warn("[TOOL] {} {}: not saved: {}", context.conversation.text(), name_,
                         printable(saved.error().detail));
            co_return told_failure(saved.error());
        }
        spdlog::info("[TOOL] {} {}: {} as {}, {} remarks", context.conversation.text(), name_,
                     saved->updated ? "updated" : "saved", printable(saved->row), saved->remarks.size());
        co_return told_success(*parsed, *saved);
    }

private:
    std::string name_{lead_tool_name};
    std::string description_ =
        "Registra ou atualiza o cliente desta conversa no cadastro de leads da loja. Use assim que o cliente "
        "tiver informado os dados obrigatórios, e de novo quando ele corrigir ou acrescentar algum. Envie só "
        "o que o cliente disse; nunca invente. Só confirme o cadastro ao cliente se a resposta começar com "
        "SUCESSO.";
    lead_profile profile_;
    lead_store& store_;
    json parameters_;
};

} // namespace

std::shared_ptr<tool> make_lead_tool(lead_profile profile, lead_store& store) {
    return std::make_shared<lead_tool>(std::move(profile), store);
}

} // namespace atende
