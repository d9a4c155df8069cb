// The bytes of journal and spool: webhooks one after the other, each with a checksum. Knows no files.
//
//   mark (4)  length of the body (4)  CRC-32 of what follows, and of the length (4)  received, Unix ms (8)
//   body
//
// Numbers are little-endian. The mark cannot occur in a webhook, which is UTF-8: behind a damaged stretch it
// leads the reader to the next record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

inline constexpr std::size_t record_header_bytes = 20;

void append_webhook_record(std::string& out, std::int64_t received_ms, std::string_view body);

struct webhook_record {
    std::int64_t received_ms = 0;
    std::string_view body; // in the bytes that were read
    std::size_t end = 0;   // where the next record begins
};

struct webhook_records {
    std::vector<webhook_record> all;
    std::size_t damaged = 0;    // stretches between records that are none
    std::size_t tail_bytes = 0; // behind the last record: what a crash left of one that was being written
};

// Takes any bytes.
webhook_records read_webhook_records(std::string_view bytes);

} // namespace atende
