// What the shop wrote down for its agent: folders of .txt and .md files, re-read when they change. A small
// folder goes whole into the prompt; a larger one is searched for every turn. What is read is replaced at
// once as a whole: a turn sees the old files or the new ones, and a fault in the new ones leaves the old ones
// in force. Lives on the event loop's thread; files are read and indexed on a thread of its own.
#pragma once

#include <atende/agent/knowledge_options.hpp>
#include <atende/conversation/turn.hpp>
#include <atende/platform/async.hpp>
#include <atende/platform/http_client.hpp>
#include <atende/platform/result.hpp>
#include <chrono>
#include <cstddef>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace atende {

class semantic_index;
struct knowledge_chunk;
struct knowledge_files;
struct knowledge_snapshot;

struct knowledge_folder {
    std::filesystem::path path;
    bool required = false; // that it is missing is a fault
    // Whose knowledge/ it is: links stay within it, and files that nobody reads are mistakes. Empty: the
    // operator's own, with links that stay within `path`.
    std::filesystem::path profile;
};

// A server with OpenAI's POST /embeddings. https://platform.openai.com/docs/api-reference/embeddings
struct embeddings_settings {
    std::string base_url;
    std::string api_key;                                // empty: none is sent
    std::string model;                                  // empty: texts are ranked by their words alone
    std::filesystem::path cache_file;                   // vectors that were paid for already
    std::chrono::milliseconds question_deadline{1'500}; // then the turn goes on without
    std::chrono::milliseconds silence{30'000};          // after a failure, before the next question is asked
};

struct knowledge_settings {
    std::vector<knowledge_folder> folders;
    knowledge_options options;
    bool auto_reload = true;
    std::chrono::milliseconds watch_interval{3'000};
    embeddings_settings embeddings;
};

struct knowledge_state {
    std::size_t files = 0;
    std::size_t characters = 0;
    std::size_t chunks = 0; // 0: all of it is in the prompt
    std::size_t faq = 0;    // entries
    std::size_t vectors = 0;
    std::string version; // of all this: 12 hexadecimal digits; empty if it is nothing
    std::string fault;   // of the last reading, if it was refused
};

// What the model is shown.
struct found_knowledge {
    std::string whole;    // belongs to the prompt: the same bytes for every turn while the files are the same
    std::string excerpts; // found for this turn
    std::vector<knowledge_source> sources;
    std::string version; // of what was looked into, as in knowledge_state
};

struct found_passage {
    knowledge_source where;
    std::string heading;
    std::string text;
};

class knowledge_base {
public:
    // `http` is for embeddings, and may be null without them; it outlives this.
    knowledge_base(asio::any_io_executor executor, http_client* http, knowledge_settings settings);
    ~knowledge_base();
    knowledge_base(const knowledge_base&) = delete;
    knowledge_base& operator=(const knowledge_base&) = delete;

    // Blocks: before the event loop runs. errc::invalid_input with every problem, a line each.
    result<void> load();
    void start();
    awaitable<void> stop(); // before destruction

    // Reads everything again now. errc::invalid_input with every problem; what was known before stays.
    awaitable<result<knowledge_state>> reload();

    // From now on these options; if they are others, everything is read again, in the background. Without
    // auto_reload, of the files as they were read last: changed ones are for reload().
    void change(knowledge_options options);

    // The fixed answer to a message that is exactly one of the questions; null: it is none. Valid as long as
    // the pointer is held.
    [[nodiscard]] std::shared_ptr<const faq_entry> answer_to(std::string_view message) const;
    // `text`: what the customer writes now; `before`: the last exchange. Never fails: without the embeddings'
    // server words alone decide.
    awaitable<found_knowledge> look_up(std::string text, std::string before);
    // The same passages, for a person to see. Of a folder that goes whole into the prompt, those that words
    // alone would find if it were searched.
    awaitable<std::vector<found_passage>> passages_for(std::string text);

    [[nodiscard]] knowledge_state state() const;
    [[nodiscard]] const std::string& version() const;                // of state()
    [[nodiscard]] std::string preview(std::size_t characters) const; // the beginning of everything
    [[nodiscard]] std::vector<faq_entry> faq() const;

private:
    struct reading;
    awaitable<void> watch();
    awaitable<void> read_again();
    result<knowledge_state> renewed(reading read);
    void failed(const std::exception& e);
    awaitable<std::vector<const knowledge_chunk*>> chunks_for(std::shared_ptr<const knowledge_snapshot> in,
                                                              std::string text, std::string before);
    std::function<reading()> reader();
    std::function<reading()> reader_of_kept();
    result<void> take(reading read);

    knowledge_settings settings_;
    asio::thread_pool worker_{1}; // one thread: what is read later counts
    task_group tasks_;
    std::unique_ptr<semantic_index> meanings_; // null without embeddings
    std::shared_ptr<const knowledge_snapshot> current_;
    std::string fingerprint_; // of the files that were read last, good or bad
    std::string fault_;
    // What was read last and is right; null with auto_reload. Only for the one who reads.
    std::shared_ptr<knowledge_files> kept_;
};

} // namespace atende
