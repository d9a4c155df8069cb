// Errors at a boundary are values that must be looked at.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace atende {

enum class errc {
    invalid_input, // what we were given is wrong; `detail` names the field and what was expected
    unavailable,   // could not reach it, or it refused for now; repeating later is safe
    timed_out,     // no answer in time; whether it had an effect is unknown
    interrupted,   // the connection broke after the request left; whether it had an effect is unknown
    protocol,      // it answered something we cannot understand
    rejected,      // it understood and said no; repeating changes nothing
    too_large,
    cancelled,
};

struct error {
    errc code = errc::unavailable;
    std::string detail; // for the log and operators: no secrets, no message text
};

template <class T>
using result = std::expected<T, error>;

inline std::unexpected<error> fail(errc code, std::string detail) {
    return std::unexpected(error{code, std::move(detail)});
}

} // namespace atende
