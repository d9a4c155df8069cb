// What an agent does without being asked, as schedule.yaml tells it. Times are the shop's own.
#pragma once

#include <bitset>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace atende {

// "minute hour day month weekday", as crontab(5) has it: where both days are restricted, either fits.
struct cron_times {
    std::bitset<60> minutes;
    std::bitset<24> hours;
    std::bitset<32> days;    // from 1
    std::bitset<13> months;  // from 1
    std::bitset<7> weekdays; // Sunday is 0
    bool any_day = false, any_weekday = false;
};

struct scheduled_job {
    std::string name;
    cron_times when;
    std::string task;    // what the agent is asked to do: a template over the shop's data
    std::string send_to; // conversation that gets the outcome, "ig:<account>:<contact>"; empty: nobody
};

// A word to a customer who has gone quiet.
struct follow_up {
    enum class condition { always, no_lead, lead };
    struct hours {
        std::chrono::minutes from{0}, until{0}; // since midnight
    };
    std::string name;
    std::chrono::minutes after{0}; // of silence, since our last answer
    condition only_if = condition::always;
    std::optional<hours> between; // otherwise it waits until then
    int at_most = 1;              // times in one conversation
    std::string text;             // template: also over what is known of the contact
};

struct schedule {
    std::vector<scheduled_job> jobs;
    std::vector<follow_up> follow_ups;
};

} // namespace atende
