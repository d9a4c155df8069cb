#include "agent/knowledge/knowledge_files.hpp"
#include "agent/knowledge/knowledge_snapshot.hpp"
#include "agent/knowledge/quotation.hpp"
#include "agent/knowledge/semantic_index.hpp"

#include <algorithm>
#include <atende/agent/knowledge.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/text.hpp>
#include <optional>
#include <utility>

namespace atende {
namespace {

constexpr std::size_t candidates = 30;       // of each ranking
constexpr std::size_t longest_fault = 2'000; // bytes of it in the log

knowledge_source source_of(const knowledge_chunk& chunk) {
    return {.file = chunk.file, .first_line = chunk.first_line, .last_line = chunk.last_line};
}

// For the log, where a mistake a line would be many entries.
std::string on_one_line(std::string_view lines) {
    std::string line;
    for (const char c : lines) line += c == '\n' ? std::string("; ") : std::string(1, c);
    return line;
}

std::string_view first_characters(std::string_view text, std::size_t count) {
    const auto begins_one = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; };
    std::size_t end = 0;
    for (; end < text.size(); ++end) {
        if (!begins_one(text[end])) continue;
        if (count == 0) break;
        --count;
    }
    return text.substr(0, end);
}

} // namespace

struct knowledge_base::reading {
    std::string fingerprint;
    result<std::shared_ptr<const knowledge_snapshot>> read;
};

knowledge_base::knowledge_base(asio::any_io_executor executor, http_client* http, knowledge_settings settings)
    : settings_(std::move(settings)),
      tasks_(executor) {
    if (!settings_.auto_reload) kept_ = std::make_shared<knowledge_files>();
    if (http != nullptr && !settings_.embeddings.model.empty())
        meanings_ = std::make_unique<semantic_index>(executor, *http, worker_, settings_.embeddings);
    current_ = *load_knowledge({}, {}); // nothing, until load()
}

knowledge_base::~knowledge_base() = default;

result<void> knowledge_base::load() {
    return take(reader()());
}

void knowledge_base::start() {
    if (settings_.auto_reload) tasks_.start("knowledge", watch());
}

awaitable<void> knowledge_base::stop() {
    co_await tasks_.finish(std::chrono::seconds(0));
    if (meanings_) co_await meanings_->stop();
}

// The fingerprint is taken first: what changes while the files are read is seen by the next look.
std::function<knowledge_base::reading()> knowledge_base::reader() {
    return [folders = settings_.folders, options = settings_.options, kept = kept_] {
        auto fingerprint = fingerprint_of(folders);
        problem_list problems;
        auto files = read_knowledge_files(folders, problems);
        reading done{.fingerprint = std::move(fingerprint),
                     .read = make_knowledge(kept ? files : std::move(files), options, std::move(problems))};
        if (kept && done.read) *kept = std::move(files);
        return done;
    };
}

std::function<knowledge_base::reading()> knowledge_base::reader_of_kept() {
    return [options = settings_.options, kept = kept_, fingerprint = fingerprint_] {
        return reading{.fingerprint = fingerprint, .read = make_knowledge(*kept, options)};
    };
}

result<void> knowledge_base::take(reading read) {
    fingerprint_ = std::move(read.fingerprint);
    if (!read.read) {
        fault_ = read.read.error().detail;
        return std::unexpected(read.read.error());
    }
    fault_.clear();
    current_ = *std::move(read.read);
    if (meanings_) meanings_->follow(current_);
    const auto now = state();
    if (now.files > 0)
        spdlog::info("knowledge: {} files, {} characters, {}, {} fixed answers, version {}", now.files,
                     now.characters,
                     now.chunks == 0 ? "whole in the prompt" : std::to_string(now.chunks) + " chunks",
                     now.faq, now.version);
    return {};
}

awaitable<void> knowledge_base::watch() {
    for (;;) {
        co_await sleep_for(settings_.watch_interval);
        const auto cancelled = co_await asio::this_coro::cancellation_state;
        if (cancelled.cancelled() != asio::cancellation_type::none) co_return;
        auto look = [folders = settings_.folders, known = fingerprint_,
                     read = reader()]() -> std::optional<reading> {
            if (fingerprint_of(folders) == known) return std::nullopt;
            return read();
        };
        try {
            if (auto changed = co_await offload(worker_, std::move(look)))
                static_cast<void>(renewed(*std::move(changed)));
        } catch (const std::exception& e) {
            failed(e);
        }
    }
}

// Memory may be back at the next look, which then reads everything again.
void knowledge_base::failed(const std::exception& e) {
    fingerprint_.clear();
    if (fault_ == e.what()) return; // told already
    fault_ = e.what();
    spdlog::error("knowledge: cannot be read, what was read before stays: {}", printable(fault_));
}

awaitable<result<knowledge_state>> knowledge_base::reload() {
    co_return renewed(co_await offload(worker_, reader()));
}

result<knowledge_state> knowledge_base::renewed(reading read) {
    if (auto taken = take(std::move(read)); !taken) {
        spdlog::error("knowledge: changed files refused, what was read before stays: {}",
                      printable(on_one_line(fault_), longest_fault));
        return std::unexpected(std::move(taken.error()));
    }
    return state();
}

void knowledge_base::change(knowledge_options options) {
    if (options == settings_.options) return;
    settings_.options = std::move(options);
    tasks_.start("knowledge", read_again());
}

awaitable<void> knowledge_base::read_again() {
    auto read = settings_.auto_reload ? reader() : reader_of_kept();
    try {
        static_cast<void>(renewed(co_await offload(worker_, std::move(read))));
    } catch (const std::exception& e) {
        failed(e);
    }
}

std::shared_ptr<const faq_entry> knowledge_base::answer_to(std::string_view message) const {
    return {current_, current_->faq.entry_for(message)};
}

awaitable<std::vector<const knowledge_chunk*>>
knowledge_base::chunks_for(std::shared_ptr<const knowledge_snapshot> in, std::string text,
                           std::string before) {
    std::vector<const knowledge_chunk*> chosen;
    if (in->chunks.empty()) co_return chosen; // else every turn stems words in vain
    const auto by_words = in->index.search({.text = text, .before = std::move(before)}, candidates);
    std::vector<ranked_chunk> by_meaning;
    if (meanings_ && in->index.says_something(text))
        by_meaning = co_await meanings_->search(in, std::move(text), candidates);
    std::size_t characters = 0;
    for (const std::uint32_t number : fused(by_words, by_meaning)) {
        if (chosen.size() == in->excerpts) break;
        const auto& chunk = in->chunks[number];
        characters += count_characters(chunk.text);
        if (!chosen.empty() && characters > in->excerpt_characters) break;
        chosen.push_back(&chunk);
    }
    co_return chosen;
}

awaitable<found_knowledge> knowledge_base::look_up(std::string text, std::string before) {
    const auto known = current_; // stays while this turn is thought
    found_knowledge found;
    found.version = known->version;
    if (!known->whole.empty()) {
        found.whole = known->whole;
        found.sources = {{.file = "*"}};
        co_return found;
    }
    const auto chunks = co_await chunks_for(known, std::move(text), std::move(before));
    for (const auto* chunk : chunks) found.sources.push_back(source_of(*chunk));
    found.excerpts = quoted_excerpts(chunks);
    co_return found;
}

awaitable<std::vector<found_passage>> knowledge_base::passages_for(std::string text) {
    const auto known = current_;
    std::vector<found_passage> found;
    for (const auto* chunk : co_await chunks_for(known, std::move(text), {}))
        found.push_back({.where = source_of(*chunk), .heading = chunk->heading, .text = chunk->text});
    co_return found;
}

knowledge_state knowledge_base::state() const {
    return {.files = current_->texts.size(),
            .characters = current_->characters,
            .chunks = current_->whole.empty() ? current_->chunks.size() : 0,
            .faq = current_->faq.entries().size(),
            .vectors = meanings_ ? meanings_->ready() : 0,
            .version = current_->version,
            .fault = fault_};
}

const std::string& knowledge_base::version() const {
    return current_->version;
}

std::string knowledge_base::preview(std::size_t characters) const {
    std::string text;
    std::size_t left = characters;
    for (const auto& each : current_->texts) {
        if (left == 0) break;
        std::string whole = "=== " + each.name + " ===\n" + each.text;
        if (!whole.ends_with('\n')) whole += '\n';
        const auto begun = first_characters(whole, left);
        left -= count_characters(begun);
        text += begun;
    }
    return text;
}

std::vector<faq_entry> knowledge_base::faq() const {
    return current_->faq.entries();
}

} // namespace atende
