// The proxies of docker-compose.yml, on this machine: real HAProxy and Caddy with the shop's own configuration, and a
// real DNS server in the place of Docker's. Only ports and addresses are others.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { spawnChild } from './children.mjs';
import { freePort } from './redis.mjs';
import { eventually } from './wait.mjs';

export const WITHOUT_CADDY = !existsSync('/usr/bin/caddy') && !process.env.CI && 'caddy is not installed';
const DOCKER = fileURLToPath(new URL('../../../docker/', import.meta.url));

// `home`: a directory for their files. The agents listen on `agentPort` of the addresses that `name` is given.
export async function startProxy({ home, agentPort }) {
  const proxy = new Proxy(home, agentPort);
  try {
    await proxy.start();
  } catch (failure) {
    await proxy.stop(); // a test that fails must still end
    throw failure;
  }
  return proxy;
}

class Proxy {
  #home;
  #agentPort;
  #dns;
  #hosts;
  #statistics;
  #children = [];

  constructor(home, agentPort) {
    this.#home = home;
    this.#agentPort = agentPort;
    this.#hosts = join(home, 'hosts');
  }

  async start() {
    const dnsPort = await freePort();
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}`;
    await writeFile(this.#hosts, '');
    const only = ['--no-resolv', '--no-hosts', '--conf-file=/dev/null', '--pid-file=', '--user=root'];
    const where = ['--listen-address=127.0.0.1', '--bind-interfaces', `--port=${dnsPort}`];
    this.#dns = this.#run('dnsmasq', ['--keep-in-foreground', ...only, ...where, `--addn-hosts=${this.#hosts}`]);
    this.#statistics = join(this.#home, 'haproxy.sock');
    const haproxy = await adapt(this.#home, 'haproxy.cfg', {
      'global\n\tmaxconn': `global\n\tstats socket ${this.#statistics} mode 600\n\tmaxconn`,
      'bind :8000': `bind 127.0.0.1:${port}`,
      ' agent:8000': ` agent:${this.#agentPort}`,
      'parse-resolv-conf': `nameserver dns 127.0.0.1:${dnsPort}`,
    });
    this.#run('haproxy', ['-db', '-f', haproxy]);
    await eventually(() => answers(this.url), 'answer of HAProxy');
  }

  // Caddy in front of it, as with `--profile https`, but without TLS.
  async startCaddy() {
    const port = await freePort();
    const caddyfile = await adapt(this.#home, 'Caddyfile', { 'proxy:8000': new URL(this.url).host });
    const url = `http://127.0.0.1:${port}`;
    this.#run('caddy', ['run', '--config', caddyfile, '--adapter', 'caddyfile'], {
      SITE: url,
      CADDY_ADMIN: `127.0.0.1:${await freePort()}`,
      HOME: this.#home,
    });
    await eventually(() => answers(url), 'answer of Caddy');
    return url;
  }

  // Which containers there are, by their addresses.
  async name(...addresses) {
    await writeFile(this.#hosts, addresses.map((address) => `${address} agent\n`).join(''));
    this.#dns.kill('SIGHUP');
  }

  // Resolves when the simulator's page is shared among exactly these; until then it may be moved to another.
  async untilShared(...addresses) {
    const wanted = [...addresses].sort().join();
    await eventually(async () => (await this.#working('other')).sort().join() === wanted, 'settled proxy');
  }

  // The addresses that HAProxy sends a backend's requests to.
  async #working(backend) {
    const socket = connect(this.#statistics);
    socket.write(`show servers state ${backend}\n`);
    const rows = (await textOf(socket)).split('\n').map((line) => line.split(' '));
    return rows.filter(([, name, , , , state]) => name === backend && state === '2').map(([, , , , address]) => address);
  }

  stop() {
    return endAll(this.#children);
  }

  #run(command, args, env) {
    const child = launch(command, args, { home: this.#home, env });
    this.#children.push(child);
    return child;
  }
}

// A server that runs until it is ended. One that fails by itself fails the test.
export function launch(command, args, { home, env = {} }) {
  const path = `${process.env.PATH}:/usr/sbin`;
  const child = spawnChild(command, args, { cwd: home, env: { PATH: path, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  child.on('exit', (code) => code && assert.fail(`${command} ended with ${code}: ${output}`));
  return child;
}

export async function endAll(children) {
  for (const child of children) {
    const ended = once(child, 'exit');
    if (child.kill('SIGKILL')) await ended;
  }
}

export function answers(url) {
  return fetch(url, { redirect: 'manual' }).then(
    () => true,
    () => false,
  );
}

// A configuration of docker/ with some things replaced, each of which must be in it. → its path
export async function adapt(home, name, replacements) {
  let text = await readFile(join(DOCKER, name), 'utf8');
  for (const [from, to] of Object.entries(replacements)) {
    assert.ok(text.includes(from), `${name} has no "${from}"`);
    text = text.replaceAll(from, to);
  }
  const adapted = join(home, name);
  await writeFile(adapted, text);
  return adapted;
}
