// A Redis client just good enough to look into the product's Redis while Redis is being killed.
import net from 'node:net';

const PATIENCE_MS = 400; // a Redis that is down must not hold up what asks about it

export class Probe {
  #port;
  #socket = null;
  #received = Buffer.alloc(0);
  #waiting = [];

  constructor(port) {
    this.#port = port;
  }

  // Answers of the commands ([[name, argument…], …]), in order. Rejects when Redis does not answer.
  async ask(commands) {
    if (commands.length === 0) return [];
    const socket = this.#connected();
    const answers = commands.map(() => new Promise((resolve, reject) => this.#waiting.push({ resolve, reject })));
    socket.write(commands.map(encoded).join(''));
    const limit = setTimeout(() => this.#lost(socket, 'no answer in time'), PATIENCE_MS);
    try {
      return await Promise.all(answers);
    } finally {
      clearTimeout(limit);
    }
  }

  close() {
    if (this.#socket) this.#lost(this.#socket, 'closed');
  }

  #connected() {
    if (this.#socket) return this.#socket;
    const socket = net.connect(this.#port, '127.0.0.1');
    this.#socket = socket;
    this.#received = Buffer.alloc(0);
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', () => {});
    socket.on('close', () => this.#lost(socket, 'connection lost'));
    return socket;
  }

  #lost(socket, why) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    socket.destroy();
    for (const { reject } of this.#waiting.splice(0)) reject(new Error(`Redis: ${why}`));
  }

  #take(chunk) {
    this.#received = Buffer.concat([this.#received, chunk]);
    let parsed;
    while ((parsed = parse(this.#received, 0))) {
      this.#received = this.#received.subarray(parsed.next);
      const { resolve, reject } = this.#waiting.shift();
      if (parsed.value instanceof Error) reject(parsed.value);
      else resolve(parsed.value);
    }
  }
}

function encoded(command) {
  return `*${command.length}\r\n` + command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('');
}

// → { value, next } of the RESP2 answer at `at`, or null if it is not all there
function parse(bytes, at) {
  const line = bytes.indexOf('\r\n', at);
  if (line < 0) return null;
  const head = bytes.toString('utf8', at + 1, line);
  const next = line + 2;
  switch (String.fromCharCode(bytes[at])) {
    case '+':
      return { value: head, next };
    case '-':
      return { value: new Error(head), next };
    case ':':
      return { value: Number(head), next };
    case '$':
      return parseText(bytes, next, Number(head));
    default:
      return parseList(bytes, next, Number(head));
  }
}

function parseText(bytes, at, length) {
  if (length < 0) return { value: null, next: at };
  if (bytes.length < at + length + 2) return null;
  return { value: bytes.toString('utf8', at, at + length), next: at + length + 2 };
}

function parseList(bytes, at, length) {
  const value = [];
  for (let i = 0; i < length; ++i) {
    const item = parse(bytes, at);
    if (!item) return null;
    value.push(item.value);
    at = item.next;
  }
  return { value: length < 0 ? null : value, next: at };
}
