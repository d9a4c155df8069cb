// The offline model: plays a profile's script.yaml where a language model would think, so that the demo and
// the tests need no account. It sees what a real model sees, the request's messages, and keeps nothing
// between requests.
#pragma once

#include <atende/agent/model.hpp>
#include <atende/agent/profile.hpp>
#include <memory>
#include <string>

namespace atende {

// The profile must have a script. `agent_name`: of its first agent; empty: the profile's own.
std::shared_ptr<model> make_script_model(std::shared_ptr<const profile> profile, std::string agent_name);

} // namespace atende
