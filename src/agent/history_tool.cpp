#include "agent/local_time.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/agent/built_in_tools.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <atende/platform/unix_time.hpp>

namespace atende {
namespace {

using nlohmann::json;

constexpr std::size_t most_days = 5;
constexpr std::size_t most_lines = 10; // of a day
constexpr std::size_t longest_line = 200;

struct remembered_day {
    std::string date;
    std::vector<std::string> lines;
};

std::string_view speaker_name(speaker who) {
    switch (who) {
    case speaker::customer: return "cliente";
    case speaker::bot: return "você";
    case speaker::person: break;
    }
    return "atendente";
}

std::string date_of(std::int64_t unix_ms, const std::string& time_zone) {
    return local_time_at(std::chrono::system_clock::time_point(std::chrono::milliseconds(unix_ms)), time_zone)
        .date;
}

void add_line(remembered_day& day, const history_entry& entry) {
    if (!entry.text.empty()) {
        day.lines.push_back(
            fmt::format("{}: {}", speaker_name(entry.who), grapheme_prefix(entry.text, longest_line)));
    }
    for (const auto& step : entry.steps) {
        if (step.result.starts_with("SUCESSO"))
            day.lines.push_back(
                fmt::format("({}: {})", step.name, grapheme_prefix(step.result, longest_line)));
    }
}

// Of earlier days: what was said today, the model has before it.
std::vector<remembered_day> earlier_days(const std::vector<history_entry>& history, const std::string& today,
                                         const std::string& time_zone) {
    std::vector<remembered_day> days;
    for (const auto& entry : history) {
        auto date = date_of(entry.at_ms, time_zone);
        if (date == today) continue;
        if (days.empty() || days.back().date != date) days.push_back({.date = std::move(date), .lines = {}});
        add_line(days.back(), entry);
    }
    std::erase_if(days, [](const remembered_day& day) { return day.lines.empty(); });
    if (days.size() > most_days) days.erase(days.begin(), days.end() - most_days);
    return days;
}

std::string told(const std::vector<remembered_day>& days) {
    if (days.empty()) return "SUCESSO: cliente novo, sem conversas em outros dias.";
    std::string text = "SUCESSO: conversas de outros dias, da mais antiga para a mais nova.";
    for (const auto& day : days) {
        text += "\nEm " + day.date + ":";
        const auto shown = std::min(day.lines.size(), most_lines);
        for (auto line = day.lines.end() - static_cast<std::ptrdiff_t>(shown); line != day.lines.end();
             ++line)
            text += "\n- " + *line;
    }
    return text;
}

class history_tool final : public tool {
public:
    history_tool(history_reader read, std::string time_zone)
        : read_(std::move(read)),
          time_zone_(std::move(time_zone)) {}

    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] const std::string& description() const override { return description_; }
    [[nodiscard]] const json& parameters() const override { return parameters_; }
    [[nodiscard]] std::chrono::milliseconds time_limit() const override { return std::chrono::seconds(5); }
    [[nodiscard]] bool has_effect() const override { return false; }

    awaitable<std::string> call(json, tool_context context) override {
        const auto history = co_await read_(context.conversation);
        if (!history) {
            spdlog::warn("[TOOL] {} {}: {}", context.conversation.text(), name_,
                         printable(history.error().detail));
            co_return "ERRO: o histórico não pôde ser lido agora; siga sem ele.";
        }
        const auto today = date_of(unix_ms_now(), time_zone_);
        co_return told(earlier_days(*history, today, time_zone_));
    }

private:
    history_reader read_;
    std::string time_zone_;
    std::string name_{history_tool_name};
    std::string description_ =
        "Mostra o que foi conversado com este cliente em outros dias. Use quando ele falar de um "
        "atendimento, pedido ou combinado anterior que não está nesta conversa.";
    json parameters_{{"type", "object"}, {"properties", json::object()}, {"additionalProperties", false}};
};

} // namespace

std::shared_ptr<tool> make_history_tool(history_reader read, std::string time_zone) {
    return std::make_shared<history_tool>(std::move(read), std::move(time_zone));
}

} // namespace atende
