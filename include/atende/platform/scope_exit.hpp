#pragma once

#include <utility>

namespace atende {

// Calls its function at the end of the scope, however that is left: also by an exception, or because a
// coroutine is destroyed while it waits. The function may not throw.
template <class Function>
class [[nodiscard]] scope_exit {
public:
    explicit scope_exit(Function function) : function_(std::move(function)) {}
    scope_exit(const scope_exit&) = delete;
    scope_exit& operator=(const scope_exit&) = delete;
    ~scope_exit() { function_(); }

private:
    Function function_;
};

} // namespace atende
