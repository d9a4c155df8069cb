#include "agent/tools/yaml_json.hpp"

#include <nlohmann/json.hpp>

namespace atende {
namespace {

nlohmann::json scalar(const YAML::Node& node) {
    const bool quoted = node.Tag() == "!";
    auto read = nlohmann::json::parse(node.Scalar(), nullptr, false);
    if (!quoted && (read.is_number() || read.is_boolean() || read.is_null())) return read;
    return node.Scalar();
}

} // namespace

nlohmann::json json_of(const YAML::Node& node) {
    if (!node.IsDefined() || node.IsNull()) return nullptr;
    if (node.IsScalar()) return scalar(node);
    if (node.IsSequence()) {
        auto list = nlohmann::json::array();
        for (const auto& item : node) list.push_back(json_of(item));
        return list;
    }
    auto object = nlohmann::json::object();
    for (const auto& pair : node) {
        if (pair.first.IsScalar()) object[pair.first.Scalar()] = json_of(pair.second);
    }
    return object;
}

} // namespace atende
