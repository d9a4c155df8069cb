// What is written to and read from a NocoDB table, free of JSON.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace atende {

struct nocodb_column {
    std::string title;
    std::string type; // NocoDB's "uidt"
    bool writable = true;
    std::vector<std::string> options; // of a select column
};

struct nocodb_schema {
    std::string key = "Id"; // title of the primary key
    std::string created;    // title of the column in which NocoDB keeps when a row was made; may be empty
    std::vector<nocodb_column> columns;
};

struct nocodb_cell {
    std::string column; // title
    std::variant<std::string, bool> value;
    bool only_when_new = false; // not written again by an update
    bool is_time = false;       // stored in another spelling than sent
};

struct nocodb_row {
    std::string id;
    std::map<std::string, std::string>
        cells; // by title, as text; several options are joined by commas; no nulls
};

// NocoDB trims, changes case of e-mails and spells booleans in three ways; apart from that, is the cell in
// the row?
bool holds(const nocodb_row& row, const nocodb_cell& cell);

// Titles of the cells `row` does not hold.
std::vector<std::string> missing_columns(const nocodb_row& row, const std::vector<nocodb_cell>& cells);

} // namespace atende
