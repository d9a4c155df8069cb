// A TCP gate in front of a service: lets everything pass until it is told to be a bad network.
//   pass                 nothing wrong
//   delay    { ms }      every chunk is late
//   slice    { bytes }   at most so many bytes at a time
//   reset                open and new connections are reset
//   close                open and new connections are ended in order
//   refuse               nobody listens; open connections are reset
//   blackhole            connections stay open and nothing gets through, in either direction
//   answers_lost         requests get through, answers do not
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export const MODES = ['delay', 'slice', 'reset', 'close', 'refuse', 'blackhole', 'answers_lost'];

export class Gate {
  mode = 'pass';
  #options = {};
  #server = null;
  #port = 0;
  #target;
  #pairs = new Set();
  #healed = withResolvers();

  constructor(target) {
    this.#target = target;
  }

  static async before(port) {
    const gate = new Gate(port);
    await gate.#listen();
    return gate;
  }

  // New connections go there from now on; open ones are reset.
  pointTo(port) {
    this.#target = port;
    for (const pair of this.#pairs) reset(pair);
  }

  get port() {
    return this.#port;
  }

  async set(mode, options = {}) {
    const refusing = this.mode === 'refuse';
    this.mode = mode;
    this.#options = options;
    if (refusing && mode !== 'refuse') await this.#listen();
    if (mode === 'refuse') this.#refuse();
    if (mode === 'reset') for (const pair of this.#pairs) reset(pair);
    if (mode === 'close') for (const pair of this.#pairs) end(pair);
  }

  // Back to `pass`. What was held back arrives late, or, with `reset`, its connections are reset: that is how the two
  // ends of a broken line find out.
  async heal({ reset: resetting = false } = {}) {
    const held = this.mode === 'blackhole' || this.mode === 'answers_lost';
    await this.set('pass');
    if (held && resetting) for (const pair of this.#pairs) reset(pair);
    this.#healed.resolve();
    this.#healed = withResolvers();
  }

  stop() {
    this.mode = 'reset';
    this.#healed.resolve();
    this.#refuse();
  }

  async #listen() {
    this.#server = net.createServer({ allowHalfOpen: false }, (client) => this.#join(client));
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = this.#server.address().port;
  }

  #refuse() {
    this.#server?.close();
    this.#server = null;
    for (const pair of this.#pairs) reset(pair);
  }

  #join(client) {
    if (this.mode === 'reset' || this.mode === 'refuse') return void client.resetAndDestroy();
    if (this.mode === 'close') return void client.end();
    const service = net.connect(this.#target, '127.0.0.1');
    const pair = [client, service];
    this.#pairs.add(pair);
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', () => reset(pair));
      socket.on('close', () => {
        this.#pairs.delete(pair);
        pair.forEach((other) => other.destroy());
      });
    }
    this.#pump(client, service, false);
    this.#pump(service, client, true);
  }

  async #pump(from, to, isAnswer) {
    try {
      for await (const chunk of from) {
        await this.#passage(isAnswer);
        for (const piece of this.#pieces(chunk)) {
          if (!to.write(piece)) await once(to, 'drain');
          if (this.mode === 'slice') await sleep(0);
        }
      }
      await this.#passage(isAnswer);
      to.end();
    } catch {
      to.destroy(); // the other end is gone; 'close' has tidied up
    }
  }

  async #passage(isAnswer) {
    if (this.mode === 'delay') await sleep(this.#options.ms ?? 100);
    while (this.mode === 'blackhole' || (this.mode === 'answers_lost' && isAnswer)) await this.#healed.promise;
  }

  *#pieces(chunk) {
    if (this.mode !== 'slice') return void (yield chunk);
    const { bytes = 7 } = this.#options;
    for (let at = 0; at < chunk.length; at += bytes) yield chunk.subarray(at, at + bytes);
  }
}

function reset(pair) {
  for (const socket of pair) {
    if (socket.connecting || socket.destroyed) socket.destroy();
    else socket.resetAndDestroy();
  }
}

function end(pair) {
  for (const socket of pair) socket.end();
}

function withResolvers() {
  const made = {};
  made.promise = new Promise((resolve) => (made.resolve = resolve));
  return made;
}
