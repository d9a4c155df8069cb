#include "agent/profile/profile_files.hpp"

#include "agent/content_version.hpp"
#include "agent/profile/file_fence.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <atende/platform/text.hpp>
#include <ctime>
#include <optional>

namespace atende {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_bytes = 1U << 20U;         // of one file
constexpr std::size_t most_bytes_in_all = 16U << 20U; // which are held at once
constexpr std::string_view shared_parts = "../shared/parts/";

struct kept_folder {
    std::string_view name;
    std::string_view ending; // of its files; those of knowledge/ are for knowledge_files to judge
    std::string_view other_ending = ending;
    bool deep = false; // its folders, too
};

constexpr std::array<kept_folder, 4> kept_folders{
    kept_folder{"parts", ".md"}, {"tools", ".yaml", ".yml"}, {"knowledge", "", "", true}, {"evals", ".yaml"}};

const std::vector<std::string>& known_names() {
    static const std::vector<std::string> all{"profile.yaml", "prompt.md", "script.yaml", "schedule.yaml",
                                              "parts",        "tools",     "knowledge",   "evals"};
    return all;
}

bool is_prompt(const std::string& name) {
    return name.starts_with("prompt") && name.ends_with(".md");
}

// Without symbolic links resolved: the neighbours of a link are those of the name that people chose.
fs::path root_of(const fs::path& folder) {
    std::error_code failed;
    const auto whole = fs::absolute(folder, failed).lexically_normal();
    return whole.has_filename() ? whole : whole.parent_path();
}

fs::path shared_folder(const fs::path& folder) {
    return root_of(folder).parent_path() / "shared/parts";
}

// A foreign profile may have brought shared parts, too: that folder is no link out of the profiles, either.
file_fence fence_of(const fs::path& folder) {
    const auto shared = shared_folder(folder);
    std::vector<fs::path> folders{folder};
    if (!file_fence({root_of(folder).parent_path()}).excludes(shared)) folders.push_back(shared);
    return file_fence(folders);
}

struct found_file {
    fs::path path;
    const kept_folder* kept = nullptr; // where it lies; null: the profile's own folder
};

// What the profile is made of, found without reading it.
class finder {
public:
    finder(const fs::path& folder, const file_fence& fence, problem_list* problems)
        : folder_(folder),
          fence_(fence),
          problems_(problems) {}

    std::map<std::string, found_file> files() {
        for (const auto& entry : entries(folder_)) {
            const auto name = entry.filename().string();
            if (is_set_aside(name)) continue;
            const bool known = std::ranges::find(known_names(), name) != known_names().end();
            if (is_prompt(name) || (known && name.contains('.'))) {
                found_.emplace(name, found_file{entry});
            } else if (!known) {
                look_for_a_slip(name);
            }
        }
        for (const auto& kept : kept_folders) {
            gather_within(kept, folder_ / kept.name, std::string(kept.name) + "/");
        }
        gather_within(kept_folders[0], shared_folder(folder_), std::string(shared_parts));
        return std::move(found_);
    }

private:
    static std::vector<fs::path> entries(const fs::path& folder) {
        std::error_code failed;
        std::vector<fs::path> all;
        for (fs::directory_iterator at(folder, failed); !failed && at != fs::directory_iterator();
             at.increment(failed))
            all.push_back(at->path());
        std::ranges::sort(all);
        return all;
    }

    // Else a link to / would have the whole disk looked through.
    void gather_within(const kept_folder& kept, const fs::path& folder, const std::string& prefix) {
        if (fence_.excludes(folder)) return wrong(prefix, file_fence::leads_out());
        gather(kept, folder, prefix);
    }

    void gather(const kept_folder& kept, const fs::path& folder, const std::string& prefix) {
        for (const auto& entry : entries(folder)) {
            const auto name = entry.filename().string();
            if (is_set_aside(name)) continue;
            std::error_code failed;
            if (fs::is_directory(entry, failed)) {
                if (kept.deep && !fs::is_symlink(entry, failed)) gather(kept, entry, prefix + name + "/");
                continue;
            }
            found_.emplace(prefix + name, found_file{entry, &kept});
        }
    }

    void look_for_a_slip(const std::string& name) {
        const auto meant = suggestion_for(name, known_names());
        if (meant.english.empty()) return; // a file of the shop's own
        wrong(name,
              {"não faz parte de um perfil" + meant.portuguese, "is no part of a profile" + meant.english});
    }

    void wrong(std::string file, sentence what) const {
        if (problems_ != nullptr) problems_->add(std::move(file), 0, std::move(what));
    }

    const fs::path& folder_;
    const file_fence& fence_;
    problem_list* problems_;
    std::map<std::string, found_file> found_;
};

sentence ending_wanted(const fs::path& path, std::string_view ending) {
    const auto meant = suggestion_for(lower_case(path.extension().string()), {std::string(ending)});
    return {fmt::format("espera um nome que termine em {}{}", ending, meant.portuguese),
            fmt::format("expected a name that ends in {}{}", ending, meant.english)};
}

void tidy(std::string& text) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
    if (!text.contains('\r')) return;
    std::string lines;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') lines += text[i];
    }
    text = std::move(lines);
}

// The first line that is not UTF-8, as Windows' Notepad saves what it calls ANSI; 0 if there is none.
int line_of_invalid_utf8(std::string_view text) {
    if (is_valid_utf8(text)) return 0;
    int line = 1;
    for (;; ++line) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos || !is_valid_utf8(text.substr(0, end))) return line;
        text.remove_prefix(end + 1);
    }
}

std::optional<std::string> text_in(const std::string& name, const fs::path& path, const file_fence& fence,
                                   problem_list& problems) {
    auto text = fence.read(path, most_bytes);
    if (!text) {
        problems.add_unreadable(name, 0, std::move(text.error()));
        return std::nullopt;
    }
    tidy(*text);
    if (const int line = line_of_invalid_utf8(*text); line > 0) {
        problems.add_unreadable(name, line,
                                {"espera texto em UTF-8: salve o arquivo com essa codificação",
                                 "expected UTF-8 text: save the file in this encoding"});
        return std::nullopt;
    }
    return *std::move(text);
}

} // namespace

bool is_set_aside(std::string_view name) {
    return name.starts_with('.') || name.starts_with('#') || name.ends_with('~') || name.ends_with(".swp") ||
           name.ends_with(".tmp") || name.ends_with(".bak") || name.ends_with(".orig") ||
           name == "desktop.ini" || name == "Thumbs.db";
}

const std::string* profile_files::find(const std::string& file) const {
    const auto found = texts.find(file);
    return found == texts.end() ? nullptr : &found->second;
}

std::vector<std::string> profile_files::below(std::string_view folder) const {
    std::vector<std::string> names;
    for (const auto& [name, text] : texts) {
        if (name.starts_with(folder)) names.push_back(name);
    }
    return names;
}

std::string profile_files::version() const {
    std::string all;
    for (const auto& [name, text] : texts) {
        if (!name.starts_with("evals/")) all += fmt::format("{} {}\n{}", name, text.size(), text);
    }
    return content_version(all);
}

profile_files read_profile_files(const fs::path& folder, eval_files evals, problem_list& problems) {
    const auto fence = fence_of(folder);
    auto found = finder(folder, fence, &problems).files();
    for (const auto* needed : {"profile.yaml", "prompt.md"})
        found.emplace(needed, found_file{folder / needed});
    std::size_t bytes = 0;
    profile_files read;
    for (const auto& [name, file] : found) {
        const auto& [path, kept] = file;
        if (evals == eval_files::skip && name.starts_with("evals/")) continue;
        if (kept != nullptr && kept->ending.empty()) continue; // knowledge/
        if (kept != nullptr && !name.ends_with(kept->ending) && !name.ends_with(kept->other_ending)) {
            problems.add(name, 0, ending_wanted(path, kept->ending));
            continue;
        }
        auto text = text_in(name, path, fence, problems);
        if (!text) continue;
        bytes += text->size();
        if (bytes > most_bytes_in_all) {
            constexpr auto most = most_bytes_in_all >> 20U;
            problems.add(name, 0,
                         {fmt::format("espera no máximo {} MB em todo o perfil", most),
                          fmt::format("expected at most {} MB in the whole profile", most)});
            break;
        }
        read.texts.emplace(name, *std::move(text));
    }
    return read;
}

folder_stamp stamp_of(const fs::path& folder) {
    constexpr time_t clock_step = 2; // seconds, of the coarsest file system
    std::string seen;
    time_t newest = 0;
    for (const auto& [name, file] : finder(folder, fence_of(folder), nullptr).files()) {
        struct stat about{};
        if (::stat(file.path.c_str(), &about) != 0) continue;
        const auto& changed = about.st_ctim; // its rights, too: they decide whether it can be read
        newest = std::max(newest, changed.tv_sec);
        seen += fmt::format("{}\n{} {} {} {}\n", name, about.st_size, about.st_ino, changed.tv_sec,
                            changed.tv_nsec);
    }
    return {.of_files = std::hash<std::string>{}(seen), .settled = newest + clock_step < ::time(nullptr)};
}

std::vector<fs::path> watched_folders(const fs::path& folder) {
    std::error_code failed;
    const auto root = root_of(folder);
    std::vector<fs::path> all{root, root.parent_path(), root.parent_path() / "shared", shared_folder(folder)};
    const auto fence = fence_of(folder);
    for (const auto& kept : kept_folders) {
        if (fence.excludes(root / kept.name)) continue;
        all.push_back(root / kept.name);
        if (!kept.deep) continue;
        for (fs::recursive_directory_iterator at(root / kept.name, failed), end; !failed && at != end;
             at.increment(failed)) {
            if (at->is_directory(failed)) all.push_back(at->path());
        }
    }
    return all;
}

} // namespace atende
