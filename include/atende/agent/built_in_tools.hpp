// The tools in C++ besides add_lead_to_nocodb. A profile names those it has in `built_in_tools`;
// src/app/tool_set.cpp makes them.
#pragma once

#include <atende/agent/tool.hpp>
#include <atende/conversation/turn.hpp>
#include <atende/platform/result.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

struct profile_agent;

inline constexpr std::string_view hand_over_tool_name = "transfer_to_human";
inline constexpr std::string_view agent_transfer_tool_name = "transfer_to_agent";
inline constexpr std::string_view history_tool_name = "consultar_historico_cliente";

// The two only say that they succeeded: `agent` sees that, and acts on it.
std::shared_ptr<tool> make_hand_over_tool();
// `first_name`, unless empty, is the name of the first agent.
std::shared_ptr<tool> make_agent_transfer_tool(const std::vector<profile_agent>& agents,
                                               const std::string& first_name);

// The id that a call of transfer_to_agent has asked for; empty if it names none.
std::string agent_asked_for(const tool_step& transfer);

// What is remembered of a conversation, oldest first.
using history_reader = std::function<awaitable<result<std::vector<history_entry>>>(conversation_id)>;

// Tells the model what was said on the contact's last five days with us before today, ten lines a day, and
// which of our tools had succeeded. Days are those of `time_zone`, an IANA name.
std::shared_ptr<tool> make_history_tool(history_reader read, std::string time_zone);

} // namespace atende
