#include "agent/knowledge/knowledge_snapshot.hpp"

#include "agent/content_version.hpp"
#include "agent/knowledge/quotation.hpp"
#include "agent/profile/template_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <atende/platform/json.hpp>
#include <atende/platform/text.hpp>
#include <iterator>

namespace atende {
namespace {

std::vector<synonym_group> groups_of(const knowledge_options& options) {
    auto groups = options.built_in_synonyms ? built_in_synonyms() : std::vector<synonym_group>();
    groups.insert(groups.end(), options.synonyms.begin(), options.synonyms.end());
    return groups;
}

// The model knows the fixed answers, too: most customers ask in other words.
knowledge_chunk chunk_of(const faq_entry& entry) {
    return {.file = entry.where.file,
            .first_line = entry.where.first_line,
            .last_line = entry.where.last_line,
            .heading = "Perguntas frequentes",
            .text = fmt::format("{}\n{}", fmt::join(entry.questions, " / "), entry.answer)};
}

} // namespace

faq_book read_faq_book(const knowledge_files& files, const knowledge_options& options,
                       problem_list& problems) {
    auto entries = options.faq;
    for (const auto& [name, yaml] : files.faqs)
        std::ranges::move(parse_faq(yaml, name, options.variables, problems), std::back_inserter(entries));
    // Not before: AGENT_NAME may have given the profile's agent another name since it was read.
    for (auto& entry : entries) entry.answer = rendered(entry.answer, options.variables);
    return {std::move(entries), problems};
}

// Not of where it lies or how it is written: the same knowledge has the same version everywhere.
std::string knowledge_version(const knowledge_files& files, const faq_book& faq,
                              const knowledge_options& options) {
    using nlohmann::json;
    if (files.texts.empty() && faq.entries().empty()) return {};
    auto all = json::array({options.whole_up_to, options.chunk_characters, options.excerpts,
                            options.excerpt_characters, options.synonyms, options.built_in_synonyms});
    for (const auto& [name, text] : files.texts) all.push_back(json::array({name, content_version(text)}));
    for (const auto& entry : faq.entries())
        all.push_back(json::array({entry.where.file, entry.questions, entry.answer}));
    return content_version(json_text(all));
}

result<std::shared_ptr<const knowledge_snapshot>> load_knowledge(const std::vector<knowledge_folder>& folders,
                                                                 const knowledge_options& options) {
    problem_list problems;
    auto files = read_knowledge_files(folders, problems);
    return make_knowledge(std::move(files), options, std::move(problems));
}

result<std::shared_ptr<const knowledge_snapshot>>
make_knowledge(knowledge_files files, const knowledge_options& options, problem_list problems) {
    auto faq = read_faq_book(files, options, problems);
    if (!problems.empty()) return fail(errc::invalid_input, problems.text(language::english));

    auto version = knowledge_version(files, faq, options);
    std::vector<knowledge_chunk> chunks;
    std::size_t characters = 0;
    for (const auto& [name, text] : files.texts) {
        characters += count_characters(text);
        std::ranges::move(chunked(name, text, options.chunk_characters), std::back_inserter(chunks));
    }
    for (const auto& entry : faq.entries()) {
        auto chunk = chunk_of(entry);
        characters += count_characters(chunk.text);
        if (files.texts.empty() || files.texts.back().name != chunk.file)
            files.texts.push_back({chunk.file, {}});
        files.texts.back().text += chunk.text + "\n\n";
        chunks.push_back(std::move(chunk));
    }
    const bool whole = characters <= options.whole_up_to;
    const auto groups = chunks.empty() ? std::vector<synonym_group>() : groups_of(options);
    text_index index(chunks, portuguese_analyser(groups));
    auto quoted = whole ? quoted_whole(files.texts) : std::string();
    return std::make_shared<const knowledge_snapshot>(
        knowledge_snapshot{.version = std::move(version),
                           .texts = std::move(files.texts),
                           .characters = characters,
                           .whole = std::move(quoted),
                           .chunks = std::move(chunks),
                           .index = std::move(index),
                           .faq = std::move(faq),
                           .excerpts = options.excerpts,
                           .excerpt_characters = options.excerpt_characters});
}

} // namespace atende
