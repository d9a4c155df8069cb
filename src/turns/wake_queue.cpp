#include "turns/wake_queue.hpp"

namespace atende {

void wake_queue::arm(node& of) {
    alarms_.push({.when = of.second.when, .of = &of});
    ++of.second.alarms;
}

void wake_queue::set(const conversation_id& conversation, time_point when) {
    const auto [found, added] = waiting_.try_emplace(conversation);
    entry& known = found->second;
    const bool sooner = !added && when < known.when;
    known.when = when;
    if (added || sooner) arm(*found);
}

std::optional<wake_queue::time_point> wake_queue::next() const {
    if (alarms_.empty()) return std::nullopt;
    return alarms_.top().when;
}

std::optional<conversation_id> wake_queue::pop(time_point now) {
    constexpr auto rung = time_point::max(); // handed out; only superfluous alarms keep the node
    while (!alarms_.empty() && alarms_.top().when <= now) {
        node& of = *alarms_.top().of;
        alarms_.pop();
        entry& known = of.second;
        --known.alarms;
        std::optional<conversation_id> due;
        if (known.when <= now) {
            due = of.first;
            known.when = rung;
        }
        if (known.alarms == 0 && known.when != rung) arm(of);
        if (known.alarms == 0) waiting_.erase(waiting_.find(of.first));
        if (due) return due;
    }
    return std::nullopt;
}

} // namespace atende
