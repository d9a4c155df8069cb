// The benchmark: runs Atende beside bare programs and prints every target with its limit and what was measured.
// node bench/run.mjs [--quick] [--only NAME,…] [--product FILE] [--programs FOLDER]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Bench } from "./driver/measurements.mjs";
import { loadAverage, machine, startRedis, stopAll } from "./driver/processes.mjs";
import { fixed, keep, median, medianOf, row, table } from "./driver/report.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const { values: options } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    product: { type: "string", default: join(root, "build/release/atende") },
    programs: { type: "string", default: join(root, "build/release/bench") },
  },
});
const quick = options.quick;
const rounds = quick ? 1 : 3;

// Rounds of every program in turn, so that whatever else the machine does hits all of them.
async function interleaved(names, measure) {
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; ++round) {
    for (const name of names) results[name].push(await measure(name));
  }
  return results;
}

const sum = (results, name) => results.reduce((total, result) => total + result[name], 0);
const clean = (results) => results.every((r) => r.not_200 === 0);

async function closedLoop(bench) {
  const requests = quick ? 30_000 : 60_000;
  const { atende, bare_hmac } = await interleaved(["bare_hmac", "atende"], (name) => bench.webhooks(name, { requests }));
  const ratio = medianOf(atende, "cpu_us") / medianOf(bare_hmac, "cpu_us");
  return [
    row(
      "CPU per webhook, closed loop, 64 connections",
      "≤ 2.0× bare Beast+HMAC",
      `${fixed(ratio, 2)}×`,
      ratio <= 2 && clean(atende),
      `${fixed(medianOf(atende, "cpu_us"))} against ${fixed(medianOf(bare_hmac, "cpu_us"))} µs; ` +
        `${fixed(medianOf(atende, "per_second"), 0)} against ${fixed(medianOf(bare_hmac, "per_second"), 0)}/s; ` +
        `p99 ${fixed(medianOf(atende, "latency_p99_ms"))} ms; Redis ${fixed(medianOf(atende, "redis_us"))} µs`,
    ),
  ];
}

async function paced(bench) {
  const requests = quick ? 4_000 : 6_000;
  const { atende, bare_path } = await interleaved(["bare_path", "atende"], (name) =>
    bench.webhooks(name, { requests, perSecond: 1_000 }),
  );
  const ratio = medianOf(atende, "cpu_us") / medianOf(bare_path, "cpu_us");
  const sample = await bench.redisCommandsPerWebhook();
  return [
    row(
      "CPU per webhook, 1,000/s",
      "≤ 1.5× bare whole path",
      `${fixed(ratio, 2)}×`,
      ratio <= 1.5 && clean(atende),
      `${fixed(medianOf(atende, "cpu_us"))} against ${fixed(medianOf(bare_path, "cpu_us"))} µs; ` +
        `p50 ${fixed(medianOf(atende, "latency_p50_ms"), 2)}, p99 ${fixed(medianOf(atende, "latency_p99_ms"), 2)} ` +
        `against ${fixed(medianOf(bare_path, "latency_p50_ms"), 2)}, ${fixed(medianOf(bare_path, "latency_p99_ms"), 2)} ms`,
    ),
    row(
      "Redis per webhook",
      "1 round trip, 1 script",
      `${fixed(sample.per_webhook, 2)} commands`,
      sample.per_webhook === 1 && sample.all_scripts,
      `${fixed(medianOf(atende, "redis_us"))} against ${fixed(medianOf(bare_path, "redis_us"))} µs of Redis' CPU`,
    ),
  ];
}

async function startAndRest(bench) {
  const starts = [];
  for (let i = 0; i < 7; ++i) starts.push(await bench.startUp());
  const [ms, rss, pss] = ["startMs", "rss", "pss"].map((name) => medianOf(starts, name));
  return [
    row("Start to first /health 200", "≤ 50 ms", `${fixed(ms, 0)} ms`, ms <= 50, `${fixed(Math.max(...starts.map((s) => s.startMs)), 0)} ms at worst of 7`),
    row("RSS at rest, without Redis", "≤ 20 MB", `${fixed(rss / 1024)} MB`, rss <= 20 * 1024, `${fixed(pss / 1024)} MB PSS`),
  ];
}

// As somebody who runs `atende check` waits for it.
function profileCheck(bench) {
  const result = bench.profileCheck({ files: 200, runs: quick ? 5 : 15 });
  return [
    row("Check of a profile of 200 files", "< 200 ms", `${fixed(result.ms, 0)} ms`, result.ms < 200 && result.fine,
      `${fixed(result.worst, 0)} ms at worst of ${result.runs}, the program's start included`),
  ];
}

function customersRow(results, bare, count, limit) {
  const p99 = medianOf(results, "overhead_p99_ms");
  const fine = clean(results) && sum(results, "unanswered") + sum(results, "repeated") + sum(results, "early") === 0;
  return row(
    `${count} customers × 4 messages: overhead p99`,
    `≤ ${limit} ms`,
    `${fixed(p99)} ms`,
    p99 <= limit && fine,
    `p50 ${fixed(medianOf(results, "overhead_p50_ms"), 2)} ms; bare path p50 ${fixed(medianOf(bare, "overhead_p50_ms"), 2)}, ` +
      `p99 ${fixed(medianOf(bare, "overhead_p99_ms"))} ms; ${sum(results, "unanswered")} unanswered, ${sum(results, "repeated")} doubled, ` +
      `${sum(results, "early")} early (least ${fixed(Math.min(...results.map((r) => r.late_min_ms)), 2)} ms late); waited for a core ${fixed(medianOf(results, "waited") * 100, 0)} %`,
  );
}

async function endToEnd(bench, customers, perSecond, limit) {
  const { atende, bare_path } = await interleaved(["bare_path", "atende"], (name) =>
    bench.customers(name, { customers, perSecond }),
  );
  const [ours, bare] = [medianOf(atende, "cpu_ms"), medianOf(bare_path, "cpu_ms")];
  return [
    customersRow(atende, bare_path, customers, limit),
    row(
      `CPU per conversation (${customers} customers)`,
      "≤ 2.5× bare whole path",
      `${fixed(ours / bare, 2)}×`,
      ours / bare <= 2.5,
      `${fixed(ours, 2)} against ${fixed(bare, 2)} ms; RSS ${fixed(medianOf(atende, "rss") / 1024)} MB`,
    ),
  ];
}

async function openConversations(bench) {
  const result = await bench.openConversations("atende", { open: 50_000, perSecond: 1_250, measureSeconds: quick ? 5 : 15 });
  return [
    row("RSS per open buffer, 50,000 open", "≤ 1.5 KB", `${fixed(result.kb_each, 2)} KB`, result.kb_each <= 1.5),
    row(
      "Debounce, 50,000 open, 1,250 due per second: p99 late",
      "≤ 10 ms, never early",
      `${fixed(result.late_p99_ms)} ms, ${result.early} early`,
      result.late_p99_ms <= 10 && result.early === 0 && result.unanswered === 0 && result.not_200 === 0,
      `p50 ${fixed(result.late_p50_ms, 2)}, least ${fixed(result.late_min_ms, 2)}, most ${fixed(result.late_max_ms)} ms; ` +
        `overhead p99 ${fixed(result.overhead_p99_ms)} ms; ${result.unanswered} unanswered in time; waited for a core ${fixed(result.waited * 100, 0)} %`,
    ),
  ];
}

async function inFlight(bench) {
  const calls = quick ? 1_000 : 5_000;
  const result = await bench.inFlight({ calls, perSecond: 400, answerAfter: calls / 0.4 + 3_000 });
  const failed = calls - result.answered;
  return [
    row(
      `${calls} model calls in flight over TLS`,
      "0 failed, ≤ 50 KB each",
      `${failed} failed, ${fixed(result.kb_each)} KB each`,
      failed === 0 && result.kb_each <= 50 && result.peak === calls,
      `${result.peak} at once over ${result.connections} connections${result.http1 ? "" : ", HTTP/2"}; ` +
        `${fixed(result.cpu_ms, 2)} ms CPU a conversation`,
    ),
  ];
}

// A voice note as Instagram and as WhatsApp send them, by our warm, sandboxed processes and by a new ffmpeg each.
async function voiceNotes(bench) {
  const rows = [];
  for (const kind of ["m4a", "ogg"]) {
    for (const atOnce of [1, 4]) {
      const { pool, ffmpeg } = await interleaved(["ffmpeg", "pool"], (name) =>
        bench.voiceNote(name, { kind, atOnce, rounds: quick ? 10 : 30 }),
      );
      const cpu = medianOf(ffmpeg, "cpu_ms") / medianOf(pool, "cpu_ms");
      const latency = medianOf(ffmpeg, "latency_p50_ms") / medianOf(pool, "latency_p50_ms");
      const sameLength = Math.abs(pool[0].wav_bytes - ffmpeg[0].wav_bytes) < 3_200;
      rows.push(
        row(
          `15 s voice note (${kind}) to WAV${atOnce > 1 ? `, ${atOnce} at once` : ""}`,
          "≥ 5× less CPU, ≥ 5× sooner than ffmpeg",
          `${fixed(cpu)}×, ${fixed(latency)}×`,
          cpu >= 5 && latency >= 5 && sameLength,
          `CPU ${fixed(medianOf(pool, "cpu_ms"))} against ${fixed(medianOf(ffmpeg, "cpu_ms"))} ms; p50 ` +
            `${fixed(medianOf(pool, "latency_p50_ms"))}, p99 ${fixed(medianOf(pool, "latency_p99_ms"))} against ` +
            `${fixed(medianOf(ffmpeg, "latency_p50_ms"))}, ${fixed(medianOf(ffmpeg, "latency_p99_ms"))} ms`,
        ),
      );
    }
  }
  return rows;
}

async function knowledge(bench) {
  const results = [];
  for (let round = 0; round < rounds; ++round) results.push(bench.knowledge());
  const of = (what, figure) => median(results.map((result) => result[what][figure]));
  const inWords = (what) => `p50 ${fixed(of(what, "p50_us"), 0)}, p99 ${fixed(of(what, "p99_us"), 0)} µs, finds ${fixed(of(what, "found") * 100, 1)} %`;
  const p99 = of("turn", "p99_us") / 1_000;
  return [
    row(
      `Prompt and knowledge search, ${results[0].turn.chunks} chunks: CPU p99`,
      "≤ 5 ms",
      `${fixed(p99, 2)} ms`,
      p99 <= 5 && results[0].turn.chunks === 2_000,
      `p50 ${fixed(of("turn", "p50_us"), 0)} µs, finds ${fixed(of("turn", "found") * 100, 1)} %; search alone: ${inWords("search")}; ` +
        `SQLite FTS5: ${inWords("fts5")}; FTS5 given our terms: ${inWords("fts5_our_terms")}; ` +
        `read and indexed in ${fixed(median(results.map((result) => result.index_ms)), 0)} ms`,
    ),
  ];
}

const parts = {
  closed: closedLoop,
  paced,
  start: startAndRest,
  profile: profileCheck,
  customers: (bench) => endToEnd(bench, 500, 100, 5),
  rush: (bench) => endToEnd(bench, 2_000, 200, 20),
  open: openConversations,
  flight: inFlight,
  voice: voiceNotes,
  knowledge,
};
const quickly = ["closed", "paced", "start", "customers", "flight", "voice", "knowledge"];

async function main() {
  const chosen = options.only ? options.only.split(",") : quick ? quickly : Object.keys(parts);
  const folder = mkdtempSync(join(tmpdir(), "atende-bench-"));
  const began = new Date();
  const loads = [loadAverage()];
  const rows = [];
  try {
    const redisServer = await startRedis(folder);
    const bench = new Bench({ binaries: resolve(options.programs), product: resolve(options.product), folder, redisServer, root });
    for (const name of chosen) {
      if (!parts[name]) throw new Error(`no part "${name}"; there are ${Object.keys(parts).join(", ")}`);
      process.stderr.write(`${name} …\n`);
      rows.push(...(await parts[name](bench)));
      loads.push(loadAverage());
    }
  } finally {
    await stopAll();
    if (!process.exitCode) rmSync(folder, { recursive: true, force: true });
  }
  const minutes = (Date.now() - began) / 60_000;
  const conditions =
    `${began.toISOString().slice(0, 16).replace("T", " ")} UTC, ${fixed(minutes)} min, ` +
    `load average ${fixed(Math.min(...loads))}–${fixed(Math.max(...loads))} (median ${fixed(median(loads))}).  \n${machine()}.`;
  const command = `./dev bench${quick ? " --quick" : ""}`;
  const text = `\`${command}\`, ${conditions}\nMedians of ${rounds} interleaved round${rounds > 1 ? "s" : ""}.\n\n${table(rows)}`;
  console.log(text);
  if (!quick && !options.only) keep(join(root, "docs/performance.md"), text);
  process.exitCode = rows.some((each) => each.verdict === "MISS") ? 1 : 0;
}

for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => stopAll().then(() => process.exit(130)));
await main();
