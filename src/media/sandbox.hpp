// The walls around what reads strangers' files.
#pragma once

#include <atende/platform/result.hpp>

namespace atende {

// From here on this process reads standard input, writes standard output, allocates memory, and ends; any
// other system call kills it (SIGSYS). It has no other file open, cannot get new privileges, be traced or
// dumped, use more than 512 MB beyond what it has, or 30 s of CPU; it ends with its parent. Where the kernel
// has Landlock, that forbids files and TCP once more. Call with one thread. Errors say what was refused; the
// process is then not to be used.
result<void> enter_sandbox();

// The same but for the filter of system calls, which kills before the rest would have to hold: for tests of
// the rest.
result<void> enter_sandbox_without_filter();

} // namespace atende
