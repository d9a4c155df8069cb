#include "agent/leads/csv_table.hpp"
#include "agent/leads/file_replace.hpp"
#include "agent/leads/phone_br.hpp"
#include "agent/local_time.hpp"

#include <system_error>

#include <algorithm>
#include <atende/agent/leads/csv_lead_store.hpp>
#include <atende/platform/log.hpp>
#include <chrono>

namespace atende {
namespace {

constexpr auto lock_patience = std::chrono::seconds(5);

namespace column {
constexpr std::string_view created = "Criado em";
constexpr std::string_view updated = "Atualizado em";
constexpr std::string_view name = "Nome";
constexpr std::string_view phone = "Telefone";
constexpr std::string_view interest = "Interesse";
constexpr std::string_view city = "Cidade";
constexpr std::string_view email = "E-mail";
constexpr std::string_view consent = "Consentimento";
constexpr std::string_view notes = "Observações";
constexpr std::string_view channel = "Canal";
// Holds the account's and the contact's ids too: in cells of their own, spreadsheets would round their 17
// digits.
constexpr std::string_view conversation = "Conversa";
} // namespace column

std::string time_text(std::int64_t unix_ms, const std::string& time_zone) {
    return timestamp_at(std::chrono::system_clock::time_point(std::chrono::milliseconds(unix_ms)), time_zone);
}

csv_table empty_table() {
    csv_table table;
    for (const auto title :
         {column::created, column::updated, column::name, column::phone, column::interest, column::city,
          column::email, column::consent, column::notes, column::channel, column::conversation}) {
        table.header.emplace_back(title);
    }
    return table;
}

void put(csv_table& table, std::size_t row, const lead& lead, const std::string& time_zone) {
    const std::string now = time_text(lead.at_ms, time_zone);
    const auto set = [&table, row](std::string_view title, std::string_view text) {
        if (!text.empty()) table.cell(row, title) = formula_safe(text);
    };
    if (table.value(row, column::created).empty()) set(column::created, now);
    set(column::updated, now);
    set(column::name, lead.name);
    set(column::phone, phone_for_people(lead.phone_e164));
    set(column::interest, lead.interest);
    set(column::city, lead.city);
    set(column::email, lead.email);
    if (lead.consent) set(column::consent, *lead.consent ? "sim" : "não");
    set(column::notes, lead.notes);
    set(column::channel, "Instagram");
    set(column::conversation, lead.conversation.text());
}

bool is_ours(const csv_table& table) {
    return std::ranges::find(table.header, column::conversation) != table.header.end();
}

struct stored {
    bool updated = false;
    std::string set_aside; // where a file that was not ours went
};

result<stored> upsert(const std::filesystem::path& file, const lead& lead, const std::string& time_zone) {
    stored done;
    const result<file_lock> lock = file_lock::of(file, lock_patience);
    if (!lock) return std::unexpected(lock.error());
    const result<std::optional<std::string>> content = read_file(file);
    if (!content) return std::unexpected(content.error());
    csv_table table = empty_table();
    if (*content) {
        result<csv_table> parsed = parse_csv(**content);
        if (parsed && is_ours(*parsed)) {
            table = std::move(*parsed);
        } else {
            // Neither the lead nor what somebody made of the file may be lost.
            std::filesystem::path aside = file;
            aside += "." + std::to_string(lead.at_ms) + ".bak";
            std::error_code failed;
            std::filesystem::rename(file, aside, failed);
            if (failed)
                return fail(errc::unavailable, "cannot set " + file.string() + " aside: " + failed.message());
            done.set_aside = aside.string();
        }
    }
    std::size_t row = 0;
    const std::string conversation = lead.conversation.text();
    while (row < table.rows.size() && table.value(row, column::conversation) != conversation) ++row;
    done.updated = row < table.rows.size();
    if (!done.updated) table.rows.emplace_back();
    put(table, row, lead, time_zone);
    const result<void> replaced = replace_file(file, format_csv(table));
    if (!replaced) return std::unexpected(replaced.error());
    return done;
}

class csv_lead_store final : public lead_store {
public:
    csv_lead_store(std::filesystem::path file, std::string time_zone)
        : file_(std::move(file)),
          time_zone_(std::move(time_zone)) {}

    awaitable<result<saved_lead>> save(lead lead) override {
        std::string row = lead.conversation.text();
        const result<stored> done =
            co_await offload(one_at_a_time_, [file = file_, zone = time_zone_, lead = std::move(lead)] {
                return upsert(file, lead, zone);
            });
        if (!done) co_return std::unexpected(done.error());
        if (!done->set_aside.empty()) {
            spdlog::warn("{} was not readable as leads; it is kept as {}", file_.string(), done->set_aside);
        }
        co_return saved_lead{.row = std::move(row), .updated = done->updated, .remarks = {}};
    }

private:
    std::filesystem::path file_;
    std::string time_zone_;
    asio::thread_pool one_at_a_time_{1};
};

} // namespace

std::unique_ptr<lead_store> make_csv_lead_store(std::filesystem::path file, std::string time_zone) {
    return std::make_unique<csv_lead_store>(std::move(file), std::move(time_zone));
}

} // namespace atende
