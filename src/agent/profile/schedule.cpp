#include "agent/profile/schedule.hpp"

#include "agent/profile/cron.hpp"
#include "agent/profile/template_text.hpp"
#include "agent/profile/yaml_reader.hpp"
#include "agent/turn_values.hpp"

#include <array>
#include <re2/re2.h>

namespace atende {
namespace {

using std::chrono::minutes;

void check_template(const yaml_map& map, const std::string& key, const std::string& text,
                    const std::set<std::string>& known) {
    if (const auto problem = template_problem(text, known)) map.wrong(key, *problem);
}

// "20h", "90m", "3d": from five minutes to 30 days.
minutes read_silence(const yaml_map& map, const std::string& key) {
    static const RE2 written(R"((\d{1,6})([mhd]))");
    int count = 0;
    std::string unit;
    minutes time{0};
    if (RE2::FullMatch(map.text(key), written, &count, &unit))
        time = minutes(count * (unit == "m" ? 1 : unit == "h" ? 60 : 24 * 60));
    if (time < minutes(5) || time > minutes(30 * 24 * 60)) {
        map.expected(key, bilingual{"um tempo de 5m a 30d, como 90m, 20h ou 3d",
                                    "a time from 5m to 30d, such as 90m, 20h or 3d"});
    }
    return time;
}

// "09:00-20:00".
std::optional<follow_up::hours> read_hours(const yaml_map& map, const std::string& key) {
    if (!map.has(key)) return std::nullopt;
    static const RE2 written(R"(([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d))");
    int from_hour = 0, from_minute = 0, until_hour = 0, until_minute = 0;
    if (RE2::FullMatch(map.text(key), written, &from_hour, &from_minute, &until_hour, &until_minute)) {
        const follow_up::hours read{.from = minutes(from_hour * 60 + from_minute),
                                    .until = minutes(until_hour * 60 + until_minute)};
        if (read.from < read.until) return read;
    }
    map.expected(
        key, bilingual{"um horário do mesmo dia, como 09:00-20:00", "hours of one day, such as 09:00-20:00"});
    return std::nullopt;
}

scheduled_job read_job(const yaml_map& map, const std::set<std::string>& variables) {
    scheduled_job read{.name = map.text("name"),
                       .when = {},
                       .task = map.text("task"),
                       .send_to = map.optional_text("send_to")};
    if (const auto cron = map.text("cron"); !cron.empty()) {
        if (auto when = parse_cron(cron))
            read.when = *when;
        else
            map.expected("cron", when.error());
    }
    check_template(map, "task", read.task, variables);
    static const RE2 conversation(R"([a-z]+:[\w.-]+:[\w.-]+)");
    if (!read.send_to.empty() && !RE2::FullMatch(read.send_to, conversation)) {
        map.expected("send_to", bilingual{"uma conversa, como ig:<conta>:<contato>",
                                          "a conversation such as ig:<account>:<contact>"});
    }
    return read;
}

follow_up read_follow_up(const yaml_map& map, std::set<std::string> variables) {
    constexpr std::array<std::string_view, 3> conditions{"always", "no_lead", "lead"};
    const auto only_if = map.choice("only_if", conditions);
    follow_up read{.name = map.text("name"),
                   .after = read_silence(map, "after"),
                   .only_if = only_if == "lead"      ? follow_up::condition::lead
                              : only_if == "no_lead" ? follow_up::condition::no_lead
                                                     : follow_up::condition::always,
                   .between = read_hours(map, "between"),
                   .at_most = map.whole("at_most", 1, 1, 10),
                   .text = map.text("text")};
    variables.insert(turn_value_names().begin(), turn_value_names().end());
    check_template(map, "text", read.text, variables);
    return read;
}

} // namespace

schedule read_schedule(const std::string& text, const std::string& file,
                       const std::set<std::string>& variables, problem_list& problems) {
    schedule read;
    const yaml_map root(read_yaml(text, file, problems), file, "", {"jobs", "follow_ups"}, problems);
    std::set<std::string> names;
    const auto check_name = [&names](const yaml_map& map, const std::string& name) {
        if (!name.empty() && !names.insert(name).second)
            map.expected("name", bilingual{"um nome que nenhum outro tem", "a name that no other has"});
    };
    for (const auto& job : root.maps("jobs", {"name", "cron", "task", "send_to"})) {
        read.jobs.push_back(read_job(job, variables));
        check_name(job, read.jobs.back().name);
    }
    for (const auto& one :
         root.maps("follow_ups", {"name", "after", "only_if", "between", "at_most", "text"})) {
        read.follow_ups.push_back(read_follow_up(one, variables));
        check_name(one, read.follow_ups.back().name);
    }
    return read;
}

} // namespace atende
