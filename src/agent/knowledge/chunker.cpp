#include "agent/knowledge/chunker.hpp"

#include "agent/knowledge/text_units.hpp"

#include <algorithm>
#include <atende/platform/text.hpp>
#include <optional>
#include <re2/re2.h>
#include <utility>

namespace atende {
namespace {

struct title {
    int level = 1;
    std::string text;
};

std::vector<text_line> lines_of(std::string_view text) {
    std::vector<text_line> all;
    bool fenced = false;
    for (int number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view one = text.substr(0, end);
        if (one.ends_with('\r')) one.remove_suffix(1);
        const bool is_fence = trimmed(one).starts_with("```") || trimmed(one).starts_with("~~~");
        all.push_back({.number = number, .text = one, .fenced = fenced || is_fence});
        if (is_fence) fenced = !fenced;
        text.remove_prefix(std::min(text.size(), end + 1));
    }
    return all;
}

std::optional<title> title_of(std::string_view line) {
    static const RE2 hashes(R"(\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*)");
    static const RE2 bars(R"(\s*={2,}\s*(.*[^=\s])\s*={2,}\s*)");
    std::string marks;
    std::string words;
    if (RE2::FullMatch(line, hashes, &marks, &words) && !words.empty())
        return title{.level = static_cast<int>(marks.size()), .text = words};
    if (RE2::FullMatch(line, bars, &words)) return title{.level = 1, .text = words};
    return std::nullopt;
}

// The level that a line of === or --- gives to the line above it; 0: it is none.
int underline_level(std::string_view line) {
    const auto marks = trimmed(line);
    if (marks.size() < 3) return 0;
    if (marks.find_first_not_of('=') == std::string_view::npos) return 1;
    return marks.find_first_not_of('-') == std::string_view::npos ? 2 : 0;
}

class chunker {
public:
    chunker(const std::string& file, std::size_t most) : file_(file), most_(most) {}

    std::vector<knowledge_chunk> run(std::string_view text) {
        const auto lines = lines_of(text);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            if (auto plain = lines[i].fenced ? std::nullopt : title_of(lines[i].text)) {
                begin_section(lines[i].number, *std::move(plain));
            } else if (const int level = underlined_at(lines, i); level > 0) {
                begin_section(lines[i].number, {.level = level, .text = std::string(trimmed(lines[i].text))});
                ++i;
            } else {
                body_.push_back(lines[i]);
            }
        }
        end_section(0);
        return std::move(chunks_);
    }

private:
    // Only a paragraph of its own can be a title: what a table's rule or a list stands above is none.
    static int underlined_at(const std::vector<text_line>& lines, std::size_t at) {
        const auto& here = lines[at];
        const bool stands_alone = at == 0 || trimmed(lines[at - 1].text).empty();
        if (here.fenced || !stands_alone || at + 1 == lines.size() || trimmed(here.text).empty() ||
            begins_unit(here.text))
            return 0;
        return underline_level(lines[at + 1].text);
    }

    void begin_section(int line, title begun) {
        end_section(begun.level);
        std::erase_if(titles_, [&](const title& each) { return each.level >= begun.level; });
        titles_.push_back(std::move(begun));
        title_line_ = line;
    }

    // A title that has neither text nor a deeper title below it is all there is to find.
    void end_section(int next_level) {
        const auto units = units_of(std::exchange(body_, {}), most_);
        for (const auto& unit : units) add(unit);
        flush();
        if (units.empty() && title_line_ > 0 && next_level <= titles_.back().level) {
            open_ = {.file = file_,
                     .first_line = title_line_,
                     .last_line = title_line_,
                     .heading = heading(),
                     .text = titles_.back().text};
            flush();
        }
        title_line_ = 0;
    }

    void add(const text_unit& unit) {
        const std::size_t size = count_characters(unit.text);
        if (!open_.text.empty() && size_ + unit.joint.size() + size > most_) flush();
        if (open_.text.empty()) {
            open_ = {.file = file_,
                     .first_line = unit.first_line,
                     .last_line = 0,
                     .heading = heading(),
                     .text = {}};
            if (!unit.table_head.empty()) open_.text = unit.table_head + "\n";
        } else {
            open_.text += unit.joint;
        }
        open_.text += unit.text;
        open_.last_line = unit.last_line;
        size_ = count_characters(open_.text);
    }

    void flush() {
        if (!open_.text.empty()) chunks_.push_back(std::exchange(open_, {}));
    }

    [[nodiscard]] std::string heading() const {
        std::string path;
        for (const auto& each : titles_) path += (path.empty() ? "" : " / ") + each.text;
        return path;
    }

    const std::string& file_;
    std::size_t most_;
    std::vector<title> titles_; // from the top of the text to here
    int title_line_ = 0;        // of the innermost, while nothing came below it
    std::vector<text_line> body_;
    knowledge_chunk open_;
    std::size_t size_ = 0;
    std::vector<knowledge_chunk> chunks_;
};

} // namespace

std::vector<knowledge_chunk> chunked(const std::string& file, std::string_view text,
                                     std::size_t most_characters) {
    return chunker(file, most_characters).run(text);
}

} // namespace atende
