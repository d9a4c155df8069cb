// What a server with this environment would tell its customers, for whoever looks at it without serving.
#pragma once

#include <atende/agent/profile.hpp>
#include <atende/app/settings.hpp>
#include <cstddef>
#include <string>
#include <vector>

namespace atende {

struct told_knowledge {
    std::size_t files = 0;
    std::size_t fixed_answers = 0;
    std::string version;                   // as the server's; empty if there is nothing to tell
    std::vector<profile_problem> problems; // of RAG_DIR; those of the profile are known already
};

// `shop` was read of the profile's folder, and is right. Blocks if there is a RAG_DIR.
told_knowledge knowledge_told(const settings& configured, const profile_reading& shop);

} // namespace atende
