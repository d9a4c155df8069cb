#include "intake/redis_trouble.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace atende {
namespace {

struct refusal {
    std::string_view code;
    std::string_view advice;
};

constexpr std::array refusals{
    refusal{"OOM", "its memory is full: give it a higher maxmemory, or free memory"},
    refusal{"MISCONF", "it cannot write to its disk: free space there, and look into its log"},
    refusal{"READONLY", "it is a replica: REDIS_URL must name the primary"},
    refusal{"NOREPLICAS", "it has too few replicas: min-replicas-to-write is not met"},
    refusal{"NOPERM", "its user may not run the commands needed: see ACL LIST"},
    refusal{"NOAUTH", "it wants a password: put it into REDIS_URL"},
    refusal{"LOADING", ""},
    refusal{"BUSY", ""},
    refusal{"MASTERDOWN", ""},
    refusal{"CLUSTERDOWN", ""},
    refusal{"TRYAGAIN", ""},
};

const refusal* refusal_in(const error& failure) {
    if (failure.code != errc::rejected) return nullptr;
    const auto named = [&failure](const refusal& one) {
        const std::string code(one.code);
        // Redis before 7 wraps what a script's command was answered.
        return failure.detail.starts_with(code + " ") || failure.detail.contains(": -" + code + " ");
    };
    const auto* found = std::ranges::find_if(refusals, named);
    return found == refusals.end() ? nullptr : found;
}

} // namespace

redis_trouble redis_trouble_of(const error& failure) {
    if (failure.code != errc::rejected) return redis_trouble::unreachable;
    return refusal_in(failure) != nullptr ? redis_trouble::refuses : redis_trouble::one_event;
}

std::string_view advice_for(const error& failure) {
    const auto* found = refusal_in(failure);
    return found != nullptr ? found->advice : std::string_view{};
}

} // namespace atende
