#include "agent/toolbox.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/platform/gather.hpp>
#include <atende/platform/json.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <atende/platform/time_limit.hpp>
#include <atende/platform/unix_time.hpp>
#include <ranges>
#include <stdexcept>
#include <utility>

namespace atende {
namespace {

using steady = std::chrono::steady_clock;

constexpr std::string_view success = "SUCESSO";
constexpr std::size_t max_result_bytes =
    16'000; // more would crowd the conversation out of the model's window

// Empty: the service itself was asked.
std::string_view cache_name(call_report::source from) {
    switch (from) {
    case call_report::source::cache: return "cache";
    case call_report::source::outdated_cache: return "outdated_cache";
    case call_report::source::service: break;
    }
    return "";
}

std::string timed_out(const std::string& name) {
    return fmt::format("ERRO: {}: tempo esgotado", name);
}

std::string unknown_outcome(const std::string& name) {
    return fmt::format("ERRO: {}: não se sabe se foi feito. Não diga ao cliente que foi feito, e não tente "
                       "de novo sem que ele peça.",
                       name);
}

void log_thrown(const tool& called, const std::string& conversation, const std::exception& thrown) {
    spdlog::error("[TOOL] {} threw: {} {}", called.name(), printable(thrown.what()), conversation);
}

// Breaking its promise not to throw must cost a tool its call, not the customer the answer.
awaitable<std::string> call_guarded(std::shared_ptr<tool> called, nlohmann::json arguments,
                                    tool_context context) {
    const auto conversation = context.conversation.text();
    try {
        co_return co_await called->call(std::move(arguments), std::move(context));
    } catch (const boost::system::system_error& e) {
        if (e.code() != asio::error::operation_aborted) log_thrown(*called, conversation, e);
    } catch (const std::exception& e) {
        log_thrown(*called, conversation, e);
    }
    if (called->has_effect()) co_return unknown_outcome(called->name());
    co_return fmt::format("ERRO: {}: falha interna", called->name());
}

awaitable<std::string> call_in_time(std::shared_ptr<tool> called, nlohmann::json arguments,
                                    tool_context context, steady::duration limit) {
    const auto conversation = context.conversation.text();
    const auto report = context.report;
    const bool may_be_done = called->has_effect() && (context.again || limit > limit.zero());
    spdlog::debug("[TOOL] {} {} {}", called->name(), conversation, printable(json_text(arguments)));
    const auto started = steady::now();
    auto answered = co_await within(limit, call_guarded(called, std::move(arguments), std::move(context)));
    auto said = may_be_done ? unknown_outcome(called->name()) : timed_out(called->name());
    if (answered) said = std::move(*answered);
    said.resize(grapheme_prefix(said, max_result_bytes).size());
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(steady::now() - started);
    const auto cache = cache_name(report->from);
    spdlog::info("[TOOL] {} {} ms {}{}{} {}", called->name(), took.count(),
                 said.starts_with(success) ? "SUCESSO" : "ERRO", cache.empty() ? "" : " cache hit",
                 report->from == call_report::source::outdated_cache ? " (outdated)" : "", conversation);
    co_return said;
}

} // namespace

void tool_use::planned::answer(std::string result) {
    step.result = std::move(result);
    step.source = cache_name(report->from);
}

toolbox::toolbox(const std::vector<std::shared_ptr<tool>>& tools) {
    for (const auto& each : tools) {
        const bool added =
            by_name_.try_emplace(each->name(), entry{each, argument_check(each->parameters())}).second;
        if (!added) throw std::invalid_argument("two tools are called " + each->name());
    }
    for (const auto& [name, known] : by_name_) {
        descriptions_.push_back({.name = name,
                                 .description = known.what->description(),
                                 .parameters = json_text(schema_for_model(known.what->parameters()))});
    }
}

const toolbox::entry* toolbox::find(const std::string& name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &found->second;
}

tool_use::tool_use(const toolbox& box, conversation_id conversation, std::string operation,
                   tool_use_limits limits, const progress_sink& watch, std::set<std::string> used_ids)
    : box_(&box),
      conversation_(std::move(conversation)),
      operation_(std::move(operation)),
      limits_(limits),
      watch_(watch),
      used_ids_(std::move(used_ids)) {}

bool tool_use::prepare(int round, std::vector<tool_call> calls) {
    prepared_.clear();
    for (auto& call : without_doubles(std::move(calls))) {
        auto& each = prepared_.emplace_back(plan(round, std::move(call)));
        check(each);
        if (each.is_left())
            each.operation_id = next_operation();
        else
            each.is_stored = true; // having no id says it
    }
    return std::ranges::any_of(prepared_, [](const planned& p) { return p.is_left() && p.is_effect(); });
}

recorded_round tool_use::asked(std::string content) const {
    recorded_round round{.content = std::move(content), .operation = operation_, .calls = {}};
    for (const auto& each : prepared_) {
        const auto& step = each.step;
        round.calls.push_back({.call = {.id = step.call_id, .name = step.name, .arguments = step.arguments},
                               .operation = each.operation_id,
                               .is_lookup = each.is_lookup(),
                               .result = {}});
    }
    return round;
}

bool tool_use::resume(int round, recorded_round recorded) {
    prepared_.clear();
    bool is_whole = true, lookups_are_stored = true;
    for (auto& call : recorded.calls) {
        is_whole = is_whole && !call.result.text.empty();
        lookups_are_stored = lookups_are_stored && !(call.is_lookup && call.result.text.empty());
        prepared_.push_back(recall(round, std::move(call), recorded.is_older));
    }
    // run() begins no effect before what came of the lookups, and of the effects before it, is stored; older
    // versions did.
    bool may_have_begun = lookups_are_stored;
    for (auto& each : prepared_) {
        if (!each.is_stored) take_up(each, std::exchange(may_have_begun, recorded.is_older));
    }
    return is_whole;
}

tool_use::planned tool_use::recall(int round, recorded_call recorded, bool is_older) {
    auto made = plan(round, std::move(recorded.call));
    const bool was_refused = !is_older && recorded.operation.empty();
    const bool was_answered = !recorded.result.text.empty();
    made.is_stored = was_answered || was_refused;
    // A refusal counts among the repairs, whatever came of it.
    if (!was_answered || recorded.operation.empty()) check(made);
    if (is_older && made.is_left())
        recorded.operation = next_operation();
    else if (!recorded.operation.empty())
        ++executed_;
    made.operation_id = std::move(recorded.operation);
    if (was_answered) {
        made.step.result = std::move(recorded.result.text);
        made.step.source = std::move(recorded.result.source);
    } else if (was_refused && made.is_left()) {
        // The round was stored without an effect of this call, so it has none now either.
        made.step.result = "ERRO: não foi feito; chame de novo se ainda for preciso";
    }
    return made;
}

void tool_use::take_up(planned& call, bool may_have_begun) const {
    call.again = may_have_begun;
    if (call.is_left() || !may_have_begun) return;
    spdlog::warn("[TOOL] {} was interrupted and cannot be called now: nobody knows whether it was done {}",
                 printable(call.step.name), conversation_.text());
    call.step.result = unknown_outcome(call.step.name);
}

awaitable<std::optional<std::vector<tool_step>>> tool_use::run(results_keeper keep) {
    const auto start = [this](planned& each) {
        const auto limit =
            std::min<steady::duration>(each.what->time_limit(), limits_.deadline - steady::now());
        return call_in_time(each.what, std::move(each.arguments),
                            {.conversation = conversation_,
                             .operation_id = each.operation_id,
                             .report = each.report,
                             .again = each.again},
                            limit);
    };
    std::vector<planned*> side_by_side;
    std::vector<awaitable<std::string>> works;
    for (auto& each : prepared_) {
        if (!each.is_left() || !each.is_lookup()) continue;
        side_by_side.push_back(&each);
        works.push_back(start(each));
    }
    auto results = co_await gather(std::move(works));
    for (std::size_t i = 0; i < results.size(); ++i) side_by_side[i]->answer(std::move(results[i]));
    for (auto& each : prepared_) {
        if (!each.is_left() || !each.is_effect()) continue;
        // What came of the others must not become unknown if this one is interrupted.
        const auto is_news = [](const planned& p) { return p.is_answered() && !p.is_stored; };
        if (keep && std::ranges::any_of(prepared_, is_news)) {
            if (!co_await keep(so_far())) co_return std::nullopt;
            for (auto& other : prepared_) other.is_stored = other.is_stored || other.is_answered();
        }
        each.answer(co_await start(each));
    }
    co_return finish();
}

std::vector<tool_step> tool_use::so_far() const {
    const auto steps = prepared_ | std::views::transform(&planned::step);
    return {steps.begin(), steps.end()};
}

tool_use::planned tool_use::plan(int round, tool_call call) {
    tell(stage::tool_call, {{"name", call.name}, {"arguments", call.arguments}});
    planned made{.step = {.round = round,
                          .call_id = own_id(call.id),
                          .name = std::move(call.name),
                          .arguments = std::move(call.arguments),
                          .result = {}},
                 .what = nullptr,
                 .arguments = {},
                 .operation_id = {}};
    if (const auto* known = box_->find(made.step.name)) made.what = known->what;
    return made;
}

// Ids that are missing or taken are replaced.
std::string tool_use::own_id(const std::string& wanted) {
    auto id = wanted;
    for (int n = 1; id.empty() || !used_ids_.insert(id).second; ++n)
        id = fmt::format("{}_{}", wanted.empty() ? "call" : wanted, n);
    return id;
}

// It is answered if it cannot be called.
void tool_use::check(planned& call) {
    auto& step = call.step;
    const auto* known = box_->find(step.name);
    if (!known) {
        const auto names = box_->descriptions() | std::views::transform(&tool_description::name);
        step.result = fmt::format("ERRO: essa ferramenta não existe; existem: {}", fmt::join(names, ", "));
        return;
    }
    if (exhausted()) {
        step.result = "ERRO: limite de chamadas desta resposta atingido; responda com o que já sabe";
        return;
    }
    auto arguments = known->check.read(step.arguments);
    if (arguments && bad_arguments_[step.name] <= limits_.repairs)
        call.arguments = std::move(*arguments);
    else
        step.result = repair_or_give_up(step.name, arguments ? "" : arguments.error().detail);
}

std::string tool_use::next_operation() {
    return fmt::format("{}:{}", operation_, executed_++);
}

std::string tool_use::repair_or_give_up(const std::string& name, const std::string& reason) {
    const int failures = ++bad_arguments_[name];
    spdlog::warn("[TOOL] {} called with wrong arguments {} times {}", name, failures, conversation_.text());
    if (failures <= limits_.repairs) {
        return fmt::format("ERRO: argumentos inválidos ({}); corrija e chame de novo", printable(reason));
    }
    return fmt::format("ERRO: {} não pôde ser usada; não chame de novo", name);
}

std::vector<tool_step> tool_use::finish() {
    std::vector<tool_step> answered;
    for (auto& done : prepared_) {
        had_effect_ |= done.is_effect() && done.step.result.starts_with(success);
        nlohmann::json detail{{"name", done.step.name}, {"result", done.step.result}};
        if (!done.step.source.empty()) detail["source"] = done.step.source;
        tell(stage::tool_result, std::move(detail));
        steps_.push_back(done.step);
        answered.push_back(std::move(done.step));
    }
    prepared_.clear();
    return answered;
}

void tool_use::tell(stage what, nlohmann::json detail) const {
    if (!watch_) return;
    watch_(
        {.conversation = conversation_, .what = what, .at_ms = unix_ms_now(), .detail = json_text(detail)});
}

} // namespace atende
