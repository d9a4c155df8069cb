#include "agent/knowledge/embeddings.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/platform/json.hpp>
#include <atende/platform/text.hpp>
#include <string_view>

namespace atende {
namespace {

using nlohmann::json;
using vectors = std::vector<vector_of_text>;

constexpr std::size_t largest_answer = 64 << 20;

std::string url_of(std::string_view base) {
    while (base.ends_with('/')) base.remove_suffix(1);
    return std::string(base) + "/embeddings";
}

result<vectors> read_vectors(std::string_view body, std::size_t expected) {
    const auto odd = [](std::string_view what) {
        return fail(errc::protocol, fmt::format("embeddings: {}", what));
    };
    const json answer = json::parse(body, nullptr, false);
    if (!answer.is_object() || !answer.contains("data") || !answer["data"].is_array())
        return odd("the answer has no list `data`");
    vectors all(expected);
    for (const auto& item : answer["data"]) {
        const bool fits = item.is_object() && item.contains("index") && item["index"].is_number_unsigned() &&
                          item["index"].get<std::size_t>() < expected && item.contains("embedding") &&
                          item["embedding"].is_array();
        if (!fits) return odd("an element of `data` has no embedding, or a wrong index");
        auto& into = all[item["index"].get<std::size_t>()];
        for (const auto& value : item["embedding"]) {
            if (!value.is_number()) return odd("an embedding is not made of numbers");
            into.push_back(value.get<float>());
        }
    }
    const auto right = [&](const vector_of_text& each) {
        return !each.empty() && each.size() == all.front().size();
    };
    if (!std::ranges::all_of(all, right)) return odd("embeddings are missing, or of different lengths");
    return all;
}

} // namespace

awaitable<result<vectors>> embed(http_client& http, asio::thread_pool& pool,
                                 const embeddings_settings& settings, std::vector<std::string> texts,
                                 std::chrono::milliseconds deadline) {
    const std::size_t count = texts.size();
    for (auto& text : texts) text = with_valid_utf8(text);
    const json body{{"model", settings.model}, {"input", std::move(texts)}, {"encoding_format", "float"}};
    http_call call{.method = "POST",
                   .url = url_of(settings.base_url),
                   .headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
                   .body = json_text(body),
                   .connect_timeout = std::min(deadline, std::chrono::milliseconds(3'000)),
                   .timeout = deadline,
                   .max_answer_bytes = largest_answer};
    if (!settings.api_key.empty()) call.headers.emplace_back("Authorization", "Bearer " + settings.api_key);
    auto came = co_await http.perform(std::move(call));
    if (!came) co_return std::unexpected(std::move(came.error()));
    if (came->status != 200) {
        const bool for_now = came->status == 408 || came->status == 429 || came->status >= 500;
        co_return fail(for_now ? errc::unavailable : errc::rejected,
                       fmt::format("embeddings: HTTP {}", came->status));
    }
    auto read = [answer = std::move(came->body), count] { return read_vectors(answer, count); };
    co_return co_await offload(pool, std::move(read));
}

} // namespace atende
