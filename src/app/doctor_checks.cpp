#include "app/doctor_checks.hpp"

#include "app/part_settings.hpp"
#include "app/speaking.hpp"
#include "channels/graph_request.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atende/platform/crypto.hpp>
#include <atende/platform/json.hpp>
#include <atende/platform/log.hpp>
#include <atende/platform/redis_client.hpp>
#include <atende/platform/retry_policy.hpp>
#include <atende/platform/text.hpp>
#include <atende/voice/media_pool.hpp>
#include <fstream>

namespace atende {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;
using state = finding::state;

std::string text_at(const json& from, const char* where) {
    const json::json_pointer at(where);
    if (!from.contains(at)) return {};
    const json& found = from.at(at);
    return found.is_string() ? found.get<std::string>() : json_text(found);
}

std::string without_slashes(std::string url) {
    while (url.ends_with('/')) url.pop_back();
    return url;
}

awaitable<result<http_answer>> ask(http_client& http, std::string url, const std::string& token) {
    http_call call{.url = std::move(url), .timeout = 10s, .max_answer_bytes = 1 << 20};
    if (!token.empty()) call.headers.emplace_back("Authorization", "Bearer " + token);
    co_return co_await http.perform(std::move(call));
}

// What Meta says is wrong, in its words.
finding refused_by_meta(const http_answer& answer) {
    const auto said = parsed_json(answer.body);
    const auto message = printable(text_at(said, "/error/message"));
    if (text_at(said, "/error/code") == "190") {
        return wrong(
            {"o INSTAGRAM_ACCESS_TOKEN não vale: gere outro no painel do app. A Meta diz: " + message,
             "INSTAGRAM_ACCESS_TOKEN is not valid: make another in the app's dashboard. Meta says: " +
                 message});
    }
    return wrong({fmt::format("a Meta respondeu HTTP {}: {}", answer.status, message),
                  fmt::format("Meta answered HTTP {}: {}", answer.status, message)});
}

const sentence no_token = bilingual{"INSTAGRAM_ACCESS_TOKEN não está definido: só o simulador responde",
                                    "INSTAGRAM_ACCESS_TOKEN is not set: only the simulator answers"};

// Whether this server knows the model, and takes the key.
awaitable<finding> find_model(std::string base_url, std::string key, std::string model, http_client& http) {
    // https://platform.openai.com/docs/api-reference/models/retrieve
    const auto url = without_slashes(base_url) + "/models/" + percent_encoded(model);
    const auto answer = co_await ask(http, url, key);
    if (!answer) co_return unreachable(printable(base_url), answer.error().detail);
    if (answer->status == 200) co_return good(model);
    const auto code = api_error_code(answer->body);
    if (answer->status == 401) co_return wrong(bilingual{"a chave foi recusada", "the key was refused"});
    if (code == "model_not_found") {
        co_return wrong(
            {fmt::format("{}: o servidor não conhece este modelo, ou a chave não o alcança", model),
             fmt::format("{}: the server does not know this model, or the key has no access", model)});
    }
    // Servers that are only like OpenAI's.
    if (answer->status == 404 || answer->status == 405) {
        co_return good({model + " (o servidor responde, mas não diz quais modelos tem)",
                        model + " (the server answers, but does not say which models it has)"});
    }
    co_return wrong({fmt::format("{}: HTTP {} {}", model, answer->status, printable(code)),
                     fmt::format("{}: HTTP {} {}", model, answer->status, printable(code))});
}

} // namespace

finding good(sentence what) {
    return {.is = state::good, .what = std::move(what)};
}

finding good(const std::string& what) {
    return good({what, what});
}

finding unused(sentence what) {
    return {.is = state::unused, .what = std::move(what)};
}

finding wrong(sentence what) {
    return {.is = state::wrong, .what = std::move(what)};
}

finding unreachable(const std::string& what, const std::string& why) {
    return wrong({fmt::format("{} não respondeu: {}", what, printable(why)),
                  fmt::format("{} did not answer: {}", what, printable(why))});
}

finding check_data_folder(const settings& configured) {
    const auto folder = configured.data_folder;
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    const auto probe = folder / ("doctor-" + random_token());
    const bool written = (std::ofstream(probe) << "ok").flush().good();
    std::filesystem::remove(probe, failed);
    if (written) return good(std::filesystem::absolute(folder, failed).lexically_normal().string());
    return wrong({fmt::format("não dá para gravar em {} (DATA_DIR)", folder.string()),
                  fmt::format("{} (DATA_DIR) cannot be written to", folder.string())});
}

awaitable<finding> check_redis(const settings& configured, asio::any_io_executor executor) {
    if (configured.redis_url.empty())
        co_return good(
            bilingual{"próprio, iniciado com o servidor", "the product's own, started with the server"});
    auto at = parse_redis_url(configured.redis_url);
    if (!at) co_return wrong({"REDIS_URL: " + at.error().detail, "REDIS_URL: " + at.error().detail});
    const auto redis = make_redis_client(executor, *std::move(at), 5s);
    for (int i = 0; i < 50 && !redis->connected(); ++i) co_await sleep_for(100ms);
    const auto written = co_await redis->command({"SET", "atende:doctor", "1", "PX", "1000"});
    if (!written) co_return unreachable("REDIS_URL", written.error().detail);
    // A hosted Redis may not tell.
    const auto policy = co_await redis->command({"CONFIG", "GET", "maxmemory-policy"});
    if (policy && policy->items.size() == 2 && policy->items[1].text != "noeviction") {
        const auto& said = policy->items[1].text;
        co_return wrong(
            {fmt::format("maxmemory-policy é {}: ele esqueceria clientes; use noeviction", said),
             fmt::format("maxmemory-policy is {}: it would forget customers; use noeviction", said)});
    }
    co_return good(bilingual{"aceita escritas", "takes writes"});
}

awaitable<finding> check_media_program(asio::any_io_executor executor) {
    media_pool pool(executor, {.program = media_program_beside_this()});
    // An AMR file without sound: that is what a process has to find out, inside its sandbox.
    const auto seen = co_await pool.decode("#!AMR\n", {});
    co_await pool.stop();
    if (seen) co_return good(bilingual{"lê os áudios dos clientes", "reads the customers' audio"});
    co_return wrong(
        {fmt::format("{} não funciona: {}", media_program_beside_this(), printable(seen.error().detail)),
         fmt::format("{} does not work: {}", media_program_beside_this(), printable(seen.error().detail))});
}

awaitable<finding> check_model(const settings& configured, const std::string& model, http_client& http) {
    if (configured.offline()) {
        co_return unused(
            bilingual{"nenhum, sem OPENAI_API_KEY ou com AI_DRY_RUN: o roteiro do perfil responde, e "
                      "áudios não são entendidos",
                      "none, without OPENAI_API_KEY or with AI_DRY_RUN: the profile's script answers, "
                      "and voice notes are not understood"});
    }
    co_return co_await find_model(configured.openai_base_url, configured.openai_api_key, model, http);
}

awaitable<finding> check_embeddings(const settings& configured, http_client& http) {
    if (configured.embeddings_model.empty() || configured.offline())
        co_return unused(bilingual{"desligada (EMBEDDINGS_MODEL)", "off (EMBEDDINGS_MODEL)"});
    const bool own = !configured.embeddings_base_url.empty();
    co_return co_await find_model(own ? configured.embeddings_base_url : configured.openai_base_url,
                                  own ? configured.embeddings_api_key : configured.openai_api_key,
                                  configured.embeddings_model, http);
}

awaitable<finding> check_spoken_answers(const settings& configured, http_client& http) {
    if (!configured.audio_replies) {
        co_return unused(
            bilingual{"desligadas (ENABLE_INSTAGRAM_AUDIO_REPLY)", "off (ENABLE_INSTAGRAM_AUDIO_REPLY)"});
    }
    if (const auto problem = speaking_problem(configured)) co_return wrong(*problem);
    auto model = co_await check_model(configured, configured.audio_reply_model, http);
    if (model.is != state::good) co_return model;
    // A name that nobody was given: whoever answers 404 with our header is the shelf.
    const auto url = audio_url(configured.public_base_url) + "/" + random_token() + ".m4a";
    const auto answer = co_await ask(http, url, {});
    if (!answer) co_return unreachable("PUBLIC_BASE_URL", answer.error().detail);
    if (answer->status == 404 && answer->header("x-content-type-options") == "nosniff") co_return model;
    co_return wrong(
        {fmt::format("PUBLIC_BASE_URL: {} não chega a este servidor (HTTP {}); a Meta não baixaria os "
                     "áudios e as respostas sairiam como texto",
                     audio_path, answer->status),
         fmt::format("PUBLIC_BASE_URL: {} does not lead to this server (HTTP {}); Meta could not fetch "
                     "audio, and answers would be sent as text",
                     audio_path, answer->status)});
}

awaitable<finding> check_webhook(const settings& configured, http_client& http) {
    if (configured.public_base_url.empty() || configured.verify_token.empty() ||
        configured.app_secrets.empty()) {
        co_return unused(bilingual{
            "não foi testado: falta PUBLIC_BASE_URL, INSTAGRAM_VERIFY_TOKEN ou INSTAGRAM_APP_SECRET",
            "not tried: PUBLIC_BASE_URL, INSTAGRAM_VERIFY_TOKEN or INSTAGRAM_APP_SECRET is not set"});
    }
    const auto url = without_slashes(configured.public_base_url) + "/webhook";
    const std::string challenge = "1158201444";
    const auto handshake =
        co_await ask(http,
                     fmt::format("{}?hub.mode=subscribe&hub.challenge={}&hub.verify_token={}", url, challenge,
                                 percent_encoded(configured.verify_token)),
                     {});
    if (!handshake) co_return unreachable(url, handshake.error().detail);
    if (handshake->status != 200 || handshake->body != challenge) {
        co_return wrong(
            {fmt::format("{}: a verificação da Meta falharia (HTTP {}): o servidor roda com este "
                         "INSTAGRAM_VERIFY_TOKEN? o proxy leva /webhook até ele?",
                         url, handshake->status),
             fmt::format("{}: Meta's verification would fail (HTTP {}): does the server run with this "
                         "INSTAGRAM_VERIFY_TOKEN? does the proxy lead /webhook to it?",
                         url, handshake->status)});
    }
    // Escaped as Meta's are: a proxy that writes the body anew breaks the signature.
    const std::string body = R"({"object":"instagram","entry":[],"doctor":"\u00e4\u00f6"})";
    const auto signed_by = hmac_sha256(configured.app_secrets.front()).sign(body);
    const auto signature =
        "sha256=" + to_hex({reinterpret_cast<const char*>(signed_by.data()), signed_by.size()});
    const auto taken = co_await http.perform(
        {.method = "POST",
         .url = url,
         .headers = {{"Content-Type", "application/json"}, {"X-Hub-Signature-256", signature}},
         .body = body,
         .timeout = 10s});
    if (!taken) co_return unreachable(url, taken.error().detail);
    if (taken->status == 200) co_return good(url);
    co_return wrong({fmt::format("{}: um webhook assinado foi recusado (HTTP {}): o servidor roda com este "
                                 "INSTAGRAM_APP_SECRET? o proxy muda o corpo?",
                                 url, taken->status),
                     fmt::format("{}: a signed webhook was refused (HTTP {}): does the server run with this "
                                 "INSTAGRAM_APP_SECRET? does the proxy change the body?",
                                 url, taken->status)});
}

awaitable<finding> check_instagram_account(const settings& configured, http_client& http) {
    if (configured.access_token.empty()) co_return unused(no_token);
    // https://developers.facebook.com/docs/instagram-platform/reference/me; a page's token knows the page.
    const bool is_page = configured.graph_base_url.contains("graph.facebook.com");
    const std::string fields = is_page ? "id,name" : "user_id,username";
    const auto answer = co_await ask(http, graph_url(channel_settings(configured), "me?fields=" + fields),
                                     configured.access_token);
    if (!answer) co_return unreachable("GRAPH_BASE_URL", answer.error().detail);
    if (answer->status != 200) co_return refused_by_meta(*answer);
    const auto said = parsed_json(answer->body);
    if (is_page) co_return good(printable(text_at(said, "/name")));
    const auto id = text_at(said, "/user_id");
    if (!configured.account_id.empty() && configured.account_id != id) {
        co_return wrong({fmt::format("INSTAGRAM_ACCOUNT_ID é {}, mas o token é da conta {}",
                                     configured.account_id, printable(id)),
                         fmt::format("INSTAGRAM_ACCOUNT_ID is {}, but the token is of account {}",
                                     configured.account_id, printable(id))});
    }
    co_return good(fmt::format("@{} ({})", printable(text_at(said, "/username")), printable(id)));
}

awaitable<finding> check_instagram_subscription(const settings& configured, http_client& http) {
    if (configured.access_token.empty()) co_return unused(no_token);
    // https://developers.facebook.com/docs/instagram-platform/webhooks
    const auto answer = co_await ask(http, graph_url(channel_settings(configured), "me/subscribed_apps"),
                                     configured.access_token);
    if (!answer) co_return unreachable("GRAPH_BASE_URL", answer.error().detail);
    if (answer->status != 200) co_return refused_by_meta(*answer);
    const auto said = parsed_json(answer->body);
    const auto apps = said.is_object() && said.contains("data") ? said["data"] : json::array();
    const auto has_messages = [](const json& app) {
        const json::json_pointer fields("/subscribed_fields");
        return app.contains(fields) && app.at(fields).is_array() &&
               std::ranges::find(app.at(fields), json("messages")) != app.at(fields).end();
    };
    if (std::ranges::any_of(apps, has_messages)) co_return good(std::string("messages"));
    co_return wrong(bilingual{"a conta não manda mensagens ao app: faça POST "
                              "me/subscribed_apps?subscribed_fields=messages com o token, e "
                              "marque messages no painel do app",
                              "the account sends no messages to the app: POST "
                              "me/subscribed_apps?subscribed_fields=messages with the token, "
                              "and tick messages in the app's dashboard"});
}

} // namespace atende
