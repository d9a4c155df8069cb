// libFuzzer target; its seed corpus is tests/data/instagram.
#include <atende/channels/instagram_webhook.hpp>
#include <atende/platform/text.hpp>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static atende::instagram_parser parser;
    const auto events = parser.parse({reinterpret_cast<const char*>(data), size});
    if (!events) return 0;
    for (const atende::event& what : *events) {
        if (what.idempotency_key.empty() || what.occurred_at_ms < 0) std::abort();
        const auto* message = std::get_if<atende::customer_message>(&what.body);
        if (message && (message->id.empty() || what.conversation.contact.empty() ||
                        !atende::is_valid_utf8(message->text))) {
            std::abort();
        }
    }
    return 0;
}
