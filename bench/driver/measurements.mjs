// One function a measurement. Each starts a fresh server on an empty Redis and stops it again.
import { execFileSync, fork, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cpuOf, freePort, load, memoryOf, monitor, redis, sleep, start, stop, waitUntilHealthy } from "./processes.mjs";

const appSecret = "bench-app-secret-0123456789abcdef";

function evalFile(number) {
  const turn = `      - says: [oi, "tem o modelo ${number}?"]\n        expect: {mentions: [vendedor], avoids: ["r$"], calls: [add_lead_to_nocodb]}\n`;
  const conversation = (i) => `  - name: conversa ${i}\n    turns:\n${turn.repeat(4)}`;
  return `about: modelo ${number}\nconversations:\n${[1, 2, 3].map(conversation).join("")}`;
}

export class Bench {
  constructor({ binaries, product, folder, redisServer, root }) {
    Object.assign(this, { product, folder, redisServer, root });
    this.programs = {
      atende: [product, "serve"],
      bare_hmac: [join(binaries, "bench_bare_hmac")],
      bare_path: [join(binaries, "bench_bare_path")],
    };
    this.loadProgram = join(binaries, "bench_load");
    this.audioProgram = join(binaries, "bench_audio");
    this.knowledgeProgram = join(binaries, "bench_knowledge");
  }

  // As in production: every secret set, no simulator, log level info, the log into a file.
  async serve(name, { window, wrap = (command) => command, modelUrl } = {}) {
    await redis(this.redisServer.port, "FLUSHALL");
    const port = await freePort();
    const upstreams = await freePort();
    const folder = mkdtempSync(join(this.folder, `${name}-`));
    const env = {
      APP_ENV: "prod",
      HOST: "127.0.0.1",
      PORT: port,
      DATA_DIR: folder,
      PROFILE_DIR: join(this.root, "profiles/motorcycle-dealer"),
      REDIS_URL: `redis://127.0.0.1:${this.redisServer.port}`,
      ENABLE_SIMULATOR: "false",
      LOG_LEVEL: "info",
      DEBOUNCE_SECONDS: window / 1000,
      INSTAGRAM_APP_SECRET: appSecret,
      INSTAGRAM_VERIFY_TOKEN: "bench-verify",
      INSTAGRAM_ACCESS_TOKEN: "bench-access-token",
      OPENAI_API_KEY: "bench-key",
      OPENAI_BASE_URL: modelUrl ?? `http://127.0.0.1:${upstreams}/v1`,
      GRAPH_BASE_URL: `http://127.0.0.1:${upstreams}`,
    };
    const [command, ...args] = wrap(this.programs[name]);
    const began = process.hrtime.bigint();
    const handle = start(command, args, { env, cwd: folder, log: join(folder, "server.log") });
    await waitUntilHealthy(port, handle);
    const startMs = Number(process.hrtime.bigint() - began) / 1e6;
    return { ...handle, port, upstreams, startMs, stop: () => stop(handle) };
  }

  load(server, kind, options, told) {
    const args = ["--port", server.port, "--secret", appSecret, kind];
    for (const [name, value] of Object.entries(options)) args.push(`--${name}`, value);
    return load(this.loadProgram, args, told);
  }

  knowledge() {
    const folder = mkdtempSync(join(this.folder, "knowledge-"));
    return JSON.parse(execFileSync(this.knowledgeProgram, [folder], { encoding: "utf8" }));
  }

  async webhooks(name, { requests, perSecond = 0 }) {
    const server = await this.serve(name, { window: 60_000 });
    await this.load(server, "webhooks", { requests: 2_000 });
    const before = cpuOf(server);
    const redisBefore = cpuOf(this.redisServer);
    const result = await this.load(server, "webhooks", { requests, "per-second": perSecond });
    const after = cpuOf(server);
    result.cpu_us = (after.used - before.used) / 1e3 / requests;
    result.redis_us = (cpuOf(this.redisServer).used - redisBefore.used) / 1e3 / requests;
    result.waited = (after.waited - before.waited) / (after.used - before.used);
    await server.stop();
    return result;
  }

  // Top-level Redis commands per webhook that name a customer.
  async redisCommandsPerWebhook() {
    const requests = 200;
    const server = await this.serve("atende", { window: 60_000 });
    const watch = await monitor(this.redisServer.port);
    await this.load(server, "webhooks", { requests, "per-second": 500 });
    const commands = watch.end().filter((line) => line.includes("17841400000000001") && !line.includes(" lua]"));
    await server.stop();
    return { per_webhook: commands.length / requests, all_scripts: commands.every((line) => /\] "EVALSHA"/i.test(line)) };
  }

  async startUp() {
    const server = await this.serve("atende", { window: 3_000 });
    const startMs = server.startMs;
    await sleep(300);
    const memory = memoryOf(server);
    await server.stop();
    return { startMs, ...memory };
  }

  // The shop's own profile, with so many more evals, parts and pages of knowledge that it has `files` files.
  profileCheck({ files, runs }) {
    const folder = join(mkdtempSync(join(this.folder, "profiles-")), "motorcycle-dealer");
    for (const name of ["motorcycle-dealer", "shared"]) {
      cpSync(join(this.root, "profiles", name), join(dirname(folder), name), { recursive: true });
    }
    const make = [
      (i) => ["evals", `e${i}.yaml`, evalFile(i)],
      (i) => ["parts", `p${i}.md`, `# Parte ${i}\n{{#shop_name}}Da {{shop_name}}, {{hours}}.{{/shop_name}}\n`.repeat(20)],
      (i) => ["knowledge", `k${i}.md`, `# Modelo ${i}\nPreço: R$ ${i}.490, em ${i} vezes.\n`.repeat(40)],
    ];
    const kept = () => readdirSync(dirname(folder), { recursive: true }).filter((name) => /\.(md|yaml)$/.test(name)).length;
    for (let i = 0; kept() < files; ++i) {
      const [below, name, text] = make[i % make.length](i);
      mkdirSync(join(folder, below), { recursive: true });
      writeFileSync(join(folder, below, name), text);
    }
    const times = [];
    let fine = true;
    for (let i = 0; i < runs; ++i) {
      const began = process.hrtime.bigint();
      const { status, stdout } = spawnSync(this.product, ["check", folder], { encoding: "utf8", env: {} });
      times.push(Number(process.hrtime.bigint() - began) / 1e6);
      fine &&= status === 0 && stdout.includes(`(${files} `);
    }
    times.sort((a, b) => a - b);
    return { ms: times[Math.floor(runs / 2)], worst: times.at(-1), runs, fine };
  }

  async customers(name, { customers, perSecond }) {
    const server = await this.serve(name, { window: 3_000 });
    const before = cpuOf(server);
    const result = await this.load(server, "conversations", {
      "upstream-port": server.upstreams,
      customers,
      "per-second": perSecond,
      messages: 4,
      "gap-ms": 400,
      "window-ms": 3_000,
      "model-ms": 500,
      "at-most-s": customers / perSecond + 12,
    });
    const after = cpuOf(server);
    result.cpu_ms = (after.used - before.used) / 1e6 / customers;
    result.waited = (after.waited - before.waited) / (after.used - before.used);
    result.rss = memoryOf(server).rss;
    await server.stop();
    return result;
  }

  // One message a customer, so that `perSecond` conversations begin and, a window later, come due.
  async openConversations(name, { open, perSecond, measureSeconds }) {
    const spare = 4; // seconds between the last of them having written and the first being due
    const window = (open / perSecond + spare) * 1_000;
    const server = await this.serve(name, { window });
    const idle = memoryOf(server).rss;
    const before = cpuOf(server);
    let full;
    const result = await this.load(
      server,
      "conversations",
      {
        "upstream-port": server.upstreams,
        customers: open + perSecond * (spare + measureSeconds),
        "per-second": perSecond,
        messages: 1,
        "window-ms": window,
        "model-ms": 500,
        "at-most-s": Math.ceil(window / 1_000) + measureSeconds + 1,
        "tell-open": open,
      },
      (line) => {
        if (line.open) full = memoryOf(server).rss;
      },
    );
    const after = cpuOf(server);
    result.kb_each = (full - idle) / open;
    result.busy = (after.used - before.used) / 1e9;
    result.waited = (after.waited - before.waited) / (after.used - before.used);
    await server.stop();
    return result;
  }

  // Every conversation is thinking at once: each has one call open to a model that answers late.
  async inFlight({ calls, perSecond, answerAfter }) {
    const key = join(this.folder, "tls.key");
    const certificate = join(this.folder, "tls.pem");
    execFileSync("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
      ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
      ...["-keyout", key, "-out", certificate],
    ], { stdio: "ignore" });
    const port = await freePort();
    const model = fork(new URL("tls_model.mjs", import.meta.url), [port, key, certificate, answerAfter].map(String));
    await new Promise((ready) => model.once("message", ready));
    let seen = {};
    model.on("message", (message) => (seen = message));

    // The server trusts the system's certificates only; in a mount namespace of its own, ours is the system's.
    const namespace = process.getuid() === 0 ? "-m" : "-rm";
    const wrap = (command) => [
      ...["unshare", namespace, "sh", "-c"],
      `mount --bind ${certificate} /etc/ssl/certs/ca-certificates.crt && exec "$@"`,
      ...["sh", ...command],
    ];
    const server = await this.serve("atende", { window: 500, wrap, modelUrl: `https://localhost:${port}/v1` });
    const idle = memoryOf(server).rss;
    const before = cpuOf(server).used;
    let peak = idle;
    const sampling = setInterval(() => (peak = Math.max(peak, memoryOf(server).rss)), 200);
    const result = await this.load(server, "conversations", {
      "upstream-port": server.upstreams,
      customers: calls,
      "per-second": perSecond,
      messages: 1,
      "window-ms": 500,
      "model-ms": answerAfter,
      "at-most-s": Math.ceil(calls / perSecond + answerAfter / 1_000 + 12),
    });
    clearInterval(sampling);
    await sleep(600);
    model.kill();
    result.cpu_ms = (cpuOf(server).used - before) / 1e6 / calls;
    await server.stop();
    return { ...result, ...seen, kb_each: (peak - idle) / calls };
  }

  // 15 s of speech: as Instagram sends it (m4a), or as WhatsApp does (ogg).
  #voiceNoteFile(kind) {
    const file = join(this.folder, `voice.${kind}`);
    if (existsSync(file)) return file;
    const speech = join(this.folder, "speech.wav");
    const words =
      "Oi, boa tarde. Eu queria saber se vocês ainda têm a moto cento e cinquenta, e quanto custa à vista. Também " +
      "queria saber se dá para financiar em quarenta e oito meses, sem entrada, e se vocês aceitam a minha na troca. " +
      "Ela está com vinte mil quilômetros, bem cuidada, e o documento está em dia. Obrigado.";
    execFileSync("espeak-ng", ["-v", "pt-br", "-w", speech, words]);
    const codec = { m4a: ["-ar", "48000", "-c:a", "aac"], ogg: ["-ar", "16000", "-c:a", "libopus", "-application", "voip", "-b:a", "16k"] };
    execFileSync("ffmpeg", ["-nostdin", "-v", "error", "-i", speech, "-t", "15", ...codec[kind], file]);
    return file;
  }

  voiceNote(how, { kind, atOnce, rounds }) {
    const program = how === "pool" ? join(dirname(this.product), "atende-media") : "ffmpeg";
    const args = ["--file", this.#voiceNoteFile(kind), "--at-once", atOnce, "--rounds", rounds, how, "--program", program];
    return load(this.audioProgram, args);
  }
}
