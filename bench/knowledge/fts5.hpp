// SQLite's full-text search on the same passages, in memory.
#pragma once

#include "agent/knowledge/chunker.hpp"
#include "agent/knowledge/portuguese.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace atende::bench {

class fts5_index {
public:
    // With an `analyser` the texts are given as its terms, without one as they are, to be read by
    // unicode61 with remove_diacritics 2.
    fts5_index(std::span<const knowledge_chunk> chunks, const portuguese_analyser* analyser);

    std::vector<std::uint32_t> search(const std::string& question, int most);

private:
    struct closer {
        void operator()(sqlite3* db) const;
        void operator()(sqlite3_stmt* statement) const;
    };
    [[nodiscard]] std::string words(const std::string& text) const;
    [[nodiscard]] std::string match(const std::string& question) const;

    const portuguese_analyser* analyser_;
    std::unique_ptr<sqlite3, closer> db_;
    std::unique_ptr<sqlite3_stmt, closer> find_;
};

} // namespace atende::bench
