// Reads YAML that people wrote: collects every mistake instead of stopping at the first.
#pragma once

#include <yaml-cpp/yaml.h>

#include <atende/platform/result.hpp>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

class problem_list {
public:
    // `where` is a file, or file:line; `what` names the key and what was expected.
    void add(std::string_view where, std::string_view what);
    [[nodiscard]] bool empty() const { return lines_.empty(); }
    [[nodiscard]] std::string text() const; // a line each

private:
    std::vector<std::string> lines_;
};

// The whole file; nothing, and a problem, if it cannot be read.
std::optional<std::string> read_text_file(const std::filesystem::path& path, problem_list& problems);

// The root of a YAML file; undefined, and a problem, if it is not YAML.
YAML::Node read_yaml_file(const std::filesystem::path& path, problem_list& problems);

// One mapping. A key that is missing or wrong adds a problem and reads as empty or as its default.
class yaml_map {
public:
    // Keys that are not in `known` are problems; an empty `known` allows any.
    yaml_map(const YAML::Node& node, std::string file, std::string path,
             std::initializer_list<std::string_view> known, problem_list& problems);

    [[nodiscard]] bool has(const std::string& key) const;
    [[nodiscard]] std::string text(const std::string& key) const;          // required
    [[nodiscard]] std::string optional_text(const std::string& key) const; // empty if absent
    [[nodiscard]] int whole(const std::string& key, int otherwise, int least, int most) const;
    [[nodiscard]] std::optional<double> number(const std::string& key, double least, double most) const;
    [[nodiscard]] std::vector<std::string> texts(const std::string& key) const; // a list, or one text
    [[nodiscard]] std::map<std::string, std::string> pairs(const std::string& key) const;
    [[nodiscard]] std::vector<YAML::Node> items(const std::string& key) const;
    [[nodiscard]] yaml_map map(const std::string& key, std::initializer_list<std::string_view> known) const;
    [[nodiscard]] std::vector<std::string> keys() const; // in the order written

    void expected(const std::string& key, std::string_view what) const;

private:
    [[nodiscard]] YAML::Node child(const std::string& key) const;
    [[nodiscard]] std::string where(const YAML::Node& node) const;

    YAML::Node node_;
    std::string file_;
    std::string path_; // "limits." inside limits, empty at the root
    problem_list* problems_;
};

} // namespace atende
