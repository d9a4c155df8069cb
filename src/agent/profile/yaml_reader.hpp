// Reads YAML that people wrote: collects every mistake instead of stopping at the first.
#pragma once

#include "agent/profile/problem_list.hpp"

#include <yaml-cpp/yaml.h>

#include <cstddef>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

// Of a document, those that aliases repeat counted every time.
inline constexpr std::size_t most_yaml_values = 10'000;

// The root of a YAML document; undefined, and a problem of `file`, if `text` is not YAML or becomes too much
// or too deep once its aliases are followed: whoever walks what is returned comes to an end. `hint` follows
// what is said of text that is not YAML.
YAML::Node read_yaml(const std::string& text, const std::string& file, problem_list& problems,
                     std::size_t most_values = most_yaml_values,
                     const sentence& hint = {std::string(), std::string()});

// One mapping. A key that is missing, wrong or written twice adds a problem and reads as empty or as its
// default.
class yaml_map {
public:
    // Keys that are not in `known` are problems; an empty `known` allows any. `path` stands in front of the
    // keys in problems: "limits." inside limits, empty at the root.
    yaml_map(const YAML::Node& node, std::string file, std::string path,
             std::initializer_list<std::string_view> known, problem_list& problems);

    [[nodiscard]] bool has(const std::string& key) const;
    [[nodiscard]] std::string text(const std::string& key) const;          // required
    [[nodiscard]] std::string optional_text(const std::string& key) const; // empty if absent
    [[nodiscard]] std::string any_text(const std::string& key) const; // no problem: empty if there is none
    [[nodiscard]] int whole(const std::string& key, int otherwise, int least, int most) const;
    [[nodiscard]] std::optional<double> number(const std::string& key, double least, double most) const;
    [[nodiscard]] bool flag(const std::string& key, bool otherwise) const;
    // One of `names`; the first of them if absent.
    [[nodiscard]] std::string choice(const std::string& key, std::span<const std::string_view> names) const;
    [[nodiscard]] std::vector<std::string> texts(const std::string& key) const; // a list, or one text
    // texts() to find in what customers write, folded(); one without a letter or digit is a problem.
    [[nodiscard]] std::vector<std::string> phrases(const std::string& key) const;
    [[nodiscard]] std::map<std::string, std::string> pairs(const std::string& key) const;
    [[nodiscard]] std::vector<YAML::Node> items(const std::string& key) const;
    [[nodiscard]] yaml_map map(const std::string& key, std::initializer_list<std::string_view> known) const;
    // The mappings of a list, each known as "key[1]." and so on in problems.
    [[nodiscard]] std::vector<yaml_map> maps(const std::string& key,
                                             std::initializer_list<std::string_view> known) const;
    [[nodiscard]] std::vector<std::string> keys() const; // in the order written

    [[nodiscard]] int line(const std::string& key) const; // where its value begins; 0: absent
    // The text `name` of the list, or the key of the mapping, that `key` is; all of it if `name` is not
    // there.
    [[nodiscard]] YAML::Node item(const std::string& key, const std::string& name) const;
    [[nodiscard]] const std::string& path() const { return path_; }

    // What follows "expected" in a problem of this key.
    void expected(const std::string& key, const sentence& what) const;
    // A problem of this key that needs words of its own: what follows its name.
    void wrong(const std::string& key, const sentence& what) const;
    // The same of something within its value: on the line of `at`.
    void expected(const std::string& key, const YAML::Node& at, const sentence& what) const;
    void wrong(const std::string& key, const YAML::Node& at, const sentence& what) const;

private:
    [[nodiscard]] YAML::Node child(const std::string& key) const;
    [[nodiscard]] YAML::Node marked(const std::string& key, const YAML::Node& at) const;
    [[nodiscard]] int line_of(const YAML::Node& node) const;
    void check_keys(std::initializer_list<std::string_view> known) const;
    void expected_instead(const std::string& key, const sentence& what) const;

    YAML::Node node_;
    std::string file_;
    std::string path_;
    problem_list* problems_;
    bool is_no_mapping_ = false;
};

// A problem of each of `names` that is not one of `known`.
void expect_known(const yaml_map& map, const std::string& key, const std::vector<std::string>& names,
                  const std::vector<std::string>& known);
// The same where `known` need a word on what they are, as in wanted_instead().
void expect_among(const yaml_map& map, const std::string& key, const std::vector<std::string>& names,
                  const sentence& kind, const std::vector<std::string>& known);

} // namespace atende
