// A profile's tools/, written by a test.
#pragma once

#include "agent/tools/declared_tool_spec.hpp"
#include "agent/tools/tool_reader.hpp"
#include "support/scratch_folder.hpp"
#include "support/tool_files.hpp"

#include <fstream>
#include <stdexcept>
#include <string>

namespace atende::test {

class tools_folder {
public:
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(folder_.path() / name) << text;
    }
    [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

    // A line each.
    [[nodiscard]] std::string problems() const {
        problem_list found;
        read_tools(tool_files(folder_.path()), found);
        return found.text(language::english);
    }
    [[nodiscard]] declared_tools read() const {
        problem_list found;
        auto tools = read_tools(tool_files(folder_.path()), found);
        if (!found.empty()) throw std::runtime_error(found.text(language::english));
        return tools;
    }

private:
    scratch_folder folder_;
};

// One tool from its file.
inline std::shared_ptr<const declared_tool_spec> declared(const std::string& yaml) {
    const tools_folder folder;
    folder.write("tool.yaml", yaml);
    return folder.read().at(0);
}

} // namespace atende::test
