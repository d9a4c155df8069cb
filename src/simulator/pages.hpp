#pragma once

#include <atende/platform/http_server.hpp>
#include <string_view>
#include <vector>

namespace atende {

struct page_file {
    std::string_view path;
    std::string_view content_type;
    std::string_view bytes;
};

// The page's files, embedded in the program.
const std::vector<page_file>& page_files();

// The file, under a policy that lets the page run no script but its own and talk to nobody but this server.
http_reply serve(const page_file& file);

// For every reply of the simulator: nothing is cached, sniffed or opened into by another site.
void harden(http_reply& reply);

} // namespace atende
