#include "agent/mcp/result_text.hpp"

#include <fmt/format.h>

#include <atende/platform/json.hpp>
#include <atende/platform/text.hpp>

namespace atende {
namespace {

using nlohmann::json;

constexpr std::size_t max_told_bytes = 8'000;

std::string bounded(std::string_view text) {
    std::string clean = without_hidden_characters(with_valid_utf8(text));
    if (clean.size() <= max_told_bytes) return clean;
    return std::string(grapheme_prefix(clean, max_told_bytes)) + "… (cortado)";
}

std::string block_text(const json& block) {
    if (!block.is_object()) return {};
    const auto type = text_member(block, "type");
    if (type == "text") return text_member(block, "text");
    if (type == "resource" && block.contains("resource") && block["resource"].is_object()) {
        auto text = text_member(block["resource"], "text");
        return text.empty() ? "[arquivo]" : text;
    }
    if (type == "resource_link")
        return fmt::format("{}: {}", text_member(block, "name"), text_member(block, "uri"));
    if (type == "image") return "[imagem]";
    if (type == "audio") return "[áudio]";
    return {};
}

std::string content_text(const json& result) {
    std::string text;
    const auto content = result.find("content");
    if (content != result.end() && content->is_array()) {
        for (const auto& block : *content) {
            const auto more = block_text(block);
            if (!text.empty() && !more.empty()) text += '\n';
            text += more;
        }
    }
    if (text.empty() && result.contains("structuredContent")) text = json_text(result["structuredContent"]);
    return text;
}

} // namespace

std::string told_result(const std::string& server, const json& result) {
    const auto type = result.value("resultType", json("complete"));
    if (type == "input_required")
        return fmt::format("ERRO: {} pede dados que este atendimento não pode dar", server);
    if (type != "complete") return fmt::format("ERRO: {} deu uma resposta que não se entende", server);
    const bool failed = result.value("isError", json()) == true;
    auto text = bounded(content_text(result));
    if (text.empty()) text = failed ? "sem explicação" : "feito, sem mais informações";
    return (failed ? "ERRO: " : "SUCESSO: ") + text;
}

std::string told_refusal(const std::string& server, const rpc_error& error) {
    return fmt::format("ERRO: {} recusou: {}", server, grapheme_prefix(bounded(error.message), 500));
}

std::string told_failure(const std::string& server, const error& failure, bool has_effect) {
    switch (failure.code) {
    case errc::timed_out:
    case errc::interrupted:
    case errc::cancelled:
    case errc::too_large:
    case errc::protocol:
        if (!has_effect) break;
        return fmt::format("ERRO: {} não confirmou; não se sabe se foi feito. Não diga que foi feito e não "
                           "chame de novo",
                           server);
    case errc::rejected:
        return fmt::format("ERRO: {} recusou por um problema de configuração da loja; não chame de novo",
                           server);
    case errc::unavailable:
    case errc::invalid_input: break;
    }
    if (failure.code == errc::timed_out) return fmt::format("ERRO: {} não respondeu a tempo", server);
    if (failure.code == errc::too_large) return fmt::format("ERRO: a resposta de {} é grande demais", server);
    return fmt::format("ERRO: {} está fora do ar agora; continue sem esse resultado e não o invente", server);
}

} // namespace atende
