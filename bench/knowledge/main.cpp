// What a turn costs before the model is asked: the prompt put together, knowledge searched. One JSON object
// on stdout.
//   bench_knowledge FOLDER    an empty folder for the shop's files
#include "agent/knowledge/text_index.hpp"
#include "knowledge/fts5.hpp"
#include "knowledge/shop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include <algorithm>
#include <atende/agent/agent.hpp>
#include <atende/agent/knowledge.hpp>
#include <atende/agent/profile.hpp>
#include <atende/platform/log.hpp>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>

namespace atende::bench {
namespace {

constexpr int shown = 6;

// Of this thread, in µs.
double cpu_us() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

nlohmann::json figures(std::vector<double> each, std::size_t found, std::size_t asked) {
    std::ranges::sort(each);
    const auto at = [&](double part) {
        return each.at(static_cast<std::size_t>(part * static_cast<double>(each.size() - 1)));
    };
    return {{"p50_us", at(0.5)},
            {"p99_us", at(0.99)},
            {"max_us", each.back()},
            {"found", static_cast<double>(found) / static_cast<double>(asked)}};
}

bool answers(const knowledge_chunk& chunk, const shop_question& question) {
    return chunk.file.ends_with(question.file) && chunk.text.contains(question.says);
}

using search = std::function<std::vector<std::uint32_t>(const std::string&)>;

nlohmann::json measured(const std::vector<knowledge_chunk>& chunks,
                        const std::vector<shop_question>& questions, const search& find) {
    std::vector<double> times;
    std::size_t right = 0;
    for (const auto& question : questions) {
        const double start = cpu_us();
        const auto found = find(question.text);
        times.push_back(cpu_us() - start);
        right += std::ranges::any_of(found, [&](std::uint32_t i) { return answers(chunks.at(i), question); });
    }
    return figures(std::move(times), right, questions.size());
}

class silent_model final : public model {
public:
    [[nodiscard]] const std::string& name() const override { return name_; }
    awaitable<result<model_answer>> complete(const model_request& request) override {
        last_context = request.messages.at(request.messages.size() - 2).content;
        model_answer answer;
        answer.content = "ok";
        co_return answer;
    }
    std::string last_context;

private:
    std::string name_ = "silent";
};

std::shared_ptr<const profile> shop_profile() {
    auto shop = std::make_shared<profile>();
    shop->time_zone = "America/Sao_Paulo";
    shop->texts = {
        .one_moment = "Um momento!", .fallback = "Desculpe.", .unsupported = "?", .too_long_note = "cortado"};
    shop->context = "Agora é {{weekday}}, {{date}}, {{time}} na loja.";
    shop->agents = {
        {.name = "Lia",
         .prompts = {
             {.name = {}, .weight = 1, .prompt = std::string(6'000, 'x') + " Você é {{agent_name}}."}}}};
    shop->knowledge.excerpts = shown;
    return shop;
}

turn turn_asking(const shop_question& question, std::int64_t number) {
    turn asked;
    asked.conversation = {.account = account_id("shop"), .contact = contact_id("ana")};
    asked.number = number;
    asked.messages.push_back({.id = message_id("m"), .text = question.text});
    for (int i = 0; i < 12; ++i) {
        asked.history.push_back({.who = speaker::customer, .text = "tem entrega para Olinda?"});
        asked.history.push_back(
            {.who = speaker::bot, .text = "Temos, sim! Em até 3 dias úteis, pelos Correios."});
    }
    return asked;
}

awaitable<bool> thought_over(agent& mind, turn asked) {
    const auto done = co_await mind.think(std::move(asked));
    co_return done.text == "ok";
}

nlohmann::json whole_turns(const std::filesystem::path& folder, const std::vector<shop_question>& questions) {
    asio::io_context loop(1);
    const auto shop = shop_profile();
    knowledge_base knowledge(loop.get_executor(), nullptr,
                             {.folders = {{.path = folder}}, .options = shop->knowledge, .embeddings = {}});
    if (const auto read = knowledge.load(); !read) throw std::runtime_error(read.error().detail);
    const auto brain = std::make_shared<silent_model>();
    agent mind(shop, brain, {}, "", 6'000, {}, {.base = &knowledge});
    std::vector<double> times;
    std::size_t right = 0;
    for (const auto& question : questions) {
        auto asked = turn_asking(question, static_cast<std::int64_t>(times.size()));
        const double start = cpu_us();
        asio::co_spawn(loop, thought_over(mind, std::move(asked)),
                       [](const std::exception_ptr& failed, bool said) {
                           if (failed || !said) throw std::runtime_error("a turn failed");
                       });
        loop.restart();
        loop.run();
        times.push_back(cpu_us() - start);
        right += brain->last_context.contains(question.says) ? 1 : 0;
    }
    auto out = figures(std::move(times), right, questions.size());
    out["chunks"] = knowledge.state().chunks;
    return out;
}

nlohmann::json run(const std::filesystem::path& folder) {
    std::vector<knowledge_chunk> chunks;
    for (const auto& [name, text] : shop_files()) {
        const auto file = folder / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file) << text;
        for (auto& chunk : chunked("shop/" + name, text, knowledge_options().chunk_characters))
            chunks.push_back(std::move(chunk));
    }
    const auto questions = shop_questions();
    const auto groups = built_in_synonyms();
    const portuguese_analyser analyser(groups);
    const double begun = cpu_us();
    const text_index ours(chunks, portuguese_analyser(groups));
    const double built_us = cpu_us() - begun;
    fts5_index plain(chunks, nullptr);
    fts5_index with_our_terms(chunks, &analyser);
    const auto search_ours = [&](const std::string& question) {
        std::vector<std::uint32_t> found;
        for (const auto& each : ours.search({.text = question}, shown)) found.push_back(each.number);
        return found;
    };
    return {
        {"index_ms", built_us / 1'000},
        {"turn", whole_turns(folder, questions)},
        {"search", measured(chunks, questions, search_ours)},
        {"fts5", measured(chunks, questions, [&](const std::string& q) { return plain.search(q, shown); })},
        {"fts5_our_terms",
         measured(chunks, questions, [&](const std::string& q) { return with_our_terms.search(q, shown); })}};
}

} // namespace
} // namespace atende::bench

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: bench_knowledge FOLDER\n";
        return 2;
    }
    spdlog::set_level(spdlog::level::off); // its usual place is standard output
    try {
        std::cout << atende::bench::run(argv[1]).dump() << '\n';
        return 0;
    } catch (const std::exception& failed) {
        std::cerr << failed.what() << '\n';
        return 1;
    }
}
