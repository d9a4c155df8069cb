#include "agent/yaml_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

namespace atende {
namespace {

template <class Number>
std::optional<Number> parsed(const std::string& text) {
    Number value{};
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

} // namespace

void problem_list::add(std::string_view where, std::string_view what) {
    lines_.push_back(fmt::format("{}: {}", where, what));
}

std::string problem_list::text() const {
    return fmt::format("{}", fmt::join(lines_, "\n"));
}

std::optional<std::string> read_text_file(const std::filesystem::path& path, problem_list& problems) {
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    if (file.is_open() && !file.bad()) return text;
    problems.add(path.filename().string(), "cannot be read; expected a text file at " + path.string());
    return std::nullopt;
}

YAML::Node read_yaml_file(const std::filesystem::path& path, problem_list& problems) {
    const auto text = read_text_file(path, problems);
    if (!text) return YAML::Node(YAML::NodeType::Undefined);
    try {
        return YAML::Load(*text);
    } catch (const YAML::Exception& e) {
        problems.add(fmt::format("{}:{}", path.filename().string(), e.mark.line + 1),
                     "not valid YAML: " + e.msg);
        return YAML::Node(YAML::NodeType::Undefined);
    }
}

yaml_map::yaml_map(const YAML::Node& node, std::string file, std::string path,
                   std::initializer_list<std::string_view> known, problem_list& problems)
    : node_(node),
      file_(std::move(file)),
      path_(std::move(path)),
      problems_(&problems) {
    if (!node_.IsDefined()) return;
    if (!node_.IsMap()) {
        problems_->add(where(node_),
                       fmt::format("{}expected keys and values", path_.empty() ? "" : path_ + " "));
        node_ = YAML::Node(YAML::NodeType::Undefined);
        return;
    }
    if (known.size() == 0) return;
    for (const auto& pair : node_) {
        if (std::ranges::find(known, pair.first.Scalar()) != known.end()) continue;
        problems_->add(where(pair.first), fmt::format("{}{}: unknown key; expected one of {}", path_,
                                                      pair.first.Scalar(), fmt::join(known, ", ")));
    }
}

YAML::Node yaml_map::child(const std::string& key) const {
    return node_.IsDefined() ? node_[key] : YAML::Node(YAML::NodeType::Undefined);
}

std::string yaml_map::where(const YAML::Node& node) const {
    if (!node.IsDefined() || node.Mark().is_null()) return file_;
    return fmt::format("{}:{}", file_, node.Mark().line + 1);
}

void yaml_map::expected(const std::string& key, std::string_view what) const {
    const auto node = child(key);
    problems_->add(where(node.IsDefined() ? node : node_),
                   fmt::format("{}{}: expected {}", path_, key, what));
}

bool yaml_map::has(const std::string& key) const {
    return child(key).IsDefined();
}

std::string yaml_map::text(const std::string& key) const {
    const auto node = child(key);
    if (node.IsDefined() && node.IsScalar() && !node.Scalar().empty()) return node.Scalar();
    expected(key, "a text");
    return {};
}

std::string yaml_map::optional_text(const std::string& key) const {
    return has(key) ? text(key) : std::string{};
}

int yaml_map::whole(const std::string& key, int otherwise, int least, int most) const {
    const auto node = child(key);
    if (!node.IsDefined()) return otherwise;
    const auto value = node.IsScalar() ? parsed<int>(node.Scalar()) : std::nullopt;
    if (value && *value >= least && *value <= most) return *value;
    expected(key, fmt::format("a whole number from {} to {}", least, most));
    return otherwise;
}

std::optional<double> yaml_map::number(const std::string& key, double least, double most) const {
    const auto node = child(key);
    if (!node.IsDefined()) return std::nullopt;
    const auto value = node.IsScalar() ? parsed<double>(node.Scalar()) : std::nullopt;
    if (value && *value >= least && *value <= most) return value;
    expected(key, fmt::format("a number from {} to {}", least, most));
    return std::nullopt;
}

std::vector<std::string> yaml_map::texts(const std::string& key) const {
    const auto node = child(key);
    if (!node.IsDefined()) return {};
    if (node.IsScalar()) return {node.Scalar()};
    std::vector<std::string> list;
    for (const auto& item : items(key)) {
        if (!item.IsScalar()) {
            expected(key, "a list of texts");
            return {};
        }
        list.push_back(item.Scalar());
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
    if (!node.IsDefined()) return {};
    if (!node.IsSequence()) {
        expected(key, "a list");
        return {};
    }
    return {node.begin(), node.end()};
}

yaml_map yaml_map::map(const std::string& key, std::initializer_list<std::string_view> known) const {
    return {child(key), file_, path_ + key + ".", known, *problems_};
}

std::vector<std::string> yaml_map::keys() const {
    std::vector<std::string> all;
    if (!node_.IsDefined()) return all;
    for (const auto& pair : node_) all.push_back(pair.first.Scalar());
    return all;
}

} // namespace atende
