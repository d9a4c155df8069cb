#include "agent/turn_values.hpp"

#include "agent/local_time.hpp"
#include "agent/memory/saved_lead.hpp"

#include <atende/agent/lead_profile.hpp>
#include <atende/platform/log.hpp>
#include <string_view>

namespace atende {
namespace {

constexpr std::size_t longest_value = 120;

std::string plain(const std::string& value) {
    return printable(value, longest_value);
}

// What the notes know, and what was saved since.
void add_lead(template_values& values, const turn& about) {
    auto lead = about.notes.lead;
    add_saved_lead(lead, about.history);
    for (const auto& [field, value] : lead) values["lead_" + field] = plain(value);
}

} // namespace

const std::set<std::string>& turn_value_names() {
    static const std::set<std::string> all = [] {
        std::set<std::string> names{"weekday", "date", "time", "contact", "channel", "came_from"};
        for (const auto field : lead_fields) names.insert("lead_" + std::string(field));
        return names;
    }();
    return all;
}

template_values turn_values(const turn& about, const std::string& time_zone,
                            std::chrono::system_clock::time_point now) {
    const auto local = local_time_at(now, time_zone);
    template_values values{{"weekday", local.weekday},
                           {"date", local.date},
                           {"time", local.time},
                           {"contact", plain(about.conversation.contact.value)},
                           {"channel", std::string(display_name(about.conversation.platform))}};
    for (const auto& message : about.messages) {
        if (!message.came_from) continue;
        const auto& from = *message.came_from;
        values["came_from"] = plain(!from.ad_title.empty() ? from.ad_title : from.ref);
    }
    add_lead(values, about);
    return values;
}

} // namespace atende
