#include "agent/customer_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atende/conversation/said.hpp>
#include <atende/platform/text.hpp>

namespace atende {
namespace {

constexpr std::size_t quoted_bytes = 120;

std::string in_quotes(std::string_view text) {
    const auto start = grapheme_prefix(text, quoted_bytes);
    return fmt::format("\"{}{}\"", start, start.size() < text.size() ? "…" : "");
}

std::string_view attachment_words(attachment_kind kind) {
    switch (kind) {
    case attachment_kind::image: return "o cliente enviou uma imagem";
    case attachment_kind::video: return "o cliente enviou um vídeo";
    case attachment_kind::audio: return "o cliente enviou um áudio";
    case attachment_kind::file: return "o cliente enviou um arquivo";
    case attachment_kind::shared_post: return "o cliente compartilhou uma publicação";
    case attachment_kind::reel: return "o cliente compartilhou um reel";
    case attachment_kind::story: return "o cliente compartilhou um story";
    case attachment_kind::story_mention: return "o cliente mencionou a loja em um story";
    case attachment_kind::ephemeral: return "o cliente enviou uma foto ou vídeo temporário";
    case attachment_kind::sticker: return "o cliente enviou uma figurinha";
    case attachment_kind::unsupported:
    case attachment_kind::other: break;
    }
    return "o cliente enviou um anexo que não pode ser aberto aqui";
}

std::string origin_words(const referral& from) {
    if (!from.ad_title.empty()) return "chegou pelo anúncio " + in_quotes(from.ad_title);
    if (!from.ad_id.empty()) return "chegou por um anúncio da loja";
    if (!from.product_id.empty()) return "chegou pela página de um produto da loja";
    if (!from.ref.empty()) return "chegou pelo link " + in_quotes(from.ref);
    return "chegou por um link da loja";
}

const history_entry* entry_with(const std::vector<history_entry>& history, const message_id& id) {
    const auto holds_it = [&](const history_entry& entry) {
        return std::ranges::find(entry.ids, id) != entry.ids.end();
    };
    const auto found = std::ranges::find_if(history, holds_it);
    return found == history.end() ? nullptr : &*found;
}

void add_line(std::string& text, std::string_view line) {
    if (!text.empty()) text += '\n';
    text += line;
}

void add_note(std::string& text, std::string_view note) {
    add_line(text, fmt::format("[{}]", note));
}

// What stands before the customer's own words.
void describe_origin(const heard_message& message, std::string& text) {
    if (message.came_from) add_note(text, origin_words(*message.came_from));
    if (message.story) add_note(text, "respondeu ao story da loja");
}

// False: it is something nobody here could listen to.
bool describe(const attachment& each, std::string& text) {
    switch (each.sound) {
    case hearing::heard: add_line(text, said_in(each)); return true;
    case hearing::not_understood:
        add_note(text, "o cliente enviou um áudio que não pôde ser entendido; ele já foi avisado disso");
        return false;
    case hearing::too_long:
        add_note(text, "o cliente enviou um áudio longo demais para ser ouvido; ele já foi avisado disso");
        return false;
    case hearing::none:
    case hearing::only_seen: break;
    }
    const auto what = attachment_words(each.kind);
    add_note(text,
             each.title.empty() ? std::string(what) : fmt::format("{}: {}", what, in_quotes(each.title)));
    return true;
}

// What stands after them. False: nothing that could be read or heard.
bool describe_rest(const heard_message& message, std::string& text) {
    bool readable = !message.quick_reply_payload.empty();
    if (readable) add_note(text, "tocou na opção " + in_quotes(message.quick_reply_payload));
    for (const auto& each : message.attachments) readable |= describe(each, text);
    if (message.unsupported || message.content_withheld)
        add_note(text, "o cliente enviou algo que não aparece aqui");
    return readable;
}

void describe(const heard_message& message, const std::vector<history_entry>& history,
              customer_words& words) {
    auto& text = words.text;
    describe_origin(message, text);
    if (!message.reply_to.empty()) {
        const auto* earlier = entry_with(history, message.reply_to);
        if (earlier && !earlier->text.empty()) add_note(text, "em resposta a " + in_quotes(earlier->text));
    }
    if (!trimmed(message.text).empty()) add_line(text, trimmed(message.text));
    words.readable |=
        describe_rest(message, text) || message.came_from || message.story || !trimmed(message.text).empty();
}

} // namespace

customer_words words_of(const turn& turn) {
    customer_words words;
    for (const auto& message : turn.messages) {
        if (!message.unsent) describe(message, turn.history, words);
    }
    return words;
}

marks_around marks_of(const heard_message& message) {
    marks_around marks;
    describe_origin(message, marks.before);
    describe_rest(message, marks.after);
    return marks;
}

std::string own_words(const turn& turn) {
    std::string text;
    const auto add = [&text](std::string_view words) {
        if (!trimmed(words).empty()) add_line(text, trimmed(words));
    };
    for (const auto& message : turn.messages) {
        if (message.unsent) continue;
        add(message.text);
        for (const auto& each : message.attachments) add(each.words);
        add(message.quick_reply_payload);
    }
    return text;
}

std::string_view said_or_written(std::string_view text) {
    for (const auto mark : {audio_mark, video_mark})
        if (text.starts_with(mark)) return text.substr(mark.size());
    return text;
}

std::string cut_to(std::string text, std::size_t max_characters, const std::string& note) {
    if (count_characters(text) <= max_characters) return text;
    std::size_t kept = 0;
    std::size_t characters = 0;
    for (const std::size_t end : grapheme_ends(text)) {
        characters += count_characters(std::string_view(text).substr(kept, end - kept));
        if (characters > max_characters) break;
        kept = end;
    }
    text.resize(kept);
    add_note(text, note);
    return text;
}

} // namespace atende
