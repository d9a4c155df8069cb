// What must not be torn apart when a text is cut: a sentence, an item of a list, a row of a table, a line
// such as "Preço: R$ 497".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

struct text_line {
    int number = 0; // from 1
    std::string_view text;
    bool fenced = false; // inside a Markdown code block
};

struct text_unit {
    int first_line = 0;
    int last_line = 0;
    std::string text;
    std::string joint; // between the unit before it and this one
    std::string
        table_head; // of the table that it is a row of; empty for the first row, which has it in its text
};

// In order. None is longer than `most_characters`, unless it is a single sentence of a single line; that is
// cut between words only where it is more than four times as long.
std::vector<text_unit> units_of(const std::vector<text_line>& lines, std::size_t most_characters);

bool begins_unit(std::string_view line);
bool is_table_row(std::string_view line);

} // namespace atende
