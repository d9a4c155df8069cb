// Leads in a table of NocoDB (https://nocodb.com/docs/product-docs/developer-resources/rest-apis).
//
// NocoDB answers 200 while it drops what it does not know, so the table's columns are read first, each value
// is placed by title, and the stored row is read back.
#pragma once

#include <atende/agent/lead_profile.hpp>
#include <atende/agent/leads/lead_store.hpp>
#include <atende/platform/http_client.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace atende {

class redis_client;

enum class nocodb_api { v1, v2, v3 };

// The table behind a records URL.
struct nocodb_table {
    nocodb_api api = nocodb_api::v2;
    std::string server; // scheme, host and path prefix, without a trailing slash
    std::string base;   // empty for v2, whose URL does not name it
    std::string table;
};

// Understands, after any prefix, with or without trailing slash and query:
//   v1  /api/v1/db/data/noco/<base>/<table>      v2  /api/v2/tables/<table>/records
//   v3  /api/v3/data/<base>/<table>/records
// invalid_input says what is wrong with the URL, without repeating it.
result<nocodb_table> parse_nocodb_table_url(std::string_view url);

// Which row a conversation's lead went to, remembered for 180 days.
class lead_ledger {
public:
    virtual ~lead_ledger() = default;
    virtual awaitable<result<std::optional<std::string>>> row_of(const conversation_id& conversation) = 0;
    virtual awaitable<result<void>> remember(const conversation_id& conversation, std::string row) = 0;
};

// Under `atende:lead:<conversation>`. `redis` must outlive the ledger.
std::unique_ptr<lead_ledger> make_redis_lead_ledger(redis_client& redis);

struct nocodb_settings {
    nocodb_table table;
    std::string api_token;
};

// `http` and `ledger` must outlive the store. A save ends within 22 s, each request within 10 s.
// Two saves never make two rows where the table has a column for the conversation or the contact (found by
// `columns` of the profile or by its title); without one, that holds as long as the ledger remembers.
std::unique_ptr<lead_store> make_nocodb_lead_store(http_client& http, lead_ledger& ledger,
                                                   nocodb_settings settings, lead_profile profile);

} // namespace atende
