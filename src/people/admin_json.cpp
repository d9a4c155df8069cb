#include "people/admin_json.hpp"

#include <array>
#include <atende/conversation/said.hpp>

namespace atende {
namespace {

using nlohmann::json;

std::string_view name_of(conversation_summary::condition condition) {
    constexpr std::array<std::string_view, 4> names{"bot", "waiting", "thinking", "paused"};
    return names.at(static_cast<std::size_t>(condition));
}

json number_or_null(std::int64_t value) {
    return value == 0 ? json(nullptr) : json(value);
}

json named(const conversation_id& id) {
    return {{"conversation", id.text()}, {"account", id.account.value}, {"contact", id.contact.value}};
}

} // namespace

json json_of(const heard_message& m) {
    json out{{"id", m.id.value}, {"at_ms", m.at_ms}, {"text", with_what_was_said(m.text, m.attachments)}};
    if (!m.attachments.empty()) out["attachments"] = m.attachments.size();
    if (auto why = why_not_heard(m.attachments); !why.empty()) out["not_heard"] = std::move(why);
    if (m.unsent) out["unsent"] = true;
    return out;
}

json json_of(const knowledge_source& where) {
    return {{"file", where.file}, {"first_line", where.first_line}, {"last_line", where.last_line}};
}

json json_of(const history_entry& entry) {
    constexpr std::array<std::string_view, 3> speakers{"customer", "bot", "person"};
    json out{{"who", speakers.at(static_cast<std::size_t>(entry.who))},
             {"at_ms", entry.at_ms},
             {"text", entry.text}};
    for (const auto& step : entry.steps) {
        json tool{{"name", step.name}};
        if (!step.source.empty()) tool["source"] = step.source;
        out["tools"].push_back(std::move(tool));
    }
    for (const auto& source : entry.sources) out["sources"].push_back(json_of(source));
    if (!entry.profile.empty()) out["profile"] = entry.profile;
    if (!entry.variant.empty()) out["variant"] = entry.variant;
    if (!entry.agent.empty()) out["agent"] = entry.agent;
    if (entry.scope != scope_verdict::unknown) out["scope"] = entry.scope == scope_verdict::in ? "in" : "out";
    if (!entry.not_heard.empty()) out["not_heard"] = entry.not_heard;
    if (!entry.not_answered.empty()) out["not_answered"] = entry.not_answered;
    if (entry.turn > 0) out["turn"] = entry.turn;
    return out;
}

json json_of(const note& note) {
    return {{"text", note.text}, {"turns", note.turns}};
}

json json_of(const contact_notes& notes) {
    json out{{"profile", notes.profile}, {"through", notes.through}, {"lead", notes.lead}};
    for (const auto& [name, list] : note_lists) out[name] = list_of(notes.*list);
    return out;
}

json json_of(const stored_send& send) {
    return {{"id", send.id},       {"state", send.state},     {"text", send.text},
            {"audio", send.audio}, {"attempt", send.attempt}, {"begun_at_ms", number_or_null(send.begun_ms)},
            {"looks", send.looks}, {"reason", send.reason}};
}

json json_of(const conversation_summary& s) {
    json out = named(s.id);
    out["state"] = name_of(s.is);
    out["unanswered"] = s.unanswered;
    out["unsent"] = s.unsent;
    out["due_in_ms"] = s.due_in ? json(s.due_in->count()) : json(nullptr);
    out["paused_until_ms"] = number_or_null(s.paused_until_ms);
    out["paused_by"] = s.paused_by;
    out["epoch"] = s.epoch;
    out["attempt"] = s.attempt;
    out["deferred"] = s.deferred;
    return out;
}

json json_of(const conversation_view& view) {
    json out = json_of(view.now);
    out["history"] = list_of(view.history);
    out["notes"] = list_of(view.notes);
    out["inbox"] = list_of(view.inbox);
    out["sends"] = list_of(view.sends);
    out["held_echoes"] = view.held_echoes;
    out["journal_entries"] = view.journal_entries;
    out["received"] = view.received;
    out["consumed"] = view.consumed;
    out["turns"] = view.turns;
    out["failure"] = view.failure;
    return out;
}

json json_of(const ambiguous_send& send) {
    json out = named(send.conversation);
    out["id"] = send.send.id;
    out["text"] = send.send.text;
    out["audio"] = send.send.audio;
    out["begun_at_ms"] = number_or_null(send.send.begun_ms);
    out["named_at_ms"] = send.named_ms;
    out["looks"] = send.send.looks;
    // A rejected one may be older than what is kept of its conversation.
    out["state"] = send.send.state == "rejected" ? "rejected" : send.missing ? "missing" : "ambiguous";
    out["reason"] = send.send.reason;
    return out;
}

json json_of(const dead_letter& letter, bool with_text) {
    json out = named(letter.conversation);
    out["message"] = letter.id.value;
    out["set_aside_at_ms"] = letter.set_aside_ms;
    out["attempts"] = letter.attempts;
    out["reason"] = letter.reason;
    if (with_text) out["heard"] = json_of(letter.message);
    return out;
}

json json_of(const variant_figures& figures) {
    const double rate = figures.conversations == 0
                            ? 0
                            : static_cast<double>(figures.leads) / static_cast<double>(figures.conversations);
    return {{"profile", figures.profile}, {"variant", figures.variant},
            {"turns", figures.turns},     {"conversations", figures.conversations},
            {"leads", figures.leads},     {"lead_rate", rate}};
}

json json_of(const store_counts& counts) {
    return {{"now_ms", counts.now_ms},
            {"due", counts.due},
            {"overdue", counts.overdue},
            {"oldest_overdue_ms", counts.oldest_overdue_ms},
            {"ambiguous", counts.ambiguous},
            {"missing", counts.missing},
            {"dead", counts.dead}};
}

json json_of(const auditor& audits) {
    json violations = json::object();
    for (std::size_t i = 0; i < audits.totals().size(); ++i)
        violations["I" + std::to_string(i + 1)] = audits.totals().at(i);
    json open = json::array();
    for (const auto& one : audits.open()) {
        open.push_back({{"conversation", one.conversation},
                        {"invariant", "I" + std::to_string(one.invariant)},
                        {"found", one.found}});
    }
    return {{"passes", audits.passes()},
            {"conversations", audits.checked()},
            {"violations_total", audits.total()},
            {"violations", std::move(violations)},
            {"open", std::move(open)}};
}

} // namespace atende
