#include "app/part_settings.hpp"

#include "app/speaking.hpp"

#include <algorithm>

namespace atende {
namespace {

std::uint64_t megabytes(int count) {
    return static_cast<std::uint64_t>(count) << 20U;
}

// DEBOUNCE_MAX_SECONDS is as long as it says; any other gives way to a longer quiet window.
milliseconds longest_wait(const settings& s, const profile& shop, milliseconds usual) {
    if (s.debounce_max) return *s.debounce_max;
    const auto quiet = quiet_settings_of(s, shop).fixed;
    return std::max(shop.debounce.longest.value_or(usual), quiet.value_or(milliseconds(0)));
}

// Messages. Only a bound: the model is given turns, and notes are made of older turns. Until they are made
// twice as many turns must be there, each as long as one may be; a person's messages stand among them.
int most_messages_kept(int turns, int messages_of_a_turn) {
    constexpr int enough = 1'000;
    const int longest_turn = messages_of_a_turn + 1; // with our answer
    return std::max(turns * 8, std::min(2 * turns * longest_turn, enough));
}

} // namespace

std::string model_name(const settings& s, const profile& shop) {
    if (!s.agent_model.empty()) return s.agent_model;
    return shop.model.name.empty() ? "gpt-4o-mini" : shop.model.name;
}

quiet_settings quiet_settings_of(const settings& s, const profile& shop) {
    return {.fixed = s.debounce ? s.debounce : shop.debounce.quiet};
}

std::string audio_url(std::string_view base) {
    while (base.ends_with('/')) base.remove_suffix(1);
    return std::string(base).append(audio_path);
}

instagram_settings channel_settings(const settings& s) {
    instagram_settings out{.base_url = s.graph_base_url,
                           .api_version = s.graph_version,
                           .access_token = s.access_token,
                           .account = s.account_id};
    if (s.audio_replies && !speaking_problem(s)) out.audio_base_url = audio_url(s.public_base_url);
    return out;
}

speech_settings speech_settings_for(const settings& s) {
    speech_settings out{
        .model = s.audio_reply_model, .voice = s.audio_reply_voice, .format = s.audio_reply_format};
    out.api.base_url = s.openai_base_url;
    out.api.api_key = s.openai_api_key;
    return out;
}

knowledge_settings knowledge_options_for(const settings& s, const profile& shop) {
    knowledge_settings out{.folders = {{.path = s.profile_folder / "knowledge", .profile = s.profile_folder}},
                           .options = shop.knowledge,
                           .auto_reload = s.rag_auto_reload,
                           .watch_interval = s.rag_watch_interval,
                           .embeddings = {}};
    if (!s.rag_folder.empty()) out.folders.push_back({.path = s.rag_folder, .required = true});
    if (!s.agent_name.empty()) out.options.variables["agent_name"] = s.agent_name;
    if (s.embeddings_model.empty() || s.offline()) return out;
    const bool has_own_server = !s.embeddings_base_url.empty();
    out.embeddings.base_url = has_own_server ? s.embeddings_base_url : s.openai_base_url;
    out.embeddings.api_key = has_own_server ? s.embeddings_api_key : s.openai_api_key;
    out.embeddings.model = s.embeddings_model;
    out.embeddings.cache_file = s.data_folder / "knowledge" / (shop.name + ".vectors");
    return out;
}

live_profile_settings profile_settings(const settings& s) {
    return {.folder = s.profile_folder, .use = s.offline() ? profile_use::serve_offline : profile_use::serve};
}

turn_store_settings store_settings(const settings& s, const profile& shop) {
    turn_store_settings out;
    out.longest_wait = longest_wait(s, shop, out.longest_wait);
    out.lease = s.lease;
    out.replicas = s.redis_wait_replicas;
    out.look_for_uncertain = s.send_verdict / 12;
    out.human_pause = s.human_pause;
    out.hand_over_pause = shop.hand_over.pause ? milliseconds(*shop.hand_over.pause)
                                               : std::max(out.hand_over_pause, s.human_pause);
    out.breaker_pause = std::max(out.breaker_pause, s.human_pause);
    out.echo_hold = s.echo_hold;
    out.most_answers_in_ten_minutes = s.max_answers_in_ten_minutes;
    out.most_answers_in_a_day = s.max_answers_in_a_day;
    out.most_rapid_turns = s.max_rapid_turns;
    out.automation_texts = shop.people.automatic_texts;
    out.pause_words = shop.people.pause_words;
    out.resume_words = shop.people.resume_words;
    out.profile = shop.name;
    out.history_length = most_messages_kept(shop.limits.history_turns, out.most_messages);
    out.history_ttl = std::chrono::duration_cast<milliseconds>(shop.limits.history_age);
    out.idle_ttl = std::max(out.idle_ttl, out.history_ttl); // what is remembered needs its counters
    return out;
}

turn_engine_settings engine_settings(const settings& s) {
    turn_engine_settings options;
    options.verdict_after = s.send_verdict;
    return options;
}

audio_api_settings audio_api_of(const settings& s) {
    return {.base_url = s.openai_base_url, .api_key = s.openai_api_key};
}

listener_settings listener_limits(const settings& s) {
    return {.largest_file = megabytes(s.max_transcription_mb),
            .longest = std::chrono::seconds(s.max_transcription_seconds),
            .hourly = std::chrono::minutes(s.max_contact_audio_minutes),
            .returns_files = s.media_kept.count() > 0};
}

media_archive_settings archive_settings(const settings& s) {
    return {.kept = s.media_kept, .most_bytes = megabytes(s.media_max_mb)};
}

media_source media_source_of(const settings& s) {
    return {.platform_domains = instagram_media_domains(),
            .access_token = s.access_token,
            .allowed_hosts = s.media_allowed_hosts,
            .only_below = {}};
}

speech_hints hints_of(const profile& shop) {
    return {.language = shop.voice.language, .vocabulary = shop.voice.vocabulary};
}

web_chat_settings web_settings(const settings& s) {
    return {.token = s.web_chat_token,
            .origins = s.web_chat_origins,
            .trusted_proxies = s.trusted_proxies,
            .sessions_a_minute = s.web_chat_sessions_a_minute};
}

webhook_journal_settings journal_settings(const settings& s) {
    return {.folder = s.data_folder / "journal", .most_bytes = megabytes(s.journal_max_mb)};
}

webhook_spool_settings spool_settings(const settings& s) {
    return {.folder = s.data_folder / "spool", .most_bytes = megabytes(s.spool_max_mb)};
}

} // namespace atende
