#include "agent/leads/csv_table.hpp"
#include "support/event_loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atende/agent/leads/csv_lead_store.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace atende {
namespace {

using test::run;
using ::testing::HasSubstr;
using ::testing::StartsWith;

lead some_lead(const std::string& contact = "99900000000000001") {
    lead out;
    out.name = "Ana Souza";
    out.phone_e164 = "+5581999991234";
    out.interest = "XY 150";
    out.conversation = {.account = account_id("17841400000000001"), .contact = contact_id(contact)};
    out.at_ms = 1'795'241'711'000;
    return out;
}

class csv_leads : public ::testing::Test {
protected:
    csv_leads() {
        std::string name = (std::filesystem::temp_directory_path() / "atende-leads-XXXXXX").string();
        folder = ::mkdtemp(name.data());
        file = folder / "data" / "leads.csv";
        store = make_csv_lead_store(file, "America/Recife");
    }
    ~csv_leads() override { std::filesystem::remove_all(folder); }

    [[nodiscard]] std::string content() const {
        std::ifstream in(file, std::ios::binary);
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }

    void write(const std::string& text) const {
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << text;
    }

    saved_lead save(const lead& lead) { return run(store->save(lead)).value(); }
    [[nodiscard]] csv_table table() const { return parse_csv(content()).value(); }

    std::filesystem::path folder;
    std::filesystem::path file;
    std::unique_ptr<lead_store> store;
};

TEST_F(csv_leads, open_in_a_brazilian_spreadsheet) {
    EXPECT_FALSE(save(some_lead()).updated);
    const std::string text = content();
    EXPECT_THAT(text,
                StartsWith("\xEF\xBB\xBF"
                           "Criado em;Atualizado em;Nome;Telefone;Interesse;Cidade;E-mail;Consentimento;"
                           "Observações;Canal;Conversa\r\n"));
    EXPECT_THAT(text, HasSubstr("\r\n2026-11-21 03:15:11 -0300;2026-11-21 03:15:11 -0300;Ana"))
        << "the shop's clock";
    EXPECT_THAT(text, HasSubstr(";Ana Souza;(81) 99999-1234;XY 150;;;;;Instagram;"
                                "ig:17841400000000001:99900000000000001\r\n"));
    struct stat status{};
    ASSERT_EQ(::stat(file.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(csv_leads, hold_everything_that_was_said) {
    lead said = some_lead();
    said.name = "Ana; \"Aninha\", Souza";
    said.phone_e164 = "+12125550123";
    said.city = "Recife";
    said.email = "ana@exemplo.com";
    said.consent = false;
    said.notes = "=HYPERLINK(\"http://evil\")";
    save(said);
    const csv_table written = table();
    ASSERT_EQ(written.rows.size(), 1U);
    EXPECT_EQ(written.value(0, "Nome"), said.name);
    EXPECT_EQ(written.value(0, "Telefone"), "'" + said.phone_e164);
    EXPECT_EQ(written.value(0, "Cidade"), said.city);
    EXPECT_EQ(written.value(0, "E-mail"), said.email);
    EXPECT_EQ(written.value(0, "Consentimento"), "não");
    EXPECT_EQ(written.value(0, "Observações"), "'" + said.notes);
}

TEST_F(csv_leads, update_the_same_conversation_and_keep_what_is_not_said_again) {
    lead first = some_lead();
    first.city = "Recife";
    save(first);
    save(some_lead("99900000000000002"));
    lead second = some_lead();
    second.name = "Ana Souza Lima";
    second.consent = true;
    second.at_ms += 60'000;
    EXPECT_TRUE(save(second).updated);

    const csv_table written = table();
    ASSERT_EQ(written.rows.size(), 2U);
    EXPECT_EQ(written.value(0, "Nome"), "Ana Souza Lima");
    EXPECT_EQ(written.value(0, "Cidade"), "Recife");
    EXPECT_EQ(written.value(0, "Consentimento"), "sim");
    EXPECT_EQ(written.value(0, "Criado em"), "2026-11-21 03:15:11 -0300");
    EXPECT_EQ(written.value(0, "Atualizado em"), "2026-11-21 03:16:11 -0300");
}

TEST_F(csv_leads, run_no_formula) {
    for (const std::string text : {"=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "'=1", "''@x", "\r=1"})
        EXPECT_EQ(formula_safe(text), "'" + text);
    for (const std::string text : {"Ana", "", "'", "a=1", "D'Ávila", "'aspas'", "(81) 99999-1234"})
        EXPECT_EQ(formula_safe(text), text);
    lead foreign = some_lead();
    foreign.phone_e164 = "+12125550123";
    save(foreign);
    EXPECT_THAT(content(), HasSubstr(";'+12125550123;"));
}

TEST_F(csv_leads, keep_what_the_shop_added_by_hand) {
    save(some_lead());
    std::string text = content();
    text.insert(text.find("\r\n"), ";Vendedor");
    text.insert(text.rfind("\r\n"), ";\"João; loja 2\"");
    text += "nota solta\n";
    write(text);
    save(some_lead("99900000000000002"));
    EXPECT_THAT(content(),
                HasSubstr("ig:17841400000000001:99900000000000001;\"João; loja 2\"\r\nnota solta\r\n"));
    EXPECT_EQ(table().rows.size(), 3U);
}

TEST_F(csv_leads, read_a_file_saved_with_commas) {
    write("Nome,Telefone,Conversa\nBia,\"(81) 98888-1234\",ig:1:2\n");
    lead again = some_lead();
    again.conversation = {.account = account_id("1"), .contact = contact_id("2")};
    EXPECT_TRUE(save(again).updated);
    ASSERT_EQ(table().rows.size(), 1U);
    EXPECT_EQ(table().value(0, "Nome"), "Ana Souza");
}

TEST_F(csv_leads, never_overwrite_a_file_that_is_something_else) {
    for (const std::string other :
         {"lista de compras\nleite;pão\n", "Nome;Conversa\n\"aberto", "PK\x03\x04 xlsx"}) {
        write(other);
        EXPECT_FALSE(save(some_lead()).updated);
        EXPECT_EQ(table().rows.size(), 1U);
        const std::filesystem::path aside = file.string() + ".1795241711000.bak";
        std::ifstream in(aside, std::ios::binary);
        EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), other);
    }
}

TEST_F(csv_leads, are_all_there_after_many_at_once) {
    asio::io_context loop(1);
    int saved = 0;
    for (int i = 0; i < 50; ++i) {
        asio::co_spawn(
            loop, store->save(some_lead(std::to_string(i))),
            [&saved](const std::exception_ptr&, const result<saved_lead>& done) { saved += done ? 1 : 0; });
    }
    loop.run();
    EXPECT_EQ(saved, 50);
    EXPECT_EQ(table().rows.size(), 50U);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(file.parent_path()), {}), 2)
        << "and its lock";
}

// As two processes do: each store has a thread of its own.
TEST_F(csv_leads, are_all_there_when_several_stores_share_the_file) {
    const auto other = make_csv_lead_store(file, "America/Recife");
    asio::io_context loop(1);
    int saved = 0;
    for (int i = 0; i < 50; ++i) {
        asio::co_spawn(
            loop, (i % 2 == 0 ? *store : *other).save(some_lead(std::to_string(i))),
            [&saved](const std::exception_ptr&, const result<saved_lead>& done) { saved += done ? 1 : 0; });
    }
    loop.run();
    EXPECT_EQ(saved, 50);
    EXPECT_EQ(table().rows.size(), 50U);
}

TEST_F(csv_leads, say_when_they_cannot_be_written) {
    store = make_csv_lead_store("/proc/atende/leads.csv", "UTC");
    const auto saved = run(store->save(some_lead()));
    ASSERT_FALSE(saved);
    EXPECT_EQ(saved.error().code, errc::unavailable);
    EXPECT_THAT(saved.error().detail, HasSubstr("/proc/atende"));
}

TEST(csv_table, reads_what_it_writes) {
    csv_table table{.header = {"a", "b"}, .rows = {{"1;2", "3\"4"}, {"5\r\n6", ""}, {"", "ção"}}};
    const auto read = parse_csv(format_csv(table));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->header, table.header);
    EXPECT_EQ(read->rows, table.rows);
}

} // namespace
} // namespace atende
