// What atende-media does: conversions, one after the other, as its standard input asks for them.
#pragma once

namespace atende {

// Returns when there are no more requests, or when this process should be replaced by a fresh one: after many
// conversions, much CPU time, or a file that was not whole – a process that such a file took over would
// otherwise hear what the next customers say. Ends the process where the other side breaks the protocol.
void serve_conversions();

} // namespace atende
