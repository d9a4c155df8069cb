#include "turns/wake_queue.hpp"

namespace atende {

void wake_queue::arm(node& of) {
    entry& known = of.second;
    known.alarm_at = known.when;
    alarms_.push({.when = known.when, .of = &of});
    ++known.alarms;
}

void wake_queue::set(const conversation_id& conversation, time_point when) {
    const auto [found, added] = waiting_.try_emplace(conversation);
    entry& known = found->second;
    known.when = when;
    if (added || when < known.alarm_at) arm(*found);
}

std::optional<wake_queue::time_point> wake_queue::next() const {
    if (alarms_.empty()) return std::nullopt;
    return alarms_.top().when;
}

std::optional<conversation_id> wake_queue::pop(time_point now) {
    constexpr auto rung = time_point::max(); // handed out; only alarms left over keep the node
    while (!alarms_.empty() && alarms_.top().when <= now) {
        const alarm ringing = alarms_.top();
        alarms_.pop();
        node& of = *ringing.of;
        entry& known = of.second;
        --known.alarms;
        std::optional<conversation_id> due;
        if (known.when <= now) {
            due = of.first;
            known.when = known.alarm_at = rung;
        } else if (known.when != rung && ringing.when == known.alarm_at) {
            arm(of); // put off
        }
        if (known.alarms == 0) waiting_.erase(waiting_.find(of.first));
        if (due) return due;
    }
    return std::nullopt;
}

} // namespace atende
