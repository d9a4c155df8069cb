#include "agent/leads/nocodb_placement.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <atende/platform/text.hpp>
#include <functional>
#include <map>
#include <set>

namespace atende {
namespace {

struct field_aliases {
    std::string_view field;
    std::vector<std::string_view> titles; // folded
};

const std::vector<field_aliases>& aliases() {
    static const std::vector<field_aliases> all{
        {"name",
         {"nome", "nome completo", "nome do cliente", "cliente", "name", "full name", "customer name",
          "customer", "lead"}},
        {"phone",
         {"telefone", "celular", "whatsapp", "telefone whatsapp", "whatsapp telefone", "telefone celular",
          "fone", "numero de telefone", "phone", "phone number", "mobile"}},
        {"interest",
         {"interesse", "modelo de interesse", "produto de interesse", "modelo", "produto", "moto", "interest",
          "model", "product"}},
        {"city", {"cidade", "municipio", "city"}},
        {"email", {"email", "e mail", "e mail do cliente"}},
        {"consent",
         {"consentimento", "consentimento lgpd", "lgpd", "aceite lgpd", "autoriza contato", "consent",
          "opt in"}},
        {"notes",
         {"observacoes", "observacao", "obs", "notas", "anotacoes", "comentarios", "resumo", "notes",
          "comments", "summary"}},
        {"conversation_id", {"conversa", "id da conversa", "conversa id", "conversation", "conversation id"}},
        {"contact_id",
         {"id do contato", "contato id", "id contato", "contact id", "id do instagram", "instagram id",
          "igsid"}},
        {"account_id", {"conta", "id da conta", "conta id", "account", "account id"}},
        {"channel", {"canal", "origem", "plataforma", "fonte", "channel", "source", "platform"}},
        {"created_at",
         {"criado em", "recebido em", "data do lead", "data de criacao", "data do cadastro", "created at"}},
        {"updated_at", {"atualizado em", "ultima atualizacao", "updated at"}},
    };
    return all;
}

enum class column_kind { text, options, checkbox, time, unfit };

column_kind kind_of(const nocodb_column& column) {
    static constexpr std::array<std::string_view, 5> texts{"SingleLineText", "LongText", "PhoneNumber",
                                                           "Email", "URL"};
    if (!column.writable) return column_kind::unfit;
    if (std::ranges::find(texts, column.type) != texts.end()) return column_kind::text;
    if (column.type == "SingleSelect" || column.type == "MultiSelect") return column_kind::options;
    if (column.type == "Checkbox") return column_kind::checkbox;
    if (column.type == "DateTime" || column.type == "Date") return column_kind::time;
    return column_kind::unfit;
}

struct field_value {
    std::string_view field;
    std::variant<std::string, bool> value;
    bool is_time = false;
    bool is_ours = false; // injected: not worth an error where the table has no good place for it
};

std::vector<field_value> values_of(const lead& lead) {
    std::vector<field_value> values;
    const auto add = [&values](std::string_view field, const std::string& text) {
        if (!text.empty()) values.push_back({.field = field, .value = text});
    };
    const auto inject = [&values](std::string_view field, std::string text, bool is_time = false) {
        values.push_back({.field = field, .value = std::move(text), .is_time = is_time, .is_ours = true});
    };
    add("name", lead.name);
    add("phone", lead.phone_e164);
    add("interest", lead.interest);
    add("city", lead.city);
    add("email", lead.email);
    if (lead.consent) values.push_back({.field = "consent", .value = *lead.consent});
    add("notes", lead.notes);
    inject("conversation_id", lead.conversation.text());
    inject("contact_id", lead.conversation.contact.value);
    inject("account_id", lead.conversation.account.value);
    inject("channel", std::string(display_name(lead.conversation.platform)));
    const std::string now = fmt::format("{:%Y-%m-%d %H:%M:%S}+00:00", fmt::gmtime(lead.at_ms / 1'000));
    inject("created_at", now, true);
    inject("updated_at", now, true);
    return values;
}

class placement {
public:
    placement(const lead_profile& profile, const nocodb_schema& schema) : profile_(profile), schema_(schema) {
        // The shop's own choice wins over titles that only look right.
        for (const auto& [field, title] : profile_.columns) choose(field, titled(title));
        for (const auto& [field, titles] : aliases()) {
            if (profile_.columns.contains(std::string(field))) continue;
            for (const std::string_view title : titles) choose(field, titled(title));
        }
    }

    result<placed_lead> place(const lead& lead) {
        refuse_missing_columns();
        for (const field_value& value : values_of(lead)) place_value(value);
        if (!problems_.empty())
            return fail(errc::invalid_input, fmt::format("{}", fmt::join(problems_, "; ")));
        return std::move(placed_);
    }

private:
    [[nodiscard]] const nocodb_column* titled(std::string_view title) const {
        const auto exact = std::ranges::find(schema_.columns, title, &nocodb_column::title);
        if (exact != schema_.columns.end()) return &*exact;
        const std::string wanted = folded(title);
        const auto similar = std::ranges::find_if(
            schema_.columns, [&](const auto& column) { return folded(column.title) == wanted; });
        return similar == schema_.columns.end() ? nullptr : &*similar;
    }

    void choose(std::string_view field, const nocodb_column* column) {
        if (column == nullptr || chosen_.contains(field) || taken_.contains(column)) return;
        chosen_.emplace(field, column);
        taken_.insert(column);
    }

    void refuse_missing_columns() {
        for (const auto& [field, title] : profile_.columns) {
            if (chosen_.contains(field)) continue;
            problems_.push_back(
                fmt::format("a tabela de leads não tem uma coluna '{}' só para {}, como o perfil pede", title,
                            lead_field_label(field)));
        }
        for (const std::string& field : profile_.required_fields) {
            if (chosen_.contains(field) || profile_.columns.contains(field)) continue;
            problems_.push_back(fmt::format("a tabela de leads não tem coluna para {}, que é obrigatório",
                                            lead_field_label(field)));
        }
    }

    void place_value(const field_value& value) {
        const auto found = chosen_.find(value.field);
        if (found == chosen_.end()) {
            if (!value.is_ours) {
                placed_.remarks.push_back(
                    fmt::format("{} não foi gravado, porque a tabela não tem essa coluna",
                                lead_field_label(value.field)));
            }
            return;
        }
        const nocodb_column& column = *found->second;
        nocodb_cell cell{.column = column.title,
                         .value = value.value,
                         .only_when_new = value.field == "created_at",
                         .is_time = value.is_time};
        switch (kind_of(column)) {
        case column_kind::text: return put_text(value, std::move(cell));
        case column_kind::options: return put_option(value, column, std::move(cell));
        case column_kind::checkbox:
            if (std::holds_alternative<bool>(value.value)) return placed_.cells.push_back(std::move(cell));
            return refuse_type(value, column);
        case column_kind::time:
            if (!value.is_time) return refuse_type(value, column);
            if (column.type == "Date") cell.value = std::get<std::string>(cell.value).substr(0, 10);
            return placed_.cells.push_back(std::move(cell));
        case column_kind::unfit: return refuse_type(value, column);
        }
    }

    static std::string as_text(const field_value& value) {
        if (const bool* yes = std::get_if<bool>(&value.value)) return *yes ? "Sim" : "Não";
        return std::get<std::string>(value.value);
    }

    void put_text(const field_value& value, nocodb_cell cell) {
        cell.value = as_text(value);
        // A comma or a quote would end the title in a search filter.
        const bool searchable = cell.column.find_first_of(",\"") == std::string::npos;
        const bool identifies =
            value.field == "conversation_id" || (value.field == "contact_id" && !placed_.identity);
        if (searchable && identifies) placed_.identity = cell;
        if (searchable && value.field == "phone") placed_.phone = cell;
        placed_.cells.push_back(std::move(cell));
    }

    void put_option(const field_value& value, const nocodb_column& column, nocodb_cell cell) {
        const std::string wanted = folded(as_text(value));
        const auto option = std::ranges::find_if(
            column.options, [&wanted](const std::string& candidate) { return folded(candidate) == wanted; });
        if (option != column.options.end()) {
            cell.value = *option;
            placed_.cells.push_back(std::move(cell));
        } else if (!value.is_ours) {
            placed_.remarks.push_back(fmt::format("{} não foi gravado, porque a coluna '{}' só aceita: {}",
                                                  lead_field_label(value.field), column.title,
                                                  fmt::join(column.options, ", ")));
        }
    }

    void refuse_type(const field_value& value, const nocodb_column& column) {
        if (value.is_ours && !profile_.columns.contains(std::string(value.field))) return;
        problems_.push_back(
            fmt::format("a coluna '{}' da tabela de leads é do tipo {} e não aceita {}; a loja precisa "
                        "mudar o tipo para texto",
                        column.title, column.type, lead_field_label(value.field)));
    }

    const lead_profile& profile_;
    const nocodb_schema& schema_;
    std::map<std::string, const nocodb_column*, std::less<>> chosen_;
    std::set<const nocodb_column*> taken_;
    std::vector<std::string> problems_;
    placed_lead placed_;
};

} // namespace

result<placed_lead> place_lead(const lead& lead, const lead_profile& profile, const nocodb_schema& schema) {
    return placement(profile, schema).place(lead);
}

} // namespace atende
