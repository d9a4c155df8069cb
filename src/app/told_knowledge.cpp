#include "app/told_knowledge.hpp"

#include "agent/knowledge/knowledge_snapshot.hpp"
#include "app/part_settings.hpp"

namespace atende {

told_knowledge knowledge_told(const settings& configured, const profile_reading& shop) {
    const auto known = knowledge_options_for(configured, *shop.read);
    problem_list problems;
    // With a folder beside it, both are read together, as the server does: their order and size count.
    const auto files =
        known.folders.size() == 1
            ? shop.knowledge
            : std::make_shared<const knowledge_files>(read_knowledge_files(known.folders, problems));
    const auto faq = read_faq_book(*files, known.options, problems);
    return {.files = files->count(),
            .fixed_answers = faq.entries().size(),
            .version = knowledge_version(*files, faq, known.options),
            .problems = problems.sorted()};
}

} // namespace atende
