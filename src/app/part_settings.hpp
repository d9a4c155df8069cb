// What the configuration means for each part, in the part's own words.
#pragma once

#include <atende/agent/knowledge.hpp>
#include <atende/agent/live_profile.hpp>
#include <atende/agent/profile.hpp>
#include <atende/app/settings.hpp>
#include <atende/channels/instagram_channel.hpp>
#include <atende/intake/intake.hpp>
#include <atende/intake/web_chat.hpp>
#include <atende/turns/turn_engine.hpp>
#include <atende/turns/turn_store.hpp>
#include <atende/voice/listener.hpp>
#include <atende/voice/media_archive.hpp>
#include <atende/voice/speech.hpp>
#include <string>
#include <string_view>

namespace atende {

// The environment's, else the profile's, else the usual one.
std::string model_name(const settings& s, const profile& shop);
quiet_settings quiet_settings_of(const settings& s, const profile& shop);
// Where files of the shelf are found below this base.
std::string audio_url(std::string_view base);
// Without an address for audio where speaking_problem() has something to say.
instagram_settings channel_settings(const settings& s);
speech_settings speech_settings_for(const settings& s);
// The profile's own folder and RAG_DIR, if there is one.
knowledge_settings knowledge_options_for(const settings& s, const profile& shop);
live_profile_settings profile_settings(const settings& s);
turn_store_settings store_settings(const settings& s, const profile& shop);
turn_engine_settings engine_settings(const settings& s);
audio_api_settings audio_api_of(const settings& s);
listener_settings listener_limits(const settings& s);
media_archive_settings archive_settings(const settings& s);
media_source media_source_of(const settings& s);
speech_hints hints_of(const profile& shop);
web_chat_settings web_settings(const settings& s);
webhook_journal_settings journal_settings(const settings& s);
webhook_spool_settings spool_settings(const settings& s);

} // namespace atende
