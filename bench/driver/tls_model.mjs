// A model behind TLS with HTTP/2 as the real one offers it (100 streams a connection), which answers late.
// node driver/tls_model.mjs PORT KEY CERTIFICATE ANSWER_AFTER_MS; tells its parent what it saw, twice a second.
import { readFileSync } from "node:fs";
import http2 from "node:http2";

const [port, key, certificate, answerAfter] = process.argv.slice(2);
const seen = { now: 0, peak: 0, requests: 0, connections: 0, http1: 0 };
const answer = JSON.stringify({
  id: "chatcmpl-bench",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: "Temos sim!" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 700, completion_tokens: 4, total_tokens: 704 },
});

const server = http2.createSecureServer({
  key: readFileSync(key),
  cert: readFileSync(certificate),
  allowHTTP1: true,
  settings: { maxConcurrentStreams: 100 },
});
server.on("secureConnection", () => ++seen.connections);
server.on("request", (request, response) => {
  ++seen.requests;
  if (request.httpVersionMajor < 2) ++seen.http1;
  seen.peak = Math.max(seen.peak, ++seen.now);
  request.resume();
  setTimeout(() => {
    --seen.now;
    response.writeHead(200, { "content-type": "application/json" }).end(answer);
  }, Number(answerAfter));
});
server.listen(Number(port), "127.0.0.1", () => process.send("ready"));
setInterval(() => process.send({ ...seen }), 500);
process.on("disconnect", () => process.exit());
