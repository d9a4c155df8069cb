// The table of settings: name, default, meaning, what a value may be. docs/configuration.md and .env.example
// are checked against it.
#include "app/setting_readers.hpp"

#include <array>

namespace atende {
namespace {

template <std::string settings::* Field>
problem text(std::string_view value, settings& into) {
    into.*Field = value;
    return std::nullopt;
}
template <bool settings::* Field>
problem flag(std::string_view value, settings& into) {
    return read_flag(value, into.*Field);
}
template <std::string settings::* Field>
problem url(std::string_view value, settings& into) {
    return read_url(value, into.*Field);
}
template <auto Field, auto Least, auto Most>
problem number(std::string_view value, settings& into) {
    using field_type = std::remove_reference_t<decltype(into.*Field)>;
    return read_number<field_type>(value, Least, Most, into.*Field);
}
template <std::filesystem::path settings::* Field>
problem folder(std::string_view value, settings& into) {
    into.*Field = std::filesystem::path(value);
    return std::nullopt;
}

template <std::optional<std::chrono::milliseconds> settings::* Field, auto Most>
problem wait_up_to(std::string_view value, settings& into) {
    std::chrono::milliseconds time{0};
    auto wrong = read_seconds(value, 0, Most, time);
    if (!wrong) into.*Field = time;
    return wrong;
}

template <address_list settings::* Field>
problem addresses(std::string_view value, settings& into) {
    auto read = address_list::parse(value);
    if (!read)
        return bilingual{
            "endereços ou redes separados por vírgula, como 127.0.0.0/8,::1,192.168.0.7",
            "addresses or networks with a comma between them, such as 127.0.0.0/8,::1,192.168.0.7"};
    into.*Field = *std::move(read);
    return std::nullopt;
}

constexpr std::array table{
    setting{"APP_ENV", "general", "dev", false,
            "dev, staging or prod; prod refuses to start without the secrets a real shop needs.",
            "dev, staging ou prod; prod não inicia sem os segredos que uma loja de verdade precisa.",
            [](std::string_view v, settings& s) { return read_environment(v, s.environment); }},
    setting{"HOST", "general", "127.0.0.1", false, "IP address to listen on; 0.0.0.0 for every interface.",
            "Endereço IP em que o servidor escuta; 0.0.0.0 para todas as interfaces.",
            [](std::string_view v, settings& s) { return read_host(v, s.host); }},
    setting{"PORT", "general", "8000", false, "TCP port to listen on; 0 picks a free one.",
            "Porta TCP; 0 escolhe uma porta livre.", number<&settings::port, 0, 65'535>},
    setting{"PUBLIC_BASE_URL", "general", "", false,
            "The address under which the internet reaches this server.",
            "O endereço pelo qual a internet chega a este servidor.", url<&settings::public_base_url>},
    setting{"DATA_DIR", "general", "data", false,
            "Folder for the private Redis, the leads file, and the spool and journal of webhooks.",
            "Pasta do Redis próprio, do arquivo de leads e das filas de webhooks em disco (spool e journal).",
            folder<&settings::data_folder>},
    setting{"REDIS_URL", "general", "", true, // it may hold a password
            "redis://[[user]:password@]host[:port][/db] or unix:///path; unset: Atende runs a private Redis.",
            "redis://[[usuário]:senha@]host[:porta][/db] ou unix:///caminho; vazio: o Atende roda um Redis "
            "próprio.",
            [](std::string_view v, settings& s) { return read_redis_url(v, s.redis_url); }},
    setting{
        "SPOOL_AFTER_SECONDS", "general", "60", false,
        "So long Redis may be away before webhooks are kept in DATA_DIR/spool instead of being refused.",
        "Tempo que o Redis pode ficar fora antes que os webhooks sejam guardados em DATA_DIR/spool em vez de "
        "recusados.",
        [](std::string_view v, settings& s) { return read_seconds(v, 0, 3'000, s.spool_after); }},
    setting{"SPOOL_MAX_MB", "general", "256", false,
            "Most disk space for webhooks that wait for Redis; when it is full they are refused again.",
            "Espaço máximo em disco para webhooks que esperam o Redis; quando enche, voltam a ser recusados.",
            number<&settings::spool_max_mb, 1, 1'000'000>},
    setting{"JOURNAL_MAX_MB", "general", "1024", false,
            "Most disk space for the record of accepted webhooks, kept for 8 days; the oldest go first.",
            "Espaço máximo em disco para o registro dos webhooks aceitos, mantido por 8 dias; os mais "
            "antigos saem "
            "primeiro.",
            number<&settings::journal_max_mb, 16, 1'000'000>},
    setting{"ADMIN_TOKEN", "general", "", true,
            "Password of the simulator and of the operator's pages; at least 16 characters.",
            "Senha do simulador e das páginas do operador; ao menos 16 caracteres.", set_admin_token},
    setting{"ADMIN_ALLOW", "general", "127.0.0.0/8,::1", false,
            "Addresses and networks that ADMIN_TOKEN is taken from; unset: this machine alone.",
            "Endereços e redes de onde se aceita o ADMIN_TOKEN; vazio: só desta máquina.",
            addresses<&settings::admin_allow>},
    setting{"ENABLE_SIMULATOR", "general", "", false,
            "true or false; unset: on, except when APP_ENV is prod. In prod it needs ADMIN_TOKEN.",
            "true ou false; vazio: ligado, exceto com APP_ENV=prod. Em prod exige ADMIN_TOKEN.",
            flag<&settings::simulator>},
    setting{
        "TERMINAL_LANGUAGE", "general", "pt-BR", false,
        "pt-BR or en: the language of commands, their help and configuration errors, not the agent's.",
        "pt-BR ou en: a língua dos comandos, da ajuda deles e dos erros de configuração, não a do agente.",
        [](std::string_view v, settings& s) { return read_language(v, s.lang); }},
    setting{"LOG_LEVEL", "general", "info", false,
            "debug, info, warning, error or critical; message texts appear at debug only.",
            "debug, info, warning, error ou critical; textos de mensagens só aparecem em debug.",
            [](std::string_view v, settings& s) { return read_log_level(v, s.log_level); }},
    setting{"LOG_FORMAT", "general", "text", false, "text or json, one line an event.",
            "text ou json, uma linha por evento.",
            [](std::string_view v, settings& s) -> problem {
                if (v != "text" && v != "json") return bilingual{"text ou json", "text or json"};
                s.log_as = v == "json" ? log_format::json : log_format::text;
                return std::nullopt;
            }},

    setting{"INSTAGRAM_VERIFY_TOKEN", "instagram", "", true,
            "Any text; the same is typed into Meta's webhook form.",
            "Um texto qualquer; o mesmo é digitado no formulário de webhook da Meta.",
            text<&settings::verify_token>},
    setting{"INSTAGRAM_APP_SECRET", "instagram", "", true,
            "App secret(s) that sign the webhooks, with commas between them: during a rotation, or for both "
            "login kinds.",
            "Segredo(s) do app que assinam os webhooks, separados por vírgula: na rotação, ou nos dois tipos "
            "de login.",
            [](std::string_view v, settings& s) { return read_secrets(v, s.app_secrets); }},
    setting{"INSTAGRAM_ACCESS_TOKEN", "instagram", "", true, "Token that sends the answers.",
            "Token que envia as respostas.", set_access_token},
    setting{"INSTAGRAM_ACCOUNT_ID", "instagram", "", false,
            "Professional account id to send from; unset: the token's own (me).",
            "Id da conta profissional que envia; vazio: a do próprio token (me).",
            [](std::string_view v, settings& s) { return read_account(v, s.account_id); }},
    setting{"INSTAGRAM_API_VERSION", "instagram", "v25.0", false, "Version of the Graph API.",
            "Versão da Graph API.",
            [](std::string_view v, settings& s) { return read_version(v, s.graph_version); }},
    setting{"GRAPH_BASE_URL", "instagram", "https://graph.instagram.com", false,
            "https://graph.facebook.com for tokens of Facebook login.",
            "https://graph.facebook.com para tokens do login com Facebook.", url<&settings::graph_base_url>},

    setting{
        "WEB_CHAT_TOKEN", "web chat", "", true,
        "Token that pages of the shop's own site send to the web chat; at least 16 characters; unset: there "
        "is none.",
        "Token que as páginas do site da loja mandam ao chat; ao menos 16 caracteres; vazio: não há chat.",
        set_web_chat_token},
    setting{"WEB_CHAT_ORIGINS", "web chat", "", false,
            "Origins of the pages that may use the web chat, such as https://loja.example, with commas "
            "between them.",
            "Origens das páginas que podem usar o chat, como https://loja.example, separadas por vírgula.",
            [](std::string_view v, settings& s) { return read_origins(v, s.web_chat_origins); }},
    setting{"WEB_CHAT_SESSIONS_PER_MINUTE", "web chat", "60", false,
            "New sessions of the web chat for one address in a minute; behind a proxy see TRUSTED_PROXIES.",
            "Novas sessões do chat por endereço em um minuto; atrás de um proxy, veja TRUSTED_PROXIES.",
            number<&settings::web_chat_sessions_a_minute, 1, 100'000>},
    setting{"TRUSTED_PROXIES", "web chat", "", false,
            "Addresses and networks of proxies whose X-Forwarded-For says who writes in the web chat; unset: "
            "none.",
            "Endereços e redes dos proxies cujo X-Forwarded-For diz quem escreve no chat; vazio: nenhum.",
            addresses<&settings::trusted_proxies>},

    setting{"OPENAI_API_KEY", "agent", "", true,
            "Key of the model; unset: the offline model plays the profile's script.",
            "Chave do modelo; vazia: o modelo offline segue o roteiro do perfil.", set_api_key},
    setting{"OPENAI_BASE_URL", "agent", "https://api.openai.com/v1", false,
            "Any server that speaks Chat Completions: Azure, Groq, vLLM, Ollama…",
            "Qualquer servidor compatível com Chat Completions: Azure, Groq, vLLM, Ollama…",
            url<&settings::openai_base_url>},
    setting{"AGENT_MODEL", "agent", "", false,
            "Name of the model; unset: the profile's model.name, or gpt-4o-mini. MODEL_NAME is accepted too.",
            "Nome do modelo; vazio: o model.name do perfil, ou gpt-4o-mini. MODEL_NAME também é aceito.",
            text<&settings::agent_model>,
            bilingual{"model.name do perfil, ou gpt-4o-mini", "the profile's model.name, or gpt-4o-mini"}},
    setting{"AGENT_NAME", "agent", "", false, "Name the agent goes by; unset: the profile's.",
            "Nome com que o agente se apresenta; vazio: o do perfil.", text<&settings::agent_name>,
            bilingual{"o nome é o do perfil", "the profile's"}},
    setting{"AI_DRY_RUN", "agent", "false", false,
            "true plays the profile's offline script instead of the model.",
            "true segue o roteiro offline do perfil em vez do modelo.", flag<&settings::dry_run>},
    setting{"PROFILE_DIR", "agent", "profiles/motorcycle-dealer", false, "Folder of the agent's profile.",
            "Pasta do perfil do agente.", folder<&settings::profile_folder>},
    setting{"TOOL_ALLOWED_HOSTS", "agent", "", false,
            "Hosts that tools may ask although they are not on the public internet, and without https.",
            "Hosts que as ferramentas podem consultar mesmo fora da internet pública, e sem https.",
            set_tool_allowed_hosts},
    setting{"RAG_DIR", "agent", "", false,
            "Folder of .txt and .md files the agent may quote, besides the profile's knowledge/.",
            "Pasta de arquivos .txt e .md que o agente pode citar, além da knowledge/ do perfil.",
            folder<&settings::rag_folder>},
    setting{"RAG_AUTO_RELOAD", "agent", "true", false, "true reads knowledge again when its files change.",
            "true relê o conhecimento quando os arquivos mudam.", flag<&settings::rag_auto_reload>},
    setting{
        "RAG_WATCH_INTERVAL", "agent", "3", false, "Seconds between looks at the files of knowledge.",
        "Segundos entre as verificações dos arquivos de conhecimento.",
        [](std::string_view v, settings& s) { return read_seconds(v, 0.1, 3'600, s.rag_watch_interval); }},
    setting{
        "EMBEDDINGS_MODEL", "agent", "", false,
        "Model whose vectors help to search knowledge, such as text-embedding-3-small; unset: words alone.",
        "Modelo cujos vetores ajudam a buscar no conhecimento, como text-embedding-3-small; vazio: só "
        "palavras.",
        text<&settings::embeddings_model>},
    setting{"EMBEDDINGS_BASE_URL", "agent", "", false,
            "Server with OpenAI's POST /embeddings; unset: OPENAI_BASE_URL, with its key.",
            "Servidor com o POST /embeddings da OpenAI; vazio: OPENAI_BASE_URL, com a chave dele.",
            url<&settings::embeddings_base_url>},
    setting{"EMBEDDINGS_API_KEY", "agent", "", true, "Key of EMBEDDINGS_BASE_URL, if it wants one.",
            "Chave de EMBEDDINGS_BASE_URL, se ele pedir.", text<&settings::embeddings_api_key>},
    setting{"MAX_AGENT_INPUT_CHARS", "agent", "6000", false,
            "Characters of one burst of messages that the agent reads; the rest is cut, with a note.",
            "Caracteres de uma sequência de mensagens que o agente lê; o resto é cortado, com um aviso.",
            number<&settings::max_agent_input_characters, std::size_t{100}, std::size_t{1'000'000}>},
    setting{
        "DEBOUNCE_SECONDS", "agent", "", false,
        "Quiet time before answering, for every message but the web chat's (0.4 s); unset: the profile's, or "
        "adapted to what was written (1.2 to 4 s).",
        "Silêncio antes de responder, para toda mensagem, menos as do chat do site (0,4 s); vazio: o do "
        "perfil, ou adaptado ao que foi escrito (1,2 a 4 s).",
        wait_up_to<&settings::debounce, 60>,
        bilingual{"debounce.seconds do perfil, ou adaptado", "the profile's debounce.seconds, or adapted"}},
    setting{"DEBOUNCE_MAX_SECONDS", "agent", "", false,
            "Longest wait since the first unanswered message, whatever still comes; unset: the profile's, or "
            "12.",
            "Espera máxima desde a primeira mensagem sem resposta, mesmo que cheguem outras; vazio: a do "
            "perfil, ou 12.",
            wait_up_to<&settings::debounce_max, 120>,
            bilingual{"debounce.max_seconds do perfil, ou 12", "the profile's debounce.max_seconds, or 12"}},

    setting{
        "HUMAN_PAUSE_MINUTES", "people", "30", false,
        "Minutes the bot is silent for a contact after each message a person sends from the shop's account.",
        "Minutos em que o robô fica em silêncio com um contato após cada mensagem de uma pessoa da loja.",
        set_human_pause},
    setting{
        "ECHO_HOLD_SECONDS", "people", "4", false,
        "How long a message from the shop's account may turn out to be our own before it counts as a "
        "person's.",
        "Quanto tempo uma mensagem da conta da loja ainda pode ser nossa antes de contar como de uma pessoa.",
        [](std::string_view v, settings& s) { return read_seconds(v, 0, 60, s.echo_hold); }},
    setting{"MAX_ANSWERS_PER_10_MINUTES", "people", "30", false,
            "Answers one contact gets in 10 minutes before the bot stops and calls for a person.",
            "Respostas que um contato recebe em 10 minutos antes de o robô parar e chamar uma pessoa.",
            number<&settings::max_answers_in_ten_minutes, 1, 1'000'000>},
    setting{"MAX_ANSWERS_PER_DAY", "people", "200", false, "The same for a day.", "O mesmo, por dia.",
            number<&settings::max_answers_in_a_day, 1, 1'000'000>},
    setting{
        "MAX_RAPID_TURNS", "people", "10", false,
        "Turns in a row that the other side begins within 3 s of our answer before it counts as a bot, too.",
        "Turnos seguidos que o outro lado começa em até 3 s da nossa resposta antes de contar como robô.",
        number<&settings::max_rapid_turns, 2, 1'000'000>},
    setting{
        "REDIS_WAIT_REPLICAS", "general", "0", false,
        "Replicas of Redis that must have a message before it is accepted, and a send before it begins.",
        "Réplicas do Redis que precisam ter uma mensagem antes de ser aceita, e um envio antes de começar.",
        number<&settings::redis_wait_replicas, 0, 5>},
    setting{"LEASE_SECONDS", "general", "15", false,
            "After so long without a sign of life of its process, a conversation is taken over by another.",
            "Depois desse tempo sem sinal de vida do processo, outro assume a conversa.",
            [](std::string_view v, settings& s) { return read_seconds(v, 0.3, 300, s.lease); }},
    setting{"AUDIT_SECONDS", "general", "60", false,
            "Time in which every conversation is checked once; what is found wrong twice is an alarm.",
            "Tempo em que cada conversa é verificada uma vez; o que aparece errado duas vezes é um alarme.",
            [](std::string_view v, settings& s) { return read_seconds(v, 1, 3'600, s.audit_pass); }},
    setting{"SEND_VERDICT_SECONDS", "general", "60", false,
            "A send of unknown outcome that the conversation does not show after so long did not arrive.",
            "Um envio de resultado desconhecido que a conversa não mostra depois desse tempo não chegou.",
            [](std::string_view v, settings& s) { return read_seconds(v, 1, 3'600, s.send_verdict); }},

    setting{
        "NOCODB_TABLE_URL", "leads", "", false,
        "Records URL of the leads table (v1, v2 or v3); unset: leads go to leads.csv in DATA_DIR.",
        "URL de registros da tabela de leads (v1, v2 ou v3); vazio: os leads vão para leads.csv em DATA_DIR.",
        [](std::string_view v, settings& s) { return read_nocodb_url(v, s.nocodb_table_url); }},
    setting{"NOCODB_API_TOKEN", "leads", "", true, "Token of NocoDB.", "Token do NocoDB.",
            text<&settings::nocodb_token>},

    setting{
        "MEDIA_ALLOWED_HOSTS", "voice", "", false,
        "Hosts that voice notes may be fetched from besides the platform's own, also at private addresses "
        "and "
        "without https.",
        "Hosts de onde áudios podem ser baixados além dos da plataforma, mesmo em endereços privados e sem "
        "https.",
        set_media_allowed_hosts},
    setting{"AUDIO_TRANSCRIPTION_MODEL", "voice", "gpt-4o-mini-transcribe", false,
            "Model that transcribes voice notes.", "Modelo que transcreve áudios recebidos.",
            text<&settings::transcription_model>},
    setting{
        "MEDIA_RETENTION_DAYS", "voice", "0", false,
        "So many days customers' voice notes are kept in DATA_DIR/media; 0: in memory only, while they are "
        "listened to.",
        "Por quantos dias os áudios dos clientes ficam em DATA_DIR/media; 0: só na memória, enquanto são "
        "ouvidos.",
        set_media_retention},
    setting{"MEDIA_MAX_MB", "voice", "1024", false,
            "Most disk space for kept voice notes; the oldest go first.",
            "Espaço máximo em disco para os áudios guardados; os mais antigos saem primeiro.",
            number<&settings::media_max_mb, 1, 1'000'000>},
    setting{"AUDIO_REPLY_MODEL", "voice", "gpt-4o-mini-tts", false, "Model that speaks answers.",
            "Modelo que fala as respostas.", text<&settings::audio_reply_model>},
    setting{"AUDIO_REPLY_VOICE", "voice", "alloy", false, "Voice of spoken answers.",
            "Voz das respostas em áudio.", text<&settings::audio_reply_voice>},
    setting{"ENABLE_INSTAGRAM_AUDIO_REPLY", "voice", "false", false,
            "true allows spoken answers; they need PUBLIC_BASE_URL with https.",
            "true permite respostas em áudio; elas precisam de PUBLIC_BASE_URL com https.",
            flag<&settings::audio_replies>},
    setting{"AUDIO_REPLY_FORMAT", "voice", "m4a", false, "m4a or wav: the file that Instagram is given.",
            "m4a ou wav: o arquivo que o Instagram recebe.", set_reply_format},
    setting{"AUDIO_REPLY_MINUTES", "voice", "60", false,
            "So long a spoken answer can be fetched, and is used again for the same text.",
            "Tempo em que uma resposta falada pode ser baixada, e é reusada para o mesmo texto.",
            set_reply_minutes},
    setting{"MAX_TRANSCRIPTION_AUDIO_MB", "voice", "20", false,
            "Largest voice note that is transcribed, in MB.", "Maior áudio transcrito, em MB.",
            number<&settings::max_transcription_mb, 1, 25>},
    setting{"MAX_TRANSCRIPTION_AUDIO_SECONDS", "voice", "300", false,
            "Longest voice note that is transcribed.", "Áudio mais longo transcrito, em segundos.",
            number<&settings::max_transcription_seconds, 1, 2'000>},
    setting{"MAX_CONTACT_AUDIO_MINUTES", "voice", "10", false,
            "Minutes of voice notes that are listened to of one contact within an hour; each counts as 10 s "
            "at least.",
            "Minutos de áudio de um mesmo contato que são ouvidos em uma hora; cada áudio conta como 10 s, "
            "no mínimo.",
            number<&settings::max_contact_audio_minutes, 1, 1'440>},
    setting{"MAX_AUDIO_REPLY_CHARS", "voice", "600", false, "Longest answer that is spoken, in characters.",
            "Resposta mais longa falada, em caracteres.",
            number<&settings::max_audio_reply_characters, 1, 4'096>},
};

} // namespace

std::span<const setting> all_settings() {
    return table;
}

} // namespace atende
