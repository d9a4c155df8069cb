// The real binary, started as a shop would start it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { hasEnded, spawnChild } from './children.mjs';
import { processesBelow } from './home.mjs';
import { eventually } from './wait.mjs';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
export const BINARY = process.env.ATENDE_BINARY ?? join(REPOSITORY, 'build/release/atende');
const MOST_OUTPUT = 2 << 20; // characters kept of each stream, at least
const STOP_WITHIN_MS = 30_000; // the product promises 25 s; the rest is for a busy machine

// Starts `atende serve` and waits until it is ready. `home` is its working directory, its data live in `home`/data:
// starting again with the same home continues where the last process ended.
export async function startAtende({ home, env = {}, meta, openai, binary = BINARY }) {
  const atende = launchAtende({ home, env, meta, openai, binary });
  await atende.untilReady();
  if (meta) Object.assign(meta, { webhookUrl: `${atende.url}/webhook`, situation: () => atende.tail() });
  return atende;
}

// As `startAtende`, without waiting: for several processes side by side. `onLine` gets each line of its output.
export function launchAtende({ home, env = {}, meta, openai, binary = BINARY, onLine }) {
  return new Atende(binary, ['serve'], home, { ...connectionsTo(meta, openai), ...env }, onLine);
}

// Runs another command to its end. → { code, stdout, stderr }
export async function runAtende(args, { home, env = {}, binary = BINARY }) {
  const atende = new Atende(binary, args, home, env);
  const code = await atende.untilEnded();
  return { code, stdout: atende.stdout, stderr: atende.stderr };
}

// The variables that make the binary talk to these fakes.
export function connectionsTo(meta, openai) {
  return {
    ...(meta && {
      GRAPH_BASE_URL: meta.url,
      INSTAGRAM_APP_SECRET: meta.appSecret,
      INSTAGRAM_ACCESS_TOKEN: meta.token,
      INSTAGRAM_VERIFY_TOKEN: meta.verifyToken,
    }),
    ...(openai && { OPENAI_BASE_URL: openai.baseUrl, OPENAI_API_KEY: openai.key }),
  };
}

class Atende {
  stdout = '';
  stderr = '';
  url = null;
  #child;
  #home;
  #outputEnded = false;

  constructor(binary, args, home, env, onLine) {
    assert.ok(existsSync(binary), `${binary} is missing: build it first, or set ATENDE_BINARY`);
    this.#home = home;
    const basics = {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: '0',
      DATA_DIR: join(home, 'data'),
      PROFILE_DIR: join(REPOSITORY, 'profiles/motorcycle-dealer'),
    };
    this.#child = spawnChild(binary, args, { cwd: home, env: { ...basics, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of ['stdout', 'stderr']) {
      this.#child[stream].setEncoding('utf8').on('data', (text) => {
        this[stream] += text;
        if (this[stream].length > 2 * MOST_OUTPUT) this[stream] = this[stream].slice(-MOST_OUTPUT);
        if (process.env.E2E_SHOW_LOGS) process.stderr.write(text);
      });
    }
    if (onLine) createInterface(this.#child.stdout).on('line', onLine);
    this.#child.on('close', () => (this.#outputEnded = true));
  }

  get pid() {
    return this.#child.pid;
  }

  get log() {
    return this.stdout + this.stderr;
  }

  get lines() {
    return this.log.split('\n').filter(Boolean);
  }

  tail(count = 40) {
    return this.lines.slice(-count).join('\n');
  }

  // The first log line that matches.
  untilLogged(pattern) {
    return eventually(
      () => this.lines.find((line) => pattern.test(line)),
      () => `log line like ${pattern}\n${this.tail()}`,
    );
  }

  // No conversation is being worked on at this moment; some may be waiting for their time.
  untilIdle() {
    const idle = async () => (await (await fetch(`${this.url}/health/ready`)).json()).running_turns === 0;
    return eventually(idle, () => `idle moment\n${this.tail()}`);
  }

  async untilListening() {
    const address = /listening on (http:\/\/127\.0\.0\.\d+:\d+)/;
    await eventually(
      () => address.test(this.log) || this.ended,
      () => `address in the log\n${this.tail()}`,
    );
    assert.ok(!this.ended, `atende ended at once\n${this.tail()}`);
    this.url = address.exec(this.log)[1];
  }

  async untilReady() {
    await this.untilListening();
    await eventually(
      async () => (await fetch(`${this.url}/health/ready`)).ok,
      () => `200 from /health/ready\n${this.tail()}`,
    );
  }

  // → exit code, or the signal that ended it
  async untilEnded() {
    await eventually(
      () => this.#outputEnded,
      () => `end of atende\n${this.tail()}`,
      STOP_WITHIN_MS,
    );
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  get ended() {
    return hasEnded(this.#child);
  }

  // A deployment's stop: it must end in time, with 0, and leave no process behind.
  async stop() {
    this.#signal('SIGTERM');
    assert.equal(await this.untilEnded(), 0, `exit code after SIGTERM\n${this.tail()}`);
    const left = await processesBelow(this.#home);
    assert.deepEqual(
      left.map((one) => one.command),
      [],
      'processes left behind after SIGTERM',
    );
  }

  // A crash.
  async kill() {
    this.#signal('SIGKILL');
    await this.untilEnded();
  }

  // Stops it where it stands, as a paused machine does, until `thaw`.
  freeze() {
    this.#signal('SIGSTOP');
  }

  thaw() {
    this.#signal('SIGCONT');
  }

  #signal(name) {
    if (!this.ended) this.#child.kill(name);
  }
}
