#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <atende/agent/built_in_tools.hpp>
#include <atende/agent/profile.hpp>
#include <atende/platform/json.hpp>
#include <atende/platform/text.hpp>

namespace atende {
namespace {

using nlohmann::json;

struct tool_facts {
    std::string name;
    std::string description;
    json parameters;
    bool has_effect = false;
};

class told_tool final : public tool {
public:
    told_tool(tool_facts facts, std::string answer) : facts_(std::move(facts)), answer_(std::move(answer)) {}

    [[nodiscard]] const std::string& name() const override { return facts_.name; }
    [[nodiscard]] const std::string& description() const override { return facts_.description; }
    [[nodiscard]] const json& parameters() const override { return facts_.parameters; }
    [[nodiscard]] std::chrono::milliseconds time_limit() const override { return std::chrono::seconds(1); }
    [[nodiscard]] bool has_effect() const override { return facts_.has_effect; }

    awaitable<std::string> call(json, tool_context) override { co_return answer_; }

private:
    tool_facts facts_;
    std::string answer_;
};

json parameters_of(json properties, std::vector<std::string> required) {
    return {{"type", "object"},
            {"properties", std::move(properties)},
            {"required", std::move(required)},
            {"additionalProperties", false}};
}

} // namespace

std::shared_ptr<tool> make_hand_over_tool() {
    tool_facts facts{
        .name = std::string(hand_over_tool_name),
        .description =
            "Passa esta conversa para uma pessoa da loja: depois da sua resposta o atendimento automático "
            "para. Use quando o cliente pedir uma pessoa, estiver irritado, ou precisar de algo que você não "
            "pode resolver. Depois, diga ao cliente que uma pessoa vai continuar por aqui.",
        .parameters = parameters_of(
            {{"motivo", {{"type", "string"}, {"description", "Em poucas palavras, por que passar."}}}},
            {"motivo"}),
        .has_effect = true}; // decided is decided, whatever the customer writes meanwhile
    return std::make_shared<told_tool>(
        std::move(facts),
        "SUCESSO: uma pessoa da loja continua esta conversa. Diga isso ao cliente em uma frase, sem prometer "
        "prazo.");
}

std::shared_ptr<tool> make_agent_transfer_tool(const std::vector<profile_agent>& agents,
                                               const std::string& first_name) {
    json ids = json::array();
    std::string who;
    for (const auto& each : agents) {
        const bool is_renamed = ids.empty() && !first_name.empty();
        who += fmt::format(" {}: {} ({}).", each.id, each.about, is_renamed ? first_name : each.name);
        ids.push_back(each.id);
    }
    tool_facts facts{
        .name = std::string(agent_transfer_tool_name),
        .description = "Passa a conversa para outro agente da equipe, que responde já e daqui em "
                       "diante. Use quando o assunto for de outro, e não o anuncie antes. Quem há:" +
                       who,
        .parameters = parameters_of(
            {{"agente",
              {{"type", "string"}, {"enum", std::move(ids)}, {"description", "Quem passa a responder."}}}},
            {"agente"})};
    return std::make_shared<told_tool>(std::move(facts),
                                       "SUCESSO: quem responde a partir daqui é o agente pedido.");
}

std::string agent_asked_for(const tool_step& transfer) {
    return text_member(parsed_json(transfer.arguments), "agente");
}

} // namespace atende
