#include "turns/scripts.hpp"

#include <atende/platform/broken_variant.hpp>

namespace atende {

namespace embedded {
extern const std::string_view ingest_lua, amend_lua, content_lua, heard_lua, echo_lua, record_lua, claim_lua,
    attempt_lua, forgive_lua, renew_lua, journal_lua, plan_lua, deliver_lua, defer_lua, send_begin_lua,
    send_end_lua, finish_lua, resolve_lua, pause_lua, sweep_lua, dead_retry_lua, ambiguous_drop_lua,
    flush_lua, forget_lua, remember_lua, audit_lua, conversation_lua, amendments_lua;
}

namespace {

#ifdef ATENDE_BROKEN_VARIANTS
// A line that ends in "-- guard: epoch" is left out of the variant no_epoch; what follows "-- broken NAME: "
// is only in the variant NAME.
std::string with_broken_variant(std::string_view source) {
    std::string out;
    while (!source.empty()) {
        const auto end = std::min(source.find('\n'), source.size() - 1) + 1;
        std::string line(source.substr(0, end));
        source.remove_prefix(end);
        const bool unguarded = (broken("no_epoch") && line.contains("-- guard: epoch")) ||
                               (broken("plan_without_human_check") && line.contains("-- guard: human")) ||
                               (broken("forget_remembers") && line.contains("-- guard: forgotten"));
        if (unguarded) continue;
        for (const std::string_view name : {"pop_at_claim", "resend_on_recovery"}) {
            const std::string mark = "-- broken " + std::string(name) + ": ";
            if (const auto at = line.find(mark); broken(name) && at != std::string::npos)
                line.erase(at, mark.size());
        }
        out += line;
    }
    return out;
}
#else
std::string with_broken_variant(std::string_view source) {
    return std::string(source);
}
#endif

redis_script script(std::string_view source) {
    return redis_script(with_broken_variant(source));
}

redis_script conversation_script(std::string_view source) {
    return redis_script(with_broken_variant(std::string(embedded::conversation_lua).append(source)));
}

std::string with_amendments(std::string_view source) {
    return std::string(embedded::amendments_lua).append(source);
}

} // namespace

script_set::script_set()
    : ingest(script(embedded::ingest_lua)),
      amend(script(with_amendments(embedded::amend_lua))),
      content(script(embedded::content_lua)),
      heard(script(embedded::heard_lua)),
      record(script(embedded::record_lua)),
      deliver(script(embedded::deliver_lua)),
      remember(script(embedded::remember_lua)),
      sweep(script(embedded::sweep_lua)),
      audit(script(embedded::audit_lua)),
      echo(conversation_script(embedded::echo_lua)),
      claim(conversation_script(embedded::claim_lua)),
      attempt(conversation_script(embedded::attempt_lua)),
      forgive(conversation_script(embedded::forgive_lua)),
      renew(conversation_script(embedded::renew_lua)),
      journal(conversation_script(embedded::journal_lua)),
      plan(conversation_script(with_amendments(embedded::plan_lua))),
      defer(conversation_script(embedded::defer_lua)),
      send_begin(conversation_script(embedded::send_begin_lua)),
      send_end(conversation_script(embedded::send_end_lua)),
      finish(conversation_script(embedded::finish_lua)),
      resolve(conversation_script(embedded::resolve_lua)),
      pause(conversation_script(embedded::pause_lua)),
      dead_retry(conversation_script(embedded::dead_retry_lua)),
      ambiguous_drop(conversation_script(embedded::ambiguous_drop_lua)),
      flush(conversation_script(embedded::flush_lua)),
      forget(conversation_script(embedded::forget_lua)) {}

const script_set& scripts() {
    static const script_set all;
    return all;
}

} // namespace atende
