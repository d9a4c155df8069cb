#include "agent/mcp/schema_circle.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace atende {
namespace {

using nlohmann::json;

// Null if it is not in this document, which valijson refuses by itself.
const json* target_of(const json& reference, const json& root) {
    if (!reference.is_string()) return nullptr;
    const auto& text = reference.get_ref<const std::string&>();
    if (!text.starts_with('#')) return nullptr;
    try {
        const json::json_pointer where(text.substr(1));
        return root.contains(where) ? &root.at(where) : nullptr;
    } catch (const json::exception&) {
        return nullptr;
    }
}

// The schemas that hold for the same value as `schema` does.
std::vector<const json*> beside(const json& schema, const json& root) {
    std::vector<const json*> found;
    if (!schema.is_object()) return found;
    for (const auto& [key, value] : schema.items()) {
        if (key == "$ref") {
            if (const auto* const target = target_of(value, root)) found.push_back(target);
        } else if (key == "not" || key == "if" || key == "then" || key == "else" || key == "extends") {
            found.push_back(&value);
        } else if (key == "allOf" || key == "anyOf" || key == "oneOf" || key == "dependencies" ||
                   key == "dependentSchemas") {
            for (const auto& inner : value) found.push_back(&inner);
        }
    }
    return found;
}

struct walk {
    const json& root;
    std::set<const json*> done;
    std::set<const json*> on_the_way;

    bool comes_back(const json& schema) {
        if (done.contains(&schema)) return false;
        if (!on_the_way.insert(&schema).second) return true;
        const auto next = beside(schema, root);
        if (std::ranges::any_of(next, [this](const json* inner) { return comes_back(*inner); })) return true;
        on_the_way.erase(&schema);
        done.insert(&schema);
        return false;
    }

    bool anywhere(const json& node) {
        if (!node.is_structured()) return false;
        if (comes_back(node)) return true;
        return std::ranges::any_of(node, [this](const json& inner) { return anywhere(inner); });
    }
};

} // namespace

bool has_endless_reference(const json& schema) {
    return walk{.root = schema, .done = {}, .on_the_way = {}}.anywhere(schema);
}

} // namespace atende
