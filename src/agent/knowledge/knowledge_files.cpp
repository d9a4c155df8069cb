#include "agent/knowledge/knowledge_files.hpp"

#include "agent/profile/file_fence.hpp"
#include "agent/profile/profile_files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <system_error>
#include <unicode/unistr.h>

#include <algorithm>
#include <atende/platform/crypto.hpp>
#include <atende/platform/text.hpp>
#include <filesystem>
#include <memory>
#include <utility>

namespace atende {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_file = 2 << 20;
constexpr std::size_t largest_total = 16 << 20;

struct found_file {
    std::string name;
    fs::path path;
    std::shared_ptr<const file_fence> fence; // of its folder
};

bool is_faq(const fs::path& path) {
    return path.filename() == "faq.yaml";
}

bool is_read(const fs::path& path) {
    const auto kind = lower_case(path.extension().string());
    return kind == ".txt" || kind == ".md" || is_faq(path);
}

std::string folder_name(const fs::path& folder) {
    const auto plain = folder.lexically_normal();
    return plain.has_filename() ? plain.filename().string() : plain.parent_path().filename().string();
}

sentence name_wanted(const fs::path& path) {
    auto meant = suggestion_for(lower_case(path.filename().string()), {"faq.yaml"});
    if (meant.english.empty()) meant = suggestion_for(lower_case(path.extension().string()), {".md", ".txt"});
    return {"espera um nome que termine em .md ou .txt, ou faq.yaml" + meant.portuguese,
            "expected a name that ends in .md or .txt, or faq.yaml" + meant.english};
}

// Kubernetes mounts a folder whose files are links into a hidden one: links to files are followed, as long
// as they stay within.
void find_in(const knowledge_folder& folder, std::vector<found_file>& found, problem_list& problems) {
    std::error_code failed;
    if (!fs::is_directory(folder.path, failed)) {
        if (folder.required)
            problems.add(folder.path.string(), 0,
                         bilingual{"espera uma pasta com arquivos .txt e .md",
                                   "expected a folder with .txt and .md files"});
        return;
    }
    const bool is_the_profiles = !folder.profile.empty();
    const auto fence =
        std::make_shared<const file_fence>(std::vector{is_the_profiles ? folder.profile : folder.path});
    if (fence->excludes(folder.path)) {
        problems.add(folder_name(folder.path) + "/", 0, file_fence::leads_out());
        return;
    }
    for (fs::recursive_directory_iterator at(folder.path, failed), end; !failed && at != end;
         at.increment(failed)) {
        std::error_code gone;
        const auto& path = at->path();
        if (path.filename().string().starts_with('.')) {
            if (at->is_directory(gone)) at.disable_recursion_pending();
            continue;
        }
        const bool stray = is_the_profiles && !is_set_aside(path.filename().string());
        if (at->is_directory(gone) || (!is_read(path) && !stray)) continue;
        const auto below = path.lexically_relative(folder.path).generic_string();
        found.push_back({folder_name(folder.path) + "/" + below, path, fence});
    }
    if (failed)
        problems.add(folder.path.string(), 0,
                     {"não pode ser lida: " + failed.message(), "cannot be read: " + failed.message()});
}

std::vector<found_file> find_all(const std::vector<knowledge_folder>& folders, problem_list& problems) {
    std::vector<found_file> found;
    for (const auto& folder : folders) find_in(folder, found, problems);
    std::ranges::sort(found, {}, [](const found_file& file) { return std::pair(file.name, file.path); });
    return found;
}

std::string decoded(std::string bytes) {
    constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
    constexpr std::string_view little_mark = "\xFF\xFE";
    constexpr std::string_view big_mark = "\xFE\xFF";
    const char* encoding = "windows-1252"; // what Notepad calls ANSI
    if (bytes.starts_with(utf8_mark)) bytes.erase(0, utf8_mark.size());
    if (bytes.starts_with(little_mark) || bytes.starts_with(big_mark)) {
        encoding = "UTF-16";
    } else if (is_valid_utf8(bytes)) {
        return bytes;
    }
    std::string text;
    icu::UnicodeString(bytes.data(), static_cast<std::int32_t>(bytes.size()), encoding).toUTF8String(text);
    return text;
}

} // namespace

knowledge_files read_knowledge_files(const std::vector<knowledge_folder>& folders, problem_list& problems) {
    knowledge_files files;
    std::size_t total = 0;
    for (const auto& [name, path, fence] : find_all(folders, problems)) {
        if (!is_read(path)) {
            problems.add(name, 0, name_wanted(path));
            continue;
        }
        auto bytes = fence->read(path, largest_file);
        if (!bytes) {
            problems.add(name, 0, std::move(bytes.error()));
            continue;
        }
        total += bytes->size();
        if (total > largest_total) {
            problems.add("knowledge", 0,
                         {fmt::format("espera no máximo {} MB ao todo", largest_total >> 20U),
                          fmt::format("expected at most {} MB in all", largest_total >> 20U)});
            break;
        }
        (is_faq(path) ? files.faqs : files.texts).push_back({name, decoded(*std::move(bytes))});
    }
    return files;
}

std::string fingerprint_of(const std::vector<knowledge_folder>& folders) {
    problem_list ignored;
    std::string seen;
    for (const auto& [name, path, fence] : find_all(folders, ignored)) {
        struct stat facts{};
        if (::stat(path.c_str(), &facts) != 0) continue;
        const auto& changed = facts.st_ctim; // its rights, too: they decide whether it can be read
        seen += fmt::format("{}\n{} {} {} {}\n", name, facts.st_ino, facts.st_size, changed.tv_sec,
                            changed.tv_nsec);
    }
    const auto digest = sha256(seen);
    return {digest.begin(), digest.end()};
}

} // namespace atende
