#include "agent/mcp/connection.hpp"

#include "agent/mcp/result_text.hpp"

#include <boost/asio/as_tuple.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atende/platform/log.hpp>
#include <atende/platform/time_limit.hpp>
#include <random>
#include <ranges>
#include <utility>

namespace atende {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using steady = std::chrono::steady_clock;

constexpr auto patience_for_new_session = milliseconds(3'000);

// So that many replicas do not come all at once.
milliseconds around(milliseconds time) {
    static std::minstd_rand random(std::random_device{}());
    return milliseconds(
        std::uniform_int_distribution<long>(time.count() * 4 / 5, time.count() * 6 / 5)(random));
}

awaitable<bool> expired(asio::steady_timer& timer) {
    const auto [cancelled] = co_await timer.async_wait(asio::as_tuple(use_awaitable));
    co_return !cancelled;
}

} // namespace

mcp_connection::mcp_connection(const asio::any_io_executor& executor, mcp_server_spec spec, connector connect,
                               std::function<void()> changed, mcp_pace pace)
    : spec_(std::move(spec)),
      connect_(std::move(connect)),
      changed_(std::move(changed)),
      pace_(pace),
      wake_(executor),
      connected_(executor, steady::time_point::max()) {}

awaitable<void> mcp_connection::run(std::shared_ptr<mcp_connection> self) {
    auto wait = self->pace_.first_wait;
    while (!self->stopping_) {
        const auto began = steady::now();
        auto lost = co_await self->connect();
        const bool was_connected = lost.has_value();
        if (was_connected) lost = co_await self->watch();
        if (!lost) self->log_trouble(lost.error().detail);
        self->session_.reset();
        if (self->transport_) co_await std::exchange(self->transport_, nullptr)->close();
        if (self->stopping_) co_return;
        if (was_connected && steady::now() - began > wait) wait = self->pace_.first_wait;
        self->wake_.expires_after(around(wait));
        co_await expired(self->wake_);
        wait = std::min(wait * 2, self->pace_.longest_wait);
    }
}

void mcp_connection::stop() {
    stopping_ = true;
    if (transport_) transport_->hang_up();
    wake();
}

const offered_tool* mcp_connection::find(const std::string& name, const std::string& pin) const {
    const auto known = offered_.find(name);
    return known != offered_.end() && known->second.definition.pin == pin ? &known->second : nullptr;
}

awaitable<std::string> mcp_connection::call(tool_request request, std::string pin) {
    const auto self = shared_from_this();
    const auto* const known = find(request.name, pin);
    const bool has_effect = known && known->has_effect;
    const std::string name = request.name;
    auto answer = withdrawn();
    if (known) answer = co_await ask(std::move(request), std::move(pin));
    if (!answer) {
        spdlog::warn("[TOOL] mcp {}: {}: {}", spec_.name, printable(name), printable(answer.error().detail));
        co_return told_failure(spec_.name, answer.error(), has_effect);
    }
    co_return *answer ? told_result(spec_.name, **answer) : told_refusal(spec_.name, answer->error());
}

result<rpc_answer> mcp_connection::withdrawn() {
    return fail(errc::unavailable, "the tool is not offered any more");
}

awaitable<result<rpc_answer>> mcp_connection::ask(tool_request request, std::string pin) {
    if (!is_connected()) co_return fail(errc::unavailable, "not connected");
    const auto session = session_;
    auto answer = co_await session->call(request, find(request.name, pin)->mirrored);
    if (answer ? answer->has_value() : answer.error().code == errc::cancelled) co_return answer;
    look_again_ = true; // is anybody still there, and are the tools what they were?
    wake();
    // Only what HTTP calls a session can be over while the server is well.
    const bool session_over =
        !answer && answer.error().code == errc::unavailable && !session->transport().is_open();
    if (spec_.url.empty() || !session_over || !co_await connected_soon()) co_return answer;
    const auto* const still = find(request.name, pin);
    if (!still) co_return withdrawn();
    const auto renewed = session_;
    co_return co_await renewed->call(std::move(request), still->mirrored);
}

awaitable<bool> mcp_connection::connected_soon() {
    if (!is_connected()) co_await within(patience_for_new_session, expired(connected_));
    co_return is_connected();
}

result<std::shared_ptr<mcp_transport>> mcp_connection::make_transport() {
    if (stopping_) return fail(errc::cancelled, "stopping");
    auto made = connect_([weak = weak_from_this()](const std::string& method) {
        if (const auto self = weak.lock()) self->hear(method);
    });
    if (made) transport_ = *made;
    return made;
}

awaitable<result<void>> mcp_connection::connect() {
    auto session = co_await open_session([this] { return make_transport(); });
    if (!session) co_return std::unexpected(std::move(session.error()));
    look_again_ = false;
    if (auto listed = co_await refresh(*session); !listed) co_return listed;
    session_ = *std::move(session); // from here on its tools may be called: it has been seen what they are
    trouble_.clear();
    spdlog::info("mcp {}: connected, protocol {}, {} of {} allowed tools offered", spec_.name,
                 session_->protocol().version, offered_.size(), spec_.tools.size());
    connected_.cancel();
    co_return result<void>();
}

// Until the connection is lost or unwanted.
awaitable<result<void>> mcp_connection::watch() {
    while (co_await time_to_look()) {
        look_again_ = false;
        if (auto listed = co_await refresh(session_); !listed) co_return listed;
    }
    co_return fail(errc::unavailable, "the connection is lost");
}

// False if the connection is lost or unwanted before. A server that speaks of changes without end is asked no
// more often than one that cannot be reached.
awaitable<bool> mcp_connection::time_to_look() {
    const auto now = steady::now();
    const auto soonest = now + pace_.first_wait, regularly = now + around(pace_.between_checks);
    while (!stopping_ && is_connected()) {
        const auto due = look_again_ ? soonest : regularly;
        if (steady::now() >= due) co_return true;
        wake_.expires_at(due);
        co_await expired(wake_);
    }
    co_return false;
}

awaitable<result<void>> mcp_connection::refresh(std::shared_ptr<mcp_session> session) {
    const auto listed = co_await session->list_tools(pace_.list_timeout);
    if (!listed) co_return std::unexpected(listed.error());
    offer(*listed);
    co_return result<void>();
}

void mcp_connection::offer(const std::vector<json>& listed) {
    std::map<std::string, mcp_tool_definition> definitions;
    for (const auto& each : listed) {
        if (auto definition = read_tool_definition(each)) definitions.emplace(definition->name, *definition);
    }
    std::map<std::string, offered_tool> now;
    std::map<std::string, std::string> problems;
    for (const auto& allowed : spec_.tools) {
        const auto found = definitions.find(allowed.name);
        offered_tool becomes;
        auto problem = found == definitions.end() ? "the server has no such tool"
                                                  : why_not(allowed, found->second, becomes);
        if (problem.empty()) {
            now.emplace(allowed.name, std::move(becomes));
            continue;
        }
        if (problems_[allowed.name] != problem)
            spdlog::error("mcp {}: tool {} is not offered: {}", spec_.name, printable(allowed.name), problem);
        problems.emplace(allowed.name, std::move(problem));
    }
    problems_ = std::move(problems);
    // A tool that is still offered is as it was pinned, so only the names can have changed.
    const bool differs = !std::ranges::equal(now | std::views::keys, offered_ | std::views::keys);
    offered_ = std::move(now);
    if (differs) changed_();
}

// Empty if it may be offered, as `becomes`.
std::string mcp_connection::why_not(const mcp_allowed_tool& allowed, const mcp_tool_definition& definition,
                                    offered_tool& becomes) const {
    if (definition.pin != allowed.pin) {
        return fmt::format(
            "its description is not the pinned one; read the new one (atende mcp list) and pin {} "
            "if it is all right",
            definition.pin);
    }
    if (auto problem = offering_problem(definition); !problem.empty()) return problem;
    if (!spec_.url.empty()) {
        auto mirrored = header_parameters(definition.parameters);
        if (!mirrored) return mirrored.error().detail;
        becomes.mirrored = *std::move(mirrored);
    }
    becomes.has_effect = allowed.effect.value_or(!definition.read_only);
    becomes.definition = definition;
    return {};
}

void mcp_connection::hear(const std::string& method) {
    if (method == "notifications/tools/list_changed") look_again_ = true;
    if (method.empty() || look_again_) wake();
}

void mcp_connection::wake() {
    wake_.cancel();
}

bool mcp_connection::is_connected() const {
    return session_ && session_->transport().is_open();
}

void mcp_connection::log_trouble(const std::string& why) {
    const auto level = why == trouble_ || stopping_ ? spdlog::level::debug : spdlog::level::warn;
    trouble_ = why;
    spdlog::log(level, "mcp {}: {}; its tools answer ERRO until it is connected again", spec_.name,
                printable(why, 500));
}

} // namespace atende
