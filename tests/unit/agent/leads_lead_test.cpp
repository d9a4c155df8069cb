#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atende/agent/leads/lead.hpp>

namespace atende {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const lead_profile& usual_profile() {
    static const lead_profile profile{.required_fields = {"name", "phone", "interest"}, .columns = {}};
    return profile;
}

json complete() {
    return {{"name", "Ana Souza"}, {"phone", "81 99999-1234"}, {"interest", "XY 150"}};
}

json with(const char* field, const json& value) {
    json arguments = complete();
    arguments[field] = value;
    return arguments;
}

std::string refusal(const json& arguments, const lead_profile& profile = usual_profile()) {
    const auto parsed = parse_lead(arguments, profile);
    return parsed ? "accepted" : parsed.error().detail;
}

TEST(parse_lead, takes_every_field_cleaned) {
    const auto parsed = parse_lead({{"name", "  José \u00a0 D'Ávila-Melo "},
                                    {"phone", "(81) 99999-1234"},
                                    {"interest", "XY  150"},
                                    {"city", "São Lourenço da Mata"},
                                    {"email", "jose@exemplo.com.br"},
                                    {"consent", true},
                                    {"notes", "troca a moto\nparcela em 12x 🏍️"}},
                                   usual_profile());
    ASSERT_TRUE(parsed) << parsed.error().detail;
    EXPECT_EQ(parsed->name, "José D'Ávila-Melo");
    EXPECT_EQ(parsed->phone_e164, "+5581999991234");
    EXPECT_EQ(parsed->interest, "XY 150");
    EXPECT_EQ(parsed->city, "São Lourenço da Mata");
    EXPECT_EQ(parsed->email, "jose@exemplo.com.br");
    EXPECT_EQ(parsed->consent, true);
    EXPECT_EQ(parsed->notes, "troca a moto parcela em 12x 🏍️");
}

TEST(parse_lead, leaves_out_what_was_not_said) {
    json arguments = complete();
    arguments.update({{"city", ""}, {"email", nullptr}, {"notes", "Não informado"}});
    const auto parsed = parse_lead(arguments, usual_profile());
    ASSERT_TRUE(parsed) << parsed.error().detail;
    EXPECT_EQ(parsed->city, "");
    EXPECT_EQ(parsed->email, "");
    EXPECT_EQ(parsed->notes, "");
    EXPECT_FALSE(parsed->consent.has_value());
}

TEST(parse_lead, names_every_missing_and_wrong_field_at_once) {
    EXPECT_THAT(refusal({{"phone", "99999-1234"}, {"email", "ana@"}}),
                AllOf(HasSubstr("name (nome): falta"), HasSubstr("phone (telefone): o telefone está sem DDD"),
                      HasSubstr("interest (interesse): falta"),
                      HasSubstr("email (e-mail): está incompleto")));
}

TEST(parse_lead, requires_what_the_profile_requires) {
    const lead_profile city_only{.required_fields = {"city"}, .columns = {}};
    EXPECT_EQ(refusal({{"city", "Recife"}}, city_only), "accepted");
    EXPECT_THAT(refusal(complete(), city_only), HasSubstr("city (cidade): falta"));
    EXPECT_THAT(refusal({{"city", "a definir"}}, city_only), HasSubstr("falta"));
}

TEST(parse_lead, refuses_names_nobody_has) {
    for (const char* name : {"cliente", "Cliente", "não informado", "NAO INFORMADO", "Desconhecido", "N/A",
                             "n.a.", "null", "Usuário", "81 99999", "!!", "J", "🙂🙂"}) {
        EXPECT_THAT(refusal(with("name", name)), HasSubstr("name (nome)")) << name;
    }
    for (const char* name : {"Jô", "Ana", "Clientina", "Ng", "Maria das Dores", "李小龙"}) {
        EXPECT_EQ(refusal(with("name", name)), "accepted") << name;
    }
    EXPECT_EQ(refusal(with("name", std::string(100, 'a'))), "accepted");
    EXPECT_THAT(refusal(with("name", std::string(101, 'a'))), HasSubstr("no máximo 100"));
}

TEST(parse_lead, refuses_characters_that_do_not_show) {
    for (const std::string name :
         {"Ana\nSouza", "Ana\x01", "Ana\x1b[31m", "Ana\u202egnp.exe", "Ana\u200b Souza"}) {
        EXPECT_THAT(refusal(with("name", name)), HasSubstr("caracteres inválidos"));
    }
    EXPECT_THAT(refusal(with("notes", std::string("a\0b", 3))), HasSubstr("caracteres inválidos"));
}

TEST(parse_lead, refuses_wrong_types_and_unknown_fields) {
    EXPECT_THAT(refusal(with("phone", 81'999'991'234)), HasSubstr("phone (telefone): deve ser um texto"));
    EXPECT_THAT(refusal(with("consent", "sim")),
                HasSubstr("consent (consentimento): deve ser true ou false"));
    EXPECT_THAT(refusal(with("contact_id", "123")), HasSubstr("campo desconhecido"));
    EXPECT_THAT(refusal(json::array()), HasSubstr("objeto JSON"));
}

TEST(parse_lead, keeps_nobody_who_refused_where_consent_is_required) {
    const lead_profile profile{.required_fields = {"name", "consent"}, .columns = {}};
    EXPECT_EQ(refusal({{"name", "Ana"}, {"consent", true}}, profile), "accepted");
    EXPECT_THAT(refusal({{"name", "Ana"}, {"consent", false}}, profile), HasSubstr("não salve"));
    EXPECT_THAT(refusal({{"name", "Ana"}}, profile), HasSubstr("falta"));
    EXPECT_EQ(parse_lead(with("consent", false), usual_profile()).value().consent, false);
}

TEST(parse_lead, checks_email_and_city) {
    for (const char* email :
         {"ana", "ana@", "@x.com", "ana@x", "ana@@x.com", "ana souza@x.com", "a@x..com", "a@x.c"}) {
        EXPECT_THAT(refusal(with("email", email)), HasSubstr("nome@exemplo.com")) << email;
    }
    EXPECT_EQ(refusal(with("email", "ana.souza+moto@exemplo.com.br")), "accepted");
    EXPECT_THAT(refusal(with("city", "123")), HasSubstr("city (cidade)"));
}

TEST(parse_lead, repeats_nothing_the_customer_wrote) {
    const std::string told =
        refusal({{"name", "Ana\x01 Segredo"}, {"phone", "segredo"}, {"email", "segredo"}});
    EXPECT_THAT(told, AllOf(Not(HasSubstr("egredo")), Not(HasSubstr("Ana"))));
}

} // namespace
} // namespace atende
