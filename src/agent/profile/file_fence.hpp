// Files of folders that somebody else may have written: a link leads nowhere outside them, and no file is
// read further than a limit, whatever size it is said to have. Blocks.
#pragma once

#include <atende/platform/language.hpp>
#include <cstddef>
#include <expected>
#include <filesystem>
#include <string>
#include <vector>

namespace atende {

class file_fence {
public:
    // Around `folders`, wherever links lead to these themselves.
    explicit file_fence(const std::vector<std::filesystem::path>& folders);

    // Whether `path` is there, but lies outside once its links are followed.
    [[nodiscard]] bool excludes(const std::filesystem::path& path) const;
    // A regular file within the fence, of at most `most` bytes; otherwise what a problem of it says.
    [[nodiscard]] std::expected<std::string, sentence> read(const std::filesystem::path& path,
                                                            std::size_t most) const;

    // What a problem of something excluded says.
    static sentence leads_out();

private:
    [[nodiscard]] bool surrounds(const std::filesystem::path& real) const;

    std::vector<std::filesystem::path> folders_; // without links
};

} // namespace atende
