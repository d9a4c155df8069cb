#include "app/doctor.hpp"

#include "app/doctor_checks.hpp"
#include "app/part_settings.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <atende/platform/http_client.hpp>
#include <cstdio>

namespace atende {
namespace {

class report {
public:
    explicit report(language lang) : lang_(lang) {}

    void add(bilingual subject, const finding& found) { add_named(in(lang_, subject), found); }
    void add_named(const std::string& subject, const finding& found) {
        constexpr std::array<const char*, 3> marks{"✓", "–", "✗"};
        std::printf("%s %s: %s\n", marks.at(static_cast<std::size_t>(found.is)), subject.c_str(),
                    found.what.in(lang_).c_str());
        std::fflush(stdout);
        if (found.is == finding::state::wrong) ++wrong_;
    }
    // The exit code.
    int end() const {
        if (wrong_ == 0) {
            std::puts(in(lang_, {"Tudo em ordem.", "All is well."}).c_str());
            return 0;
        }
        std::puts(sentence(std::to_string(wrong_) + " a resolver.", std::to_string(wrong_) + " to mend.")
                      .in(lang_)
                      .c_str());
        return 1;
    }

private:
    language lang_;
    int wrong_ = 0;
};

awaitable<int> examine_all(const settings& s, asio::any_io_executor executor, http_client& http) {
    report told(s.lang);
    const auto shop = read_profile(s.profile_folder, profile_settings(s).use);
    const auto known = shop.read ? check_knowledge(s, shop) : known_files();
    told.add({"perfil", "profile"}, check_profile(s, shop, known.version));
    if (shop.read) {
        told.add({"canais", "channels"}, check_channels(s, *shop.read));
        told.add({"conhecimento", "knowledge"}, known.found);
        told.add({"onde ficam os leads", "where leads go"}, co_await check_leads(s, *shop.read, http));
        for (const auto& server : shop.read->mcp_servers)
            told.add_named("MCP " + server.name, co_await check_mcp_server(s, server, http));
    }
    told.add({"pasta de dados", "data folder"}, check_data_folder(s));
    told.add({"servidor Redis", "Redis server"}, co_await check_redis(s, executor));
    told.add({"leitor de áudio", "audio reader"}, co_await check_media_program(executor));
    told.add({"modelo", "model"},
             co_await check_model(s, model_name(s, shop.read ? *shop.read : profile()), http));
    told.add({"transcrição", "transcription"}, co_await check_model(s, s.transcription_model, http));
    told.add({"busca por sentido", "search by meaning"}, co_await check_embeddings(s, http));
    told.add({"respostas em áudio", "spoken answers"}, co_await check_spoken_answers(s, http));
    told.add({"conta do Instagram", "Instagram account"}, co_await check_instagram_account(s, http));
    told.add({"assinatura de mensagens", "message subscription"},
             co_await check_instagram_subscription(s, http));
    told.add({"endereço do webhook", "webhook address"}, co_await check_webhook(s, http));
    co_return told.end();
}

} // namespace

int examine(const settings& configured) {
    asio::io_context loop(1);
    int exit_code = 1;
    {
        const auto http = make_curl_client(loop.get_executor(), "atende-doctor/" ATENDE_VERSION);
        auto ended = [&](const std::exception_ptr& failure, int code) {
            if (!failure) exit_code = code;
            loop.stop();
        };
        asio::co_spawn(loop, examine_all(configured, loop.get_executor(), *http), std::move(ended));
        loop.run();
    }
    return exit_code;
}

} // namespace atende
