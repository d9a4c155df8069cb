// A throw-away redis-server that a test may stop and start again, keeping its data.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './wait.mjs';

export async function startRedis() {
  const directory = await mkdtemp(join(tmpdir(), 'atende-e2e-redis-'));
  const redis = new Redis(directory, await freePort());
  await redis.start();
  return redis;
}

class Redis {
  #child = null;
  #directory;
  #port;

  constructor(directory, port) {
    this.#directory = directory;
    this.#port = port;
  }

  get url() {
    return `redis://127.0.0.1:${this.#port}`;
  }

  async start() {
    const settings = { port: this.#port, bind: '127.0.0.1', dir: this.#directory, appendonly: 'yes', save: '' };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    this.#child = spawn('redis-server', args, { stdio: 'ignore' });
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

  // Its folder keeps what it has acknowledged.
  async kill() {
    await this.stop('SIGKILL');
  }

  async stop(signal = 'SIGTERM') {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null) return;
    child.kill(signal);
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

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
