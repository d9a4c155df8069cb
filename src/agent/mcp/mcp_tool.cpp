#include "agent/mcp/mcp_tool.hpp"

#include "agent/mcp/result_text.hpp"

namespace atende {
namespace {

using nlohmann::json;

class mcp_tool final : public tool {
public:
    mcp_tool(std::shared_ptr<mcp_connection> server, const offered_tool& offered)
        : server_(std::move(server)),
          name_(offered_name(server_->spec().name, offered.definition.name)),
          original_name_(offered.definition.name),
          description_(offered.definition.description),
          pin_(offered.definition.pin),
          parameters_(parameters_for_model(offered.definition)),
          has_effect_(offered.has_effect) {}

    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] const std::string& description() const override { return description_; }
    [[nodiscard]] const json& parameters() const override { return parameters_; }
    // More than the server is given, so that what it has not answered is told in its own words; twice, for
    // a session that was over.
    [[nodiscard]] std::chrono::milliseconds time_limit() const override {
        return 2 * server_->spec().timeout + std::chrono::seconds(5);
    }
    [[nodiscard]] bool has_effect() const override { return has_effect_; }

    awaitable<std::string> call(json arguments, tool_context context) override {
        // That a server knows an operation again is more than the protocol promises.
        if (context.again && has_effect_)
            co_return told_failure(server_->spec().name, {errc::interrupted, {}}, true);
        co_return co_await server_->call({.name = original_name_,
                                          .arguments = std::move(arguments),
                                          .operation_id = std::move(context.operation_id),
                                          .timeout = server_->spec().timeout},
                                         pin_);
    }

private:
    std::shared_ptr<mcp_connection> server_;
    std::string name_, original_name_, description_, pin_;
    json parameters_;
    bool has_effect_;
};

} // namespace

std::shared_ptr<tool> make_mcp_tool(std::shared_ptr<mcp_connection> server, const offered_tool& offered) {
    return std::make_shared<mcp_tool>(std::move(server), offered);
}

} // namespace atende
