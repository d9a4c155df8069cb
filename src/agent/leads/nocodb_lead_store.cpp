#include "agent/leads/nocodb_client.hpp"
#include "agent/leads/nocodb_placement.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atende/agent/leads/nocodb_lead_store.hpp>
#include <atende/platform/log.hpp>

namespace atende {
namespace {

constexpr auto save_limit = std::chrono::seconds(22);

using deadline = nocodb_client::deadline;

// The columns may have changed since they were read.
bool may_be_stale_columns(const error& failure) {
    return failure.code == errc::invalid_input || failure.code == errc::rejected ||
           failure.code == errc::protocol;
}

std::vector<nocodb_cell> cells_of_update(const placed_lead& placed) {
    std::vector<nocodb_cell> cells = placed.cells;
    std::erase_if(cells, [](const nocodb_cell& cell) { return cell.only_when_new; });
    return cells;
}

// What the ledger holds: "<table>/<row>@<when NocoDB made the row, if that could be read>".
struct ledger_entry {
    std::string row;
    std::string created;
};

std::string ledger_text(const std::string& table, const ledger_entry& entry) {
    return table + "/" + entry.row + "@" + entry.created;
}

// Nothing for another table: the shop may have changed it, and row 7 there is somebody else.
std::optional<ledger_entry> ledger_entry_from(std::string_view text, const std::string& table) {
    const std::string of_this_table = table + "/";
    const std::size_t at = text.rfind('@');
    if (!text.starts_with(of_this_table) || at == std::string_view::npos) return std::nullopt;
    return ledger_entry{.row = std::string(text.substr(of_this_table.size(), at - of_this_table.size())),
                        .created = std::string(text.substr(at + 1))};
}

std::string created_of(const nocodb_row& row, const std::string& created_column) {
    const auto found = row.cells.find(created_column);
    return found == row.cells.end() ? std::string() : found->second;
}

class nocodb_lead_store final : public lead_store {
public:
    nocodb_lead_store(http_client& http, lead_ledger& ledger, nocodb_settings settings, lead_profile profile)
        : table_(settings.table.table),
          client_(http, std::move(settings)),
          ledger_(ledger),
          profile_(std::move(profile)) {}

    awaitable<result<saved_lead>> save(lead lead) override {
        const deadline until = std::chrono::steady_clock::now() + save_limit;
        while (true) {
            const bool cached = client_.knows_schema();
            result<saved_lead> saved = co_await save_once(lead, until);
            if (saved || !may_be_stale_columns(saved.error())) co_return saved;
            client_.forget_schema();
            if (!cached) co_return saved;
        }
    }

private:
    awaitable<result<saved_lead>> save_once(const lead& lead, deadline until) {
        const auto schema = co_await client_.schema(until);
        if (!schema) co_return std::unexpected(schema.error());
        const result<placed_lead> placed = place_lead(lead, profile_, **schema);
        if (!placed) co_return std::unexpected(placed.error());
        const auto known = co_await row_of(lead.conversation, *placed, (*schema)->created, until);
        if (!known) co_return std::unexpected(known.error());

        std::string row = known->value_or("");
        bool updated = false;
        if (!row.empty()) {
            // False when the shop has deleted the row: the customer is a lead again.
            const result<bool> done = co_await client_.update(row, cells_of_update(*placed), until);
            if (!done) co_return std::unexpected(done.error());
            updated = *done;
        }
        if (!updated) {
            result<std::string> inserted = co_await insert(*placed, until);
            if (!inserted) co_return std::unexpected(inserted.error());
            row = std::move(*inserted);
        }
        const auto stored = co_await client_.read(row, until);
        const bool there = stored && *stored;
        co_await remember(lead.conversation,
                          {.row = row, .created = there ? created_of(**stored, (*schema)->created) : ""});
        if (!stored) co_return std::unexpected(stored.error());
        if (!there) co_return fail(errc::protocol, "NocoDB: the row just written is not there");
        const auto missing = missing_columns(**stored, updated ? cells_of_update(*placed) : placed->cells);
        if (!missing.empty()) {
            co_return fail(errc::protocol,
                           fmt::format("NocoDB: the row does not hold what was written to it: {}",
                                       fmt::join(missing, ", ")));
        }
        co_return saved_lead{.row = std::move(row), .updated = updated, .remarks = placed->remarks};
    }

    // A search comes first: it also finds the row of an insert whose answer never came.
    awaitable<result<std::optional<std::string>>> row_of(const conversation_id& conversation,
                                                         const placed_lead& placed,
                                                         const std::string& created_column, deadline until) {
        if (placed.identity) {
            const auto found = co_await search(placed, until);
            if (!found || *found) co_return found;
        }
        const auto text = co_await ledger_.row_of(conversation);
        if (!text && !placed.identity) co_return std::unexpected(text.error());
        const auto remembered = text && *text ? ledger_entry_from(**text, table_) : std::nullopt;
        if (remembered) {
            const auto stored = co_await client_.read(remembered->row, until);
            if (!stored) co_return std::unexpected(stored.error());
            // SQLite gives the id of a deleted last row to the next one: then this is another customer.
            const bool ours = *stored && (remembered->created.empty() ||
                                          created_of(**stored, created_column) == remembered->created);
            if (ours) co_return remembered->row;
        }
        if (placed.identity) co_return std::nullopt;
        co_return co_await search(placed, until);
    }

    // By identity, or else a row with this phone that says exactly the same: one of the same phone but other
    // data may be another customer's.
    awaitable<result<std::optional<std::string>>> search(const placed_lead& placed, deadline until) {
        const std::optional<nocodb_cell>& wanted = placed.identity ? placed.identity : placed.phone;
        if (!wanted) co_return std::nullopt;
        const auto rows = co_await client_.find(*wanted, until);
        if (!rows) co_return std::unexpected(rows.error());
        const auto match = std::ranges::find_if(*rows, [&placed](const nocodb_row& row) {
            return placed.identity.has_value() || missing_columns(row, placed.cells).empty();
        });
        if (match == rows->end()) co_return std::nullopt;
        co_return match->id;
    }

    // Never repeats an insert of unknown outcome: it looks for the row, and leaves the rest to the next save.
    awaitable<result<std::string>> insert(const placed_lead& placed, deadline until) {
        result<std::string> inserted = co_await client_.insert(placed.cells, until);
        const bool unknown = !inserted && (inserted.error().code == errc::timed_out ||
                                           inserted.error().code == errc::interrupted);
        if (!unknown) co_return inserted;
        const auto found = co_await search(placed, until);
        if (found && *found) co_return **found;
        co_return inserted;
    }

    awaitable<void> remember(const conversation_id& conversation, const ledger_entry& entry) {
        const result<void> done = co_await ledger_.remember(conversation, ledger_text(table_, entry));
        if (!done) {
            spdlog::warn("[TOOL] {} lead saved, but its row was not remembered: {}", conversation.text(),
                         printable(done.error().detail));
        }
    }

    std::string table_;
    nocodb_client client_;
    lead_ledger& ledger_;
    lead_profile profile_;
};

} // namespace

std::unique_ptr<lead_store> make_nocodb_lead_store(http_client& http, lead_ledger& ledger,
                                                   nocodb_settings settings, lead_profile profile) {
    return std::make_unique<nocodb_lead_store>(http, ledger, std::move(settings), std::move(profile));
}

} // namespace atende
