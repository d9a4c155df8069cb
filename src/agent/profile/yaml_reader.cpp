#include "agent/profile/yaml_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <charconv>
#include <set>
#include <utility>

namespace atende {
namespace {

template <class Number>
std::optional<Number> parsed(const std::string& text) {
    Number value{};
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

int line_of_mark(const YAML::Mark& mark) {
    return mark.is_null() ? 0 : mark.line + 1;
}

// `line` from 1.
bool is_indented_with_tab(std::string_view text, int line) {
    for (; line > 1; --line) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
    return text.substr(0, text.find_first_not_of(" \t")).contains('\t');
}

// What whoever reads a document would walk. A small one can repeat itself 10^10 times by its aliases, or
// contain itself.
class yaml_walk {
public:
    explicit yaml_walk(std::size_t most_values) : values_left_(most_values) {}

    bool ends(const YAML::Node& node, int depth = 0) {
        if (depth > deepest || values_left_ == 0) return false;
        --values_left_;
        if (node.IsScalar()) {
            const auto bytes = node.Scalar().size();
            if (bytes > bytes_left_) return false;
            bytes_left_ -= bytes;
        } else if (node.IsSequence()) {
            for (const auto& item : node) {
                if (!ends(item, depth + 1)) return false;
            }
        } else if (node.IsMap()) {
            for (const auto& pair : node) {
                if (depth == 0) line_ = line_of_mark(pair.first.Mark());
                if (!ends(pair.first, depth + 1) || !ends(pair.second, depth + 1)) return false;
            }
        }
        return true;
    }
    [[nodiscard]] int line() const { return line_; } // of the root's key that was walked last

    static constexpr int deepest = 64;
    static constexpr std::size_t most_bytes = 4U << 20U;

private:
    std::size_t values_left_;
    std::size_t bytes_left_ = most_bytes;
    int line_ = 1;
};

void add_not_yaml(const YAML::Exception& e, const std::string& text, const std::string& file,
                  const sentence& hint, problem_list& problems) {
    const int line = line_of_mark(e.mark);
    sentence what{"não é YAML válido: " + e.msg + hint.portuguese, "not valid YAML: " + e.msg + hint.english};
    if (line > 0 && is_indented_with_tab(text, line)) {
        what.portuguese += " (recuo com tab? use espaços)";
        what.english += " (indented with a tab? use spaces)";
    }
    problems.add_unreadable(file, line, std::move(what));
}

} // namespace

YAML::Node read_yaml(const std::string& text, const std::string& file, problem_list& problems,
                     std::size_t most_values, const sentence& hint) {
    try {
        auto root = YAML::Load(text);
        yaml_walk walk(most_values);
        if (walk.ends(root)) return root;
        problems.add_unreadable(
            file, walk.line(),
            {fmt::format(
                 "espera no máximo {} valores, {} MB e {} níveis, com o que os apelidos (*nome) repetem",
                 most_values, yaml_walk::most_bytes >> 20U, yaml_walk::deepest),
             fmt::format("expected at most {} values, {} MB and {} levels, with what aliases (*name) repeat",
                         most_values, yaml_walk::most_bytes >> 20U, yaml_walk::deepest)});
    } catch (const YAML::Exception& e) {
        add_not_yaml(e, text, file, hint, problems);
    }
    return YAML::Node(YAML::NodeType::Undefined);
}

yaml_map::yaml_map(const YAML::Node& node, std::string file, std::string path,
                   std::initializer_list<std::string_view> known, problem_list& problems)
    : node_(node),
      file_(std::move(file)),
      path_(std::move(path)),
      problems_(&problems) {
    if (!node_.IsDefined()) return;
    if (node_.IsNull()) { // all of it is commented out
        node_.reset(YAML::Node(YAML::NodeType::Undefined));
        return;
    }
    if (!node_.IsMap()) {
        const std::string at = path_.empty() ? "" : path_.substr(0, path_.size() - 1) + ": "; // "limits."
        problems_->add(file_, line_of(node_),
                       {at + "espera chaves e valores", at + "expected keys and values"});
        node_.reset(YAML::Node(YAML::NodeType::Undefined));
        is_no_mapping_ = true;
        return;
    }
    check_keys(known);
}

void yaml_map::check_keys(std::initializer_list<std::string_view> known) const {
    std::set<std::string> seen;
    for (const auto& pair : node_) {
        const auto name = pair.first.IsScalar() ? pair.first.Scalar() : std::string("?");
        const auto where = path_ + printable(name);
        if (!seen.insert(name).second) {
            problems_->add(file_, line_of(pair.first),
                           {where + ": escrita duas vezes", where + ": written twice"});
        }
        if (known.size() == 0 || std::ranges::find(known, name) != known.end()) continue;
        const std::vector<std::string> names(known.begin(), known.end());
        const auto meant = suggestion_for(name, names);
        problems_->add(file_, line_of(pair.first),
                       {fmt::format("{}: chave desconhecida{}; espera uma de {}", where, meant.portuguese,
                                    fmt::join(names, ", ")),
                        fmt::format("{}: unknown key{}; expected one of {}", where, meant.english,
                                    fmt::join(names, ", "))});
    }
}

YAML::Node yaml_map::child(const std::string& key) const {
    return node_.IsDefined() ? node_[key] : YAML::Node(YAML::NodeType::Undefined);
}

// The key where it has no value: what is absent is marked where the next thing begins.
YAML::Node yaml_map::marked(const std::string& key, const YAML::Node& at) const {
    if (!at.IsDefined()) return node_;
    const auto value = child(key);
    if (!value.IsDefined() || !value.IsNull()) return at;
    for (const auto& pair : node_) {
        if (pair.first.IsScalar() && pair.first.Scalar() == key) return pair.first;
    }
    return at;
}

int yaml_map::line_of(const YAML::Node& node) const {
    return node.IsDefined() ? line_of_mark(node.Mark()) : 0;
}

void yaml_map::expected(const std::string& key, const sentence& what) const {
    expected(key, child(key), what);
}

void yaml_map::wrong(const std::string& key, const sentence& what) const {
    wrong(key, child(key), what);
}

void yaml_map::expected(const std::string& key, const YAML::Node& at, const sentence& what) const {
    wrong(key, at, {"espera " + what.portuguese, "expected " + what.english});
}

void yaml_map::wrong(const std::string& key, const YAML::Node& at, const sentence& what) const {
    if (is_no_mapping_) return; // which is told, and all else follows from it
    problems_->add(file_, line_of(marked(key, at)),
                   {fmt::format("{}{}: {}", path_, key, what.portuguese),
                    fmt::format("{}{}: {}", path_, key, what.english)});
}

void yaml_map::expected_instead(const std::string& key, const sentence& what) const {
    const auto node = child(key);
    if (!node.IsDefined() || !node.IsScalar()) return expected(key, what);
    expected(key, but_got(what, node.Scalar()));
}

int yaml_map::line(const std::string& key) const {
    const auto node = child(key);
    if (!node.IsDefined()) return 0;
    const bool block = node.IsScalar() && node.Scalar().contains('\n'); // begins below its key's | or >
    return line_of(node) + (block ? 1 : 0);
}

YAML::Node yaml_map::item(const std::string& key, const std::string& name) const {
    const auto node = child(key);
    if (!node.IsDefined()) return node;
    for (const auto& one : node) {
        const YAML::Node written = node.IsMap() ? one.first : one;
        if (written.IsScalar() && written.Scalar() == name) return written;
    }
    return node;
}

bool yaml_map::has(const std::string& key) const {
    return child(key).IsDefined();
}

std::string yaml_map::text(const std::string& key) const {
    const auto node = child(key);
    if (node.IsDefined() && node.IsScalar() && !node.Scalar().empty()) return node.Scalar();
    expected(key, bilingual{"um texto", "a text"});
    return {};
}

std::string yaml_map::optional_text(const std::string& key) const {
    return has(key) ? text(key) : std::string{};
}

std::string yaml_map::any_text(const std::string& key) const {
    const auto node = child(key);
    return node.IsDefined() && node.IsScalar() ? node.Scalar() : std::string{};
}

int yaml_map::whole(const std::string& key, int otherwise, int least, int most) const {
    const auto node = child(key);
    if (!node.IsDefined()) return otherwise;
    const auto value = node.IsScalar() ? parsed<int>(node.Scalar()) : std::nullopt;
    if (value && *value >= least && *value <= most) return *value;
    expected_instead(key, {fmt::format("um número inteiro de {} a {}", least, most),
                           fmt::format("a whole number from {} to {}", least, most)});
    return otherwise;
}

std::optional<double> yaml_map::number(const std::string& key, double least, double most) const {
    const auto node = child(key);
    if (!node.IsDefined()) return std::nullopt;
    const auto value = node.IsScalar() ? parsed<double>(node.Scalar()) : std::nullopt;
    if (value && *value >= least && *value <= most) return value;
    expected_instead(key, {fmt::format("um número de {} a {}", least, most),
                           fmt::format("a number from {} to {}", least, most)});
    return std::nullopt;
}

bool yaml_map::flag(const std::string& key, bool otherwise) const {
    const auto node = child(key);
    if (!node.IsDefined()) return otherwise;
    const std::string text = node.IsScalar() ? node.Scalar() : "";
    if (text == "true" || text == "false") return text == "true";
    expected_instead(key, bilingual{"true ou false", "true or false"});
    return otherwise;
}

std::string yaml_map::choice(const std::string& key, std::span<const std::string_view> names) const {
    if (!has(key)) return std::string(names.front());
    auto chosen = text(key);
    if (std::ranges::find(names, chosen) != names.end()) return chosen;
    if (!chosen.empty()) expect_known(*this, key, {chosen}, {names.begin(), names.end()});
    return std::string(names.front());
}

std::vector<std::string> yaml_map::texts(const std::string& key) const {
    const auto node = child(key);
    if (node.IsDefined() && node.IsScalar()) return {node.Scalar()};
    std::vector<std::string> list;
    for (const auto& item : items(key)) {
        if (!item.IsScalar()) {
            expected(key, item, bilingual{"uma lista de textos", "a list of texts"});
            return {};
        }
        list.push_back(item.Scalar());
    }
    return list;
}

std::vector<std::string> yaml_map::phrases(const std::string& key) const {
    auto list = texts(key);
    for (auto& phrase : list) {
        const auto written = std::exchange(phrase, folded(phrase));
        if (phrase.empty())
            expected(key, item(key, written),
                     bilingual{"frases com letras ou dígitos", "phrases of letters or digits"});
    }
    return list;
}

std::map<std::string, std::string> yaml_map::pairs(const std::string& key) const {
    std::map<std::string, std::string> all;
    const auto inner = map(key, {});
    for (const auto& name : inner.keys()) all.emplace(name, inner.text(name));
    return all;
}

std::vector<YAML::Node> yaml_map::items(const std::string& key) const {
    const auto node = child(key);
    if (!node.IsDefined() || node.IsNull()) return {};
    if (!node.IsSequence()) {
        expected(key, bilingual{"uma lista", "a list"});
        return {};
    }
    return {node.begin(), node.end()};
}

yaml_map yaml_map::map(const std::string& key, std::initializer_list<std::string_view> known) const {
    return {child(key), file_, path_ + key + ".", known, *problems_};
}

std::vector<yaml_map> yaml_map::maps(const std::string& key,
                                     std::initializer_list<std::string_view> known) const {
    std::vector<yaml_map> all;
    for (const auto& item : items(key)) {
        all.emplace_back(item, file_, fmt::format("{}{}[{}].", path_, key, all.size() + 1), known,
                         *problems_);
    }
    return all;
}

std::vector<std::string> yaml_map::keys() const {
    std::vector<std::string> all;
    if (!node_.IsDefined()) return all;
    for (const auto& pair : node_) all.push_back(pair.first.Scalar());
    return all;
}

void expect_known(const yaml_map& map, const std::string& key, const std::vector<std::string>& names,
                  const std::vector<std::string>& known) {
    for (const auto& name : names) {
        if (std::ranges::find(known, name) == known.end())
            map.expected(key, map.item(key, name), but_got({listed(known), listed(known)}, name, known));
    }
}

void expect_among(const yaml_map& map, const std::string& key, const std::vector<std::string>& names,
                  const sentence& kind, const std::vector<std::string>& known) {
    for (const auto& name : names) {
        if (std::ranges::find(known, name) == known.end())
            map.expected(key, map.item(key, name), wanted_instead(kind, name, known));
    }
}

} // namespace atende
