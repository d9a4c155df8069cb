#include "agent/mcp/http_transport.hpp"
#include "agent/mcp/mcp_tool.hpp"
#include "agent/mcp/pipe_transport.hpp"

#include <boost/asio/this_coro.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atende/agent/mcp_client.hpp>
#include <atende/agent/profile.hpp>
#include <atende/platform/json.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/scope_exit.hpp>
#include <atende/platform/spawn.hpp>

namespace atende {
namespace {

using std::chrono::milliseconds;

// What nearly every program needs, and what holds no secrets.
constexpr std::array<std::string_view, 5> always_given{"PATH", "HOME", "LANG", "TZ", "TMPDIR"};

std::unexpected<error> missing(const std::string& variable) {
    return fail(errc::invalid_input,
                "the variable " + variable + " is not set, or is one of Atende's own secrets");
}

result<std::vector<std::string>> given_variables(const mcp_server_spec& spec, const mcp_environment& ours) {
    std::vector<std::string> given;
    for (const auto name : always_given) {
        if (const auto found = ours.find(name); found != ours.end())
            given.push_back(found->first + "=" + found->second);
    }
    for (const auto& name : spec.environment) {
        const auto found = ours.find(name);
        if (found == ours.end()) return missing(name);
        given.push_back(name + "=" + found->second);
    }
    return given;
}

// `text` with every ${NAME} replaced.
result<std::string> filled_in(std::string_view text, const mcp_environment& ours) {
    std::string filled;
    while (true) {
        const auto begin = text.find("${");
        const auto end = begin == std::string_view::npos ? begin : text.find('}', begin);
        filled += text.substr(0, end == std::string_view::npos ? end : begin);
        if (end == std::string_view::npos) return filled;
        const std::string name(text.substr(begin + 2, end - begin - 2));
        const auto found = ours.find(name);
        if (found == ours.end()) return missing(name);
        if (found->second.find_first_of("\r\n") != std::string::npos)
            return fail(errc::invalid_input, "the variable " + name + " has a line break");
        filled += found->second;
        text.remove_prefix(end + 1);
    }
}

// What was expected of its address instead, as its headers hold the value of a variable.
std::optional<sentence> address_problem(const mcp_server_spec& spec, const host_list& allowed_hosts) {
    const bool tells =
        std::ranges::any_of(spec.headers, [](const auto& header) { return header.second.contains("${"); });
    if (!tells || spec.url.starts_with("https://")) return std::nullopt;
    const auto where = parse_http_url(spec.url);
    if (where && allowed_hosts.contains(*where)) return std::nullopt;
    const auto host = where ? where->host : spec.url;
    return sentence(
        fmt::format("https:// porque headers leva uma variável, ou {} entre os TOOL_ALLOWED_HOSTS", host),
        fmt::format("https:// because headers hold a variable, or {} among TOOL_ALLOWED_HOSTS", host));
}

// What a connection needs to be made; all of it outlives the tasks.
struct workshop {
    asio::any_io_executor executor;
    http_client& http;
    mcp_surroundings around;
    task_group& tasks;

    result<std::shared_ptr<mcp_transport>> connect(const mcp_server_spec& spec, notification_sink notified) {
        return spec.url.empty() ? start(spec, std::move(notified)) : reach(spec, std::move(notified));
    }

    result<std::shared_ptr<mcp_transport>> start(const mcp_server_spec& spec, notification_sink notified) {
        auto variables = given_variables(spec, around.environment);
        if (!variables) return std::unexpected(std::move(variables.error()));
        auto started = spawn({.command = spec.command,
                              .arguments = spec.arguments,
                              .environment = *std::move(variables),
                              .folder = spec.folder});
        if (!started) return std::unexpected(std::move(started.error()));
        auto process = std::make_unique<child_process>(started->process);
        tasks.start("mcp " + spec.name + " errors", log_lines(spec.name, std::move(started->errors)));
        return make_pipe_transport(spec.name, tasks, executor, std::move(started->input),
                                   std::move(started->output), std::move(process), std::move(notified));
    }

    result<std::shared_ptr<mcp_transport>> reach(const mcp_server_spec& spec, notification_sink notified) {
        if (const auto wrong = address_problem(spec, around.allowed_hosts))
            return fail(errc::invalid_input, "url: expected " + wrong->english);
        std::vector<std::pair<std::string, std::string>> headers;
        for (const auto& [name, value] : spec.headers) {
            auto filled = filled_in(value, around.environment);
            if (!filled) return std::unexpected(std::move(filled.error()));
            headers.emplace_back(name, *std::move(filled));
        }
        return make_http_transport(spec.name, tasks, http, spec.url, std::move(headers), std::move(notified));
    }
};

mcp_tool_report report_on(const mcp_server_spec& spec, mcp_tool_definition definition) {
    auto problem = offering_problem(definition);
    if (problem.empty() && !spec.url.empty()) {
        const auto mirrored = header_parameters(definition.parameters);
        if (!mirrored) problem = mirrored.error().detail;
    }
    return {.name = std::move(definition.name),
            .description = std::move(definition.description),
            .parameters = json_text(definition.parameters),
            .pin = std::move(definition.pin),
            .has_effect = !definition.read_only,
            .problem = std::move(problem)};
}

awaitable<result<mcp_server_report>> look_at(mcp_server_spec spec, workshop& shop) {
    auto session =
        co_await open_session([&shop, &spec] { return shop.connect(spec, [](const std::string&) {}); });
    if (!session) co_return std::unexpected(std::move(session.error()));
    auto listed = co_await (*session)->list_tools(milliseconds(30'000));
    const auto protocol = (*session)->protocol().version;
    co_await (*session)->transport().close();
    if (!listed) co_return std::unexpected(std::move(listed.error()));
    mcp_server_report report{.protocol = protocol, .tools = {}};
    for (const auto& each : *listed) {
        if (auto definition = read_tool_definition(each))
            report.tools.push_back(report_on(spec, *std::move(definition)));
    }
    co_return report;
}

// It is stopped with the last copy of this pointer: the turns that are being thought keep the tools they
// began with.
std::shared_ptr<mcp_connection> until_let_go(std::shared_ptr<mcp_connection> connection) {
    auto* const server = connection.get();
    auto stop = [kept = std::move(connection)] { kept->stop(); };
    return {std::make_shared<scope_exit<decltype(stop)>>(std::move(stop)), server};
}

} // namespace

struct mcp_servers::state {
    state(asio::any_io_executor executor, http_client& http, mcp_surroundings around,
          std::function<void()> on_change)
        : changed(std::move(on_change)),
          tasks(executor),
          shop{.executor = executor, .http = http, .around = std::move(around), .tasks = tasks} {}

    std::function<void()> changed;
    task_group tasks;
    workshop shop;
    std::vector<std::shared_ptr<mcp_connection>> connections;
    std::vector<std::weak_ptr<mcp_connection>> made; // also those that only turns still hold

    std::shared_ptr<mcp_connection> connection_to(mcp_server_spec spec) {
        spec.url_line = 0; // one that moved makes no other server
        const auto same = [&spec](const auto& known) { return known->spec() == spec; };
        if (const auto known = std::ranges::find_if(connections, same); known != connections.end())
            return *known;
        auto fresh = std::make_shared<mcp_connection>(
            shop.executor, spec,
            [this, spec](notification_sink notified) { return shop.connect(spec, std::move(notified)); },
            [this] { changed(); });
        tasks.start("mcp " + spec.name, mcp_connection::run(fresh));
        std::erase_if(made, [](const auto& each) { return each.expired(); });
        made.push_back(fresh);
        return until_let_go(std::move(fresh));
    }
};

mcp_servers::mcp_servers(asio::any_io_executor executor, http_client& http, mcp_surroundings around,
                         std::function<void()> changed)
    : state_(std::make_unique<state>(std::move(executor), http, std::move(around), std::move(changed))) {}

mcp_servers::~mcp_servers() = default;

void mcp_servers::use(const std::vector<mcp_server_spec>& specs) {
    std::vector<std::shared_ptr<mcp_connection>> wanted;
    wanted.reserve(specs.size());
    for (const auto& spec : specs) {
        if (spec.tools.empty()) {
            spdlog::warn("mcp {}: no tool of it is allowed, so it is not asked; see atende mcp list",
                         spec.name);
        } else {
            wanted.push_back(state_->connection_to(spec));
        }
    }
    const auto before = std::exchange(state_->connections, std::move(wanted));
    if (before != state_->connections) state_->changed();
}

std::vector<std::shared_ptr<tool>> mcp_servers::tools() const {
    std::vector<std::shared_ptr<tool>> all;
    for (const auto& connection : state_->connections) {
        for (const auto& [name, offered] : connection->offered())
            all.push_back(make_mcp_tool(connection, offered));
    }
    return all;
}

awaitable<void> mcp_servers::stop() {
    for (const auto& each : state_->made) {
        if (const auto connection = each.lock()) connection->stop();
    }
    co_await state_->tasks.finish(milliseconds(1'900));
}

std::vector<profile_problem> mcp_address_problems(const std::vector<mcp_server_spec>& servers,
                                                  const host_list& allowed_hosts) {
    std::vector<profile_problem> problems;
    for (const auto& server : servers) {
        if (const auto wrong = address_problem(server, allowed_hosts))
            problems.push_back(
                {.file = "profile.yaml",
                 .line = server.url_line,
                 .what = {fmt::format("mcp {}: url: espera {}", server.name, wrong->portuguese),
                          fmt::format("mcp {}: url: expected {}", server.name, wrong->english)}});
    }
    return problems;
}

bool uses_variable(const mcp_server_spec& server, const std::string& name) {
    const auto in_header = [&](const auto& header) { return header.second.contains("${" + name + "}"); };
    return std::ranges::count(server.environment, name) > 0 || std::ranges::any_of(server.headers, in_header);
}

awaitable<result<mcp_server_report>> inspect_mcp_server(mcp_server_spec spec, mcp_surroundings around,
                                                        http_client& http) {
    const auto executor = co_await asio::this_coro::executor;
    task_group tasks(executor);
    workshop shop{.executor = executor, .http = http, .around = std::move(around), .tasks = tasks};
    auto report = co_await look_at(std::move(spec), shop);
    co_await tasks.finish(milliseconds(1'000));
    co_return report;
}

} // namespace atende
