#include "intake/webhook_records.hpp"

#include <array>
#include <concepts>
#include <optional>
#include <zlib.h>

namespace atende {
namespace {

constexpr std::string_view mark = "\xFA"
                                  "at"
                                  "\xFB";
constexpr std::size_t length_at = 4;
constexpr std::size_t checksum_at = 8;
constexpr std::size_t time_at = 12;

template <std::unsigned_integral Number>
void append_number(std::string& out, Number number) {
    for (std::size_t i = 0; i < sizeof(Number); ++i) out += static_cast<char>(number >> (8 * i));
}

template <std::unsigned_integral Number>
Number number_at(std::string_view bytes, std::size_t at) {
    Number number = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i) {
        number |= static_cast<Number>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
    }
    return number;
}

std::uint32_t checksum(std::string_view length, std::string_view time_and_body) {
    const auto extended = [](uLong sum, std::string_view bytes) {
        return crc32_z(sum, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
    };
    return static_cast<std::uint32_t>(extended(extended(0, length), time_and_body));
}

std::optional<webhook_record> record_at(std::string_view bytes, std::size_t at) {
    const std::string_view rest = bytes.substr(at);
    if (rest.size() < record_header_bytes || !rest.starts_with(mark)) return std::nullopt;
    const std::size_t length = number_at<std::uint32_t>(rest, length_at);
    if (length > rest.size() - record_header_bytes) return std::nullopt;
    const std::string_view summed = rest.substr(time_at, record_header_bytes - time_at + length);
    if (checksum(rest.substr(length_at, 4), summed) != number_at<std::uint32_t>(rest, checksum_at)) {
        return std::nullopt;
    }
    return webhook_record{.received_ms = static_cast<std::int64_t>(number_at<std::uint64_t>(rest, time_at)),
                          .body = rest.substr(record_header_bytes, length),
                          .end = at + record_header_bytes + length};
}

} // namespace

void append_webhook_record(std::string& out, std::int64_t received_ms, std::string_view body) {
    const std::size_t start = out.size();
    out += mark;
    append_number(out, static_cast<std::uint32_t>(body.size()));
    append_number(out, std::uint32_t{0}); // the checksum's place
    append_number(out, static_cast<std::uint64_t>(received_ms));
    out += body;
    const std::string_view written = std::string_view(out).substr(start);
    std::string sum;
    append_number(sum, checksum(written.substr(length_at, 4), written.substr(time_at)));
    out.replace(start + checksum_at, sum.size(), sum);
}

webhook_records read_webhook_records(std::string_view bytes) {
    webhook_records read;
    std::size_t at = 0;
    std::size_t looked_from = 0; // where the search for the next record began
    while (at != std::string_view::npos && at < bytes.size()) {
        if (const auto record = record_at(bytes, at)) {
            if (at != looked_from) ++read.damaged;
            read.all.push_back(*record);
            at = looked_from = record->end;
        } else {
            at = bytes.find(mark, at + 1);
        }
    }
    read.tail_bytes = bytes.size() - looked_from;
    return read;
}

} // namespace atende
