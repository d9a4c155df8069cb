#include "knowledge/fts5.hpp"

#include <atende/platform/text.hpp>
#include <sqlite3.h>
#include <sstream>
#include <stdexcept>

namespace atende::bench {
namespace {

void check(int code, sqlite3* db) {
    if (code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
        throw std::runtime_error(sqlite3_errmsg(db));
}

void bind_text(sqlite3_stmt* statement, int at, const std::string& text) {
    sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

// A term of ours may begin with '#', which a tokenizer would drop.
std::string as_word(std::string term) {
    return term.starts_with('#') ? "meaning" + term.substr(1) : term;
}

} // namespace

void fts5_index::closer::operator()(sqlite3* db) const {
    sqlite3_close(db);
}

void fts5_index::closer::operator()(sqlite3_stmt* statement) const {
    sqlite3_finalize(statement);
}

std::string fts5_index::words(const std::string& text) const {
    if (analyser_ == nullptr) return text;
    std::string all;
    for (auto& term : analyser_->terms(text)) all += as_word(std::move(term)) + " ";
    return all;
}

// Any of the words; those that say nothing are left out for both.
std::string fts5_index::match(const std::string& question) const {
    std::string query;
    std::istringstream each(analyser_ == nullptr ? folded(question) : words(question));
    for (std::string word; each >> word;) {
        if (analyser_ == nullptr && is_stop_word(word)) continue;
        query += (query.empty() ? "\"" : " OR \"") + word + "\"";
    }
    return query.empty() ? "\"\"" : query;
}

fts5_index::fts5_index(std::span<const knowledge_chunk> chunks, const portuguese_analyser* analyser)
    : analyser_(analyser) {
    sqlite3* db = nullptr;
    const int opened = sqlite3_open(":memory:", &db);
    db_.reset(db);
    check(opened, db);
    check(
        sqlite3_exec(
            db,
            "CREATE VIRTUAL TABLE chunks USING fts5(title, body, tokenize = 'unicode61 remove_diacritics 2');"
            "BEGIN",
            nullptr, nullptr, nullptr),
        db);
    sqlite3_stmt* insert = nullptr;
    check(sqlite3_prepare_v2(db, "INSERT INTO chunks(rowid, title, body) VALUES (?, ?, ?)", -1, &insert,
                             nullptr),
          db);
    const std::unique_ptr<sqlite3_stmt, closer> inserting(insert);
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        sqlite3_bind_int64(insert, 1, static_cast<std::int64_t>(i));
        bind_text(insert, 2, words(chunks[i].file + " " + chunks[i].heading));
        bind_text(insert, 3, words(chunks[i].text));
        check(sqlite3_step(insert), db);
        sqlite3_reset(insert);
    }
    check(
        sqlite3_exec(db, "COMMIT; INSERT INTO chunks(chunks) VALUES ('optimize')", nullptr, nullptr, nullptr),
        db);
    sqlite3_stmt* find = nullptr;
    // The heading counts more, as in our own ranking.
    check(sqlite3_prepare_v2(
              db, "SELECT rowid FROM chunks WHERE chunks MATCH ? ORDER BY bm25(chunks, 1.5, 1.0) LIMIT ?", -1,
              &find, nullptr),
          db);
    find_.reset(find);
}

std::vector<std::uint32_t> fts5_index::search(const std::string& question, int most) {
    bind_text(find_.get(), 1, match(question));
    sqlite3_bind_int(find_.get(), 2, most);
    std::vector<std::uint32_t> found;
    int step = sqlite3_step(find_.get());
    for (; step == SQLITE_ROW; step = sqlite3_step(find_.get()))
        found.push_back(static_cast<std::uint32_t>(sqlite3_column_int64(find_.get(), 0)));
    check(step, db_.get());
    sqlite3_reset(find_.get());
    return found;
}

} // namespace atende::bench
