// A throw-away redis-server that a test may stop and start again, keeping its data.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hasEnded, spawnChild } from './children.mjs';
import { eventually } from './wait.mjs';

// `directory` holds its data; `settings` are redis.conf's.
export async function startRedis({ directory, settings = {} } = {}) {
  const where = directory ?? (await mkdtemp(join(tmpdir(), 'atende-e2e-redis-')));
  await mkdir(where, { recursive: true });
  const redis = new Redis(where, await freePort(), settings);
  await redis.start();
  return redis;
}

class Redis {
  #child = null;
  #directory;
  #port;
  #settings;

  constructor(directory, port, settings) {
    this.#directory = directory;
    this.#port = port;
    this.#settings = { bind: '127.0.0.1', appendonly: 'yes', save: '', ...settings };
  }

  get port() {
    return this.#port;
  }

  get ended() {
    return !this.#child || hasEnded(this.#child);
  }

  get url() {
    return `redis://127.0.0.1:${this.#port}`;
  }

  async start() {
    this.launch();
    await once(this.#child, 'spawn');
    await eventually(
      () =>
        this.command('PING').then(
          (answer) => answer === 'PONG',
          () => false,
        ),
      'PONG from redis-server',
    );
  }

  // As `start`, without waiting until it answers.
  launch() {
    const settings = { port: this.#port, dir: this.#directory, ...this.#settings };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.#child = spawnChild('redis-server', args, { stdio: 'ignore', cwd: this.#directory });
  }

  // A crash: what it had not written is lost with it.
  async kill() {
    const child = this.#child;
    if (this.ended) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async stop() {
    const child = this.#child;
    this.#child = null;
    if (!child || hasEnded(child)) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }

  // One command; its answer as redis-cli prints it.
  async command(...words) {
    const { stdout } = await promisify(execFile)('redis-cli', ['-p', String(this.#port), ...words]);
    return stdout.trim();
  }

  async remove() {
    await this.stop();
    await rm(this.#directory, { recursive: true });
  }
}

export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
