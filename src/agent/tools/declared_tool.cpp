#include "agent/tools/answer_reading.hpp"
#include "agent/tools/declared_tool_spec.hpp"
#include "agent/tools/tool_request.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atende/agent/declared_tools.hpp>
#include <atende/agent/profile.hpp>
#include <atende/agent/tool_cache.hpp>
#include <atende/platform/json.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <atende/platform/time_limit.hpp>
#include <ranges>

namespace atende {
namespace {

using json = nlohmann::json;
using steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds first_wait{200};

bool is_busy(int status) {
    return status == 429 || status == 502 || status == 503 || status == 504;
}

class declared_tool final : public tool {
public:
    declared_tool(std::shared_ptr<const declared_tool_spec> spec, http_client* http, host_list allowed_hosts,
                  std::map<std::string, std::string> environment)
        : spec_(std::move(spec)),
          http_(http),
          allowed_hosts_(std::move(allowed_hosts)),
          environment_(std::move(environment)),
          secrets_(*spec_, environment_) {}

    [[nodiscard]] const std::string& name() const override { return spec_->name; }
    [[nodiscard]] const std::string& description() const override { return spec_->description; }
    [[nodiscard]] const json& parameters() const override { return spec_->parameters; }
    // Longer than the request may take, so that a time-out is told in the file's words.
    [[nodiscard]] milliseconds time_limit() const override { return spec_->timeout + milliseconds(500); }
    [[nodiscard]] bool has_effect() const override { return spec_->has_effect; }

    awaitable<std::string> call(json arguments, tool_context context) override {
        if (spec_->critical) {
            spdlog::warn("[TOOL] {} {}: refused, it is critical and nobody can approve it yet", spec_->name,
                         context.conversation.text());
            co_return "ERRO: esta ação precisa da aprovação de uma pessoa da loja, e não foi feita. Diga "
                      "isso ao cliente e ofereça chamar alguém da equipe.";
        }
        result<http_answer> answer = fail(errc::unavailable, {});
        if (http_) {
            auto request = tool_request(*spec_, request_values(*spec_, arguments, context, environment_),
                                        allowed_hosts_);
            if (!request) co_return fmt::format("ERRO: {}.", request.error().detail);
            if (context.again && !is_repeatable())
                answer = fail(errc::interrupted, "an interrupted attempt may have done it; not repeated");
            else
                answer = co_await perform(*std::move(request));
        } else {
            const auto* mock = mock_for(arguments);
            if (!mock) co_return "ERRO: esta ferramenta não tem resposta de teste (mock) para estes dados.";
            answer = answer_of(*mock);
        }
        auto told = read_answer(*spec_, arguments, answer, secrets_);
        if (told.service_failed) {
            if (context.report) context.report->service_failed = true;
            const auto why = answer ? fmt::format("status {}", answer->status) : answer.error().detail;
            spdlog::warn("[TOOL] {} {}: {}", spec_->name, context.conversation.text(), printable(why));
            if (context.again && spec_->has_effect) // the interrupted attempt may have done it
                told = read_answer(*spec_, arguments, fail(errc::interrupted, {}), secrets_);
        }
        co_return std::move(told.text);
    }

private:
    awaitable<result<http_answer>> perform(http_call request) {
        const auto deadline = steady::now() + spec_->timeout;
        for (int retry = 0;; ++retry) {
            request.timeout = std::chrono::ceil<milliseconds>(deadline - steady::now());
            request.connect_timeout = std::min(request.connect_timeout, request.timeout);
            auto answer = co_await http_->perform(request);
            const auto wait = first_wait * (1 << retry);
            const bool again =
                retry < spec_->retries && may_repeat(answer) && steady::now() + wait < deadline;
            if (!again) co_return answer;
            co_await sleep_for(wait);
        }
    }

    [[nodiscard]] bool is_repeatable() const { return !spec_->has_effect || spec_->idempotent; }

    // What surely did not reach the service may be repeated always.
    [[nodiscard]] bool may_repeat(const result<http_answer>& answer) const {
        if (answer) return is_repeatable() && is_busy(answer->status);
        const auto why = answer.error().code;
        return why == errc::unavailable ||
               (is_repeatable() && (why == errc::interrupted || why == errc::timed_out));
    }

    [[nodiscard]] const mock_answer* mock_for(const json& arguments) const {
        const auto fits = [&arguments](const mock_answer& mock) {
            return std::ranges::all_of(mock.with, [&arguments](const auto& wanted) {
                return arguments.contains(wanted.first) &&
                       folded(text_of(arguments[wanted.first])) == folded(wanted.second);
            });
        };
        const auto found = std::ranges::find_if(spec_->mocks, fits);
        return found == spec_->mocks.end() ? nullptr : &*found;
    }

    static result<http_answer> answer_of(const mock_answer& mock) {
        if (mock.status == "timeout") return fail(errc::timed_out, "mock");
        if (mock.status == "unreachable") return fail(errc::unavailable, "mock");
        http_answer answer;
        answer.status = std::stoi(mock.status);
        answer.body = mock.body.is_string() ? mock.body.get<std::string>() : json_text(mock.body);
        return answer;
    }

    std::shared_ptr<const declared_tool_spec> spec_;
    http_client* http_;
    host_list allowed_hosts_;
    std::map<std::string, std::string> environment_; // only what the file names
    secret_values secrets_;
};

std::map<std::string, std::string> environment_of(const declared_tool_spec& spec,
                                                  const environment_lookup& lookup) {
    std::map<std::string, std::string> found;
    for (const auto& [name, where] : spec.environment) {
        if (auto value = lookup ? lookup(name) : std::nullopt) found.emplace(name, *std::move(value));
    }
    return found;
}

bool is_left_out(const declared_tool_spec& spec, const environment_lookup& lookup) {
    return spec.optional && environment_of(spec, lookup).empty();
}

} // namespace

std::vector<profile_problem> address_problems(const declared_tools& tools,
                                              const environment_lookup& environment,
                                              const host_list& allowed_hosts) {
    std::vector<profile_problem> problems;
    for (const auto& spec : tools) {
        const auto found = environment_of(*spec, environment);
        if (found.size() < spec->environment.size()) continue;
        if (const auto wrong = base_url_problem(*spec, found, allowed_hosts))
            problems.push_back(
                {.file = spec->file,
                 .line = spec->url_line,
                 .what = {"url: espera " + wrong->portuguese, "url: expected " + wrong->english}});
    }
    return problems;
}

std::vector<sentence> environment_problems(const declared_tools& tools, const environment_lookup& environment,
                                           const host_list& allowed_hosts) {
    std::vector<sentence> problems;
    for (const auto& spec : tools) {
        if (is_left_out(*spec, environment)) continue;
        const auto found = environment_of(*spec, environment);
        for (const auto& [name, where] : spec->environment) {
            if (found.contains(name)) continue;
            problems.emplace_back(
                fmt::format("{}: espera a variável de ambiente {}, que não seja um segredo do próprio Atende",
                            where, name),
                fmt::format("{}: expected the environment variable {} to be set, and to be none of Atende's "
                            "own secrets",
                            where, name));
        }
    }
    for (const auto& wrong : address_problems(tools, environment, allowed_hosts))
        problems.emplace_back(text_of(wrong, language::portuguese), text_of(wrong, language::english));
    return problems;
}

std::vector<std::shared_ptr<tool>> make_declared_tools(const declared_tools& tools,
                                                       const tool_surroundings& around) {
    std::vector<std::shared_ptr<tool>> made;
    for (const auto& spec : tools) {
        if (around.http && is_left_out(*spec, around.environment)) {
            spdlog::warn("[TOOL] {} is left out: none of {} is set", spec->name,
                         fmt::join(std::views::keys(spec->environment), ", "));
            continue;
        }
        std::shared_ptr<tool> one = std::make_shared<declared_tool>(
            spec, around.http, around.allowed_hosts, environment_of(*spec, around.environment));
        if (around.http && around.cache) {
            if (spec->cache_ttl.count() > 0)
                one = around.cache->cached(std::move(one), {.ttl = spec->cache_ttl,
                                                            .stale = spec->cache_stale,
                                                            .personal = spec->personal,
                                                            .version = spec->fingerprint});
            const auto invalidated = std::views::keys(spec->invalidates);
            if (!invalidated.empty())
                one = around.cache->invalidating(std::move(one), {invalidated.begin(), invalidated.end()});
        }
        made.push_back(std::move(one));
    }
    return made;
}

} // namespace atende
