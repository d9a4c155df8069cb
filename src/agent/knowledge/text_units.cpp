#include "agent/knowledge/text_units.hpp"

#include "agent/knowledge/sentences.hpp"

#include <algorithm>
#include <array>
#include <atende/platform/text.hpp>
#include <iterator>
#include <re2/re2.h>
#include <utility>

namespace atende {
namespace {

constexpr std::size_t longest_sentence = 4; // times the limit

bool is_table_rule(std::string_view line) {
    static const RE2 rule(R"(\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*)");
    return line.contains('|') && RE2::FullMatch(line, rule);
}

bool ends_unit(std::string_view line) {
    constexpr std::array<std::string_view, 7> marks{".", "!", "?", ":",
                                                    ";", "…", "  "}; // "  ": Markdown's break
    return std::ranges::any_of(marks, [line](std::string_view mark) { return line.ends_with(mark); });
}

// The part of `whole` from `from` to `to`, as a unit of its own.
text_unit part_of(const text_unit& whole, std::size_t from, std::size_t to) {
    const std::string_view before = std::string_view(whole.text).substr(0, from);
    const std::string_view text = std::string_view(whole.text).substr(from, to - from);
    const std::string_view kept = trimmed(text);
    const auto lead = static_cast<std::size_t>(kept.data() - text.data());
    const auto breaks = [](std::string_view in) { return static_cast<int>(std::ranges::count(in, '\n')); };
    const int first = whole.first_line + breaks(before) + breaks(text.substr(0, lead));
    const bool same_line = !before.empty() && !before.ends_with('\n');
    return {.first_line = first,
            .last_line = first + breaks(kept),
            .text = std::string(kept),
            .joint = before.empty() ? whole.joint
                     : same_line    ? " "
                                    : "\n",
            .table_head = {}};
}

std::vector<text_unit> parts_at(const text_unit& whole, const std::vector<std::size_t>& ends) {
    std::vector<text_unit> parts;
    std::size_t from = 0;
    for (const std::size_t end : ends) {
        if (!trimmed(std::string_view(whole.text).substr(from, end - from)).empty())
            parts.push_back(part_of(whole, from, end));
        from = end;
    }
    return parts;
}

std::vector<std::size_t> line_ends(std::string_view text) {
    std::vector<std::size_t> ends;
    for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
        ends.push_back(at + 1);
    ends.push_back(text.size());
    return ends;
}

std::vector<std::size_t> word_ends(std::string_view text, std::size_t most_bytes) {
    std::vector<std::size_t> ends;
    for (std::size_t from = 0; from < text.size(); from = ends.back()) {
        std::string_view piece = grapheme_prefix(text.substr(from), most_bytes);
        if (const std::size_t space = piece.rfind(' ');
            from + piece.size() < text.size() && space != std::string_view::npos)
            piece = piece.substr(0, space + 1);
        ends.push_back(from + std::max<std::size_t>(piece.size(), 1));
    }
    return ends;
}

void add_fitting(std::vector<text_unit>& to, text_unit unit, std::size_t most);

void add_parts(std::vector<text_unit>& to, const text_unit& whole, const std::vector<std::size_t>& ends,
               std::size_t most) {
    for (auto& part : parts_at(whole, ends)) add_fitting(to, std::move(part), most);
}

// By sentences, then by lines; between words only as a last resort.
void add_fitting(std::vector<text_unit>& to, text_unit unit, std::size_t most) {
    const std::size_t length = count_characters(unit.text);
    if (length <= most) {
        to.push_back(std::move(unit));
        return;
    }
    if (const auto sentences = sentence_ends(unit.text); sentences.size() > 1) {
        add_parts(to, unit, sentences, most);
    } else if (unit.text.contains('\n')) {
        add_parts(to, unit, line_ends(unit.text), most);
    } else if (length > longest_sentence * most) {
        std::ranges::move(parts_at(unit, word_ends(unit.text, longest_sentence * most)),
                          std::back_inserter(to));
    } else {
        to.push_back(std::move(unit));
    }
}

// Lines of one unit are gathered until it ends.
class unit_builder {
public:
    explicit unit_builder(std::size_t most) : most_(most) {}

    void blank() {
        close();
        joint_ = "\n\n";
        table_head_.clear();
    }
    void words(const text_line& line) {
        const bool ended = !table_head_.empty() || begins_unit(line.text) || ends_unit(open_.text);
        if (ended) close();
        table_head_.clear();
        extend(line);
    }
    void fenced(const text_line& line) {
        close();
        extend(line);
    }
    // Waits for the first row.
    void table_head(const text_line& head, const text_line& rule) {
        close();
        extend(head);
        extend(rule);
        table_head_ = open_.text;
    }
    void row(const text_line& line) {
        const bool is_first = open_.text == table_head_ && !table_head_.empty();
        if (!is_first) close();
        extend(line);
        if (!is_first) open_.table_head = table_head_;
        units_.push_back(std::exchange(open_, {})); // whole, whatever its length
    }
    std::vector<text_unit> take() {
        close();
        return std::move(units_);
    }

private:
    void extend(const text_line& line) {
        if (open_.text.empty()) {
            open_ = {
                .first_line = line.number, .last_line = 0, .text = {}, .joint = joint_, .table_head = {}};
            joint_ = "\n";
        } else {
            open_.text += '\n';
        }
        open_.text += line.text;
        open_.last_line = line.number;
    }
    void close() {
        if (!open_.text.empty()) add_fitting(units_, std::exchange(open_, {}), most_);
    }

    std::size_t most_;
    std::vector<text_unit> units_;
    text_unit open_;
    std::string joint_;
    std::string table_head_; // of the table that the last line belongs to
};

// "Preço: R$ 497", "**Carga horária:** 40h", but neither "https://…" nor "às 8:30" nor a whole sentence.
bool has_label(std::string_view line) {
    constexpr std::size_t longest_label = 45;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return false;
    const auto label = line.substr(0, colon);
    const bool ends = colon + 1 == line.size() || std::string_view(" \t*_").contains(line[colon + 1]);
    return ends && !trimmed(label).empty() && count_characters(label) <= longest_label &&
           label.find_first_of(".!?,;") == std::string_view::npos;
}

} // namespace

bool begins_unit(std::string_view line) {
    static const RE2 item(R"(\s*([-*+•–]\s|\d{1,3}[.)]\s|[|>]).*)");
    return RE2::FullMatch(line, item) || has_label(line);
}

bool is_table_row(std::string_view line) {
    return trimmed(line).starts_with('|');
}

std::vector<text_unit> units_of(const std::vector<text_line>& lines, std::size_t most_characters) {
    unit_builder units(most_characters);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto& line = lines[i];
        const bool is_head = i + 1 < lines.size() && is_table_rule(lines[i + 1].text);
        if (trimmed(line.text).empty()) {
            units.blank();
        } else if (line.fenced) {
            units.fenced(line);
        } else if (!is_table_row(line.text)) {
            units.words(line);
        } else if (is_head) {
            units.table_head(line, lines[i + 1]);
            ++i;
        } else {
            units.row(line);
        }
    }
    return units.take();
}

} // namespace atende
