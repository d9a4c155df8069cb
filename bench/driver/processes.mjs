// Starts and stops what is measured, and reads what the kernel knows about it.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, readdirSync } from "node:fs";
import { createServer, connect } from "node:net";
import http from "node:http";
import { join } from "node:path";

const running = new Set();

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export function freePort() {
  return new Promise((found) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });
}

export function start(command, args, { env = {}, log, cwd } = {}) {
  const out = log ? openSync(log, "w") : "ignore";
  const child = spawn(command, args, { env: { ...process.env, ...env }, cwd, stdio: ["ignore", out, out] });
  const handle = { pid: child.pid, exited: new Promise((done) => child.on("exit", done)) };
  child.on("error", (failure) => console.error(`${command}: ${failure.message}`));
  running.add(handle);
  handle.exited.then(() => running.delete(handle));
  return handle;
}

export async function stop(handle, signal = "SIGKILL") {
  if (!running.has(handle)) return;
  process.kill(handle.pid, signal);
  await handle.exited;
}

export async function stopAll() {
  await Promise.all([...running].map((handle) => stop(handle)));
}

// Time on a CPU, and time waiting for one, of all threads, in nanoseconds.
export function cpuOf({ pid }) {
  let used = 0;
  let waited = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const [on, runnable] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ").map(Number);
    used += on;
    waited += runnable;
  }
  return { used, waited };
}

export function memoryOf({ pid }) {
  const kilobytes = (file, name) =>
    Number(readFileSync(`/proc/${pid}/${file}`, "utf8").match(new RegExp(`^${name}:\\s+(\\d+)`, "m"))[1]);
  return { rss: kilobytes("status", "VmRSS"), pss: kilobytes("smaps_rollup", "Pss") };
}

function isHealthy(port) {
  return new Promise((done) => {
    const request = http.get({ port, path: "/health", agent: false }, (answer) => {
      answer.resume();
      done(answer.statusCode === 200);
    });
    request.on("error", () => done(false));
  });
}

export async function waitUntilHealthy(port, { exited }) {
  let dead = false;
  exited.then(() => (dead = true));
  const limit = Date.now() + 10_000;
  while (!(await isHealthy(port))) {
    if (dead || Date.now() > limit) throw new Error("the server did not become healthy; see its log");
    await new Promise(setImmediate);
  }
}

export async function startRedis(folder) {
  const port = await freePort();
  const handle = start("redis-server", ["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"], {
    cwd: mkdtempSync(join(folder, "redis-")),
    log: join(folder, "redis.log"),
  });
  for (let tries = 0; tries < 200; ++tries) {
    if ((await redis(port, "PING").catch(() => "")).startsWith("+PONG")) return { ...handle, port };
    await sleep(20);
  }
  throw new Error("redis-server did not start");
}

// One inline command; its answer as it came.
export function redis(port, command) {
  return new Promise((done, failed) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(`${command}\r\n`));
    socket.setEncoding("utf8").on("error", failed).on("data", (text) => {
      socket.destroy();
      done(text);
    });
  });
}

// Commands as Redis sees them, until `end` is called.
export function monitor(port) {
  let seen = "";
  const socket = connect(port, "127.0.0.1", () => socket.write("MONITOR\r\n"));
  socket.setEncoding("utf8").on("data", (text) => (seen += text));
  const end = () => {
    socket.destroy();
    return seen.split("\r\n").slice(1, -1);
  };
  return new Promise((ready) => socket.once("data", () => ready({ end })));
}

// Runs the load generator; `told` sees each line of JSON before the last one, which is the result.
export async function load(program, args, told = () => {}) {
  const child = spawn(program, args.map(String), { stdio: ["ignore", "pipe", "inherit"] });
  const handle = { pid: child.pid, exited: new Promise((done) => child.on("exit", done)) };
  running.add(handle);
  let last;
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      last = JSON.parse(line);
      told(last);
    }
  });
  const code = await new Promise((done) => child.on("close", done));
  running.delete(handle);
  if (code !== 0) throw new Error(`bench_load ended with ${code}`);
  return last;
}

export function machine() {
  const cpu = readFileSync("/proc/cpuinfo", "utf8");
  const model = cpu.match(/^model name\s*:\s*(.*)$/m)?.[1] ?? "unknown";
  const cores = cpu.match(/^processor/gm).length;
  const memory = Number(readFileSync("/proc/meminfo", "utf8").match(/MemTotal:\s+(\d+)/)[1]);
  const system = readFileSync("/etc/os-release", "utf8").match(/^PRETTY_NAME="(.*)"/m)[1];
  const version = (command, ...args) => execFileSync(command, args, { encoding: "utf8" }).match(/\d+\.\d+\.\d+/)[0];
  return (
    `${model}, ${cores} cores, ${(memory / 2 ** 20).toFixed(0)} GiB; ${system}; ` +
    `Redis ${version("redis-server", "--version")}, Node ${process.versions.node}`
  );
}

export const loadAverage = () => Number(readFileSync("/proc/loadavg", "utf8").split(" ")[0]);
