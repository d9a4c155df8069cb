// The tool with which the model records a customer as a lead.
#pragma once

#include <atende/agent/lead_profile.hpp>
#include <atende/agent/leads/lead_store.hpp>
#include <atende/agent/tool.hpp>
#include <memory>

namespace atende {

// `add_lead_to_nocodb`, whatever the store: the name shops' prompts know. `store` must outlive the tool.
std::shared_ptr<tool> make_lead_tool(lead_profile profile, lead_store& store);

} // namespace atende
