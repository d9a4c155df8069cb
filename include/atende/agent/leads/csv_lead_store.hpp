// Leads in a spreadsheet file, for a shop without NocoDB.
//
// Written for Excel in Brazil, which opens a double-clicked CSV right only with ';' between cells (its list
// separator there) and a UTF-8 byte order mark; LibreOffice and Google Sheets detect both. Quoting is RFC
// 4180's. A cell that a spreadsheet would run as a formula gets a leading apostrophe; Brazilian phones are
// written "(81) 99999-1234", which needs none. Columns and rows the shop adds by hand are kept.
#pragma once

#include <atende/agent/leads/lead_store.hpp>
#include <filesystem>
#include <memory>
#include <string>

namespace atende {

// Readable by its owner only (0600); replaced atomically, so that a crash leaves the old or the new file.
// Saves are done one after the other, on a thread of the store's own, and several processes with the same
// file take turns; one that is not let in within 5 s fails. The store must outlive its calls. Times are
// written as the clocks of `time_zone`, an IANA name, show them.
std::unique_ptr<lead_store> make_csv_lead_store(std::filesystem::path file, std::string time_zone);

} // namespace atende
