// HTTP as bytes on a socket: for requests no client library would send.
import { once } from 'node:events';
import net from 'node:net';
import { eventually } from './wait.mjs';

export class RawConnection {
  #received = Buffer.alloc(0);
  closed = false;

  static async open(url) {
    const { hostname, port } = new URL(url);
    const connection = new RawConnection();
    connection.socket = net.connect(Number(port), hostname);
    connection.socket.on('data', (chunk) => (connection.#received = Buffer.concat([connection.#received, chunk])));
    connection.socket.on('error', () => {}); // a reset is a way of closing
    connection.socket.on('close', () => (connection.closed = true));
    await once(connection.socket, 'connect');
    return connection;
  }

  send(bytes) {
    if (!this.closed) this.socket.write(bytes);
  }

  // The next answer: { status, headers, body }. Its body must have a length.
  async answer() {
    const next = () => parse(this.#received);
    await eventually(() => next() || this.closed, 'answer on the raw connection');
    const answer = next();
    if (!answer) throw new Error('connection closed without an answer');
    this.#received = this.#received.subarray(answer.size);
    return answer;
  }

  untilClosed() {
    return eventually(() => this.closed, 'end of the raw connection');
  }

  destroy() {
    this.socket.destroy();
  }
}

// The text of one request; a content-length is added unless the headers say how the body ends.
export function requestText(method, target, headers = {}, body = '') {
  const all = { host: 'localhost', ...headers };
  if (body && !('content-length' in all) && !('transfer-encoding' in all))
    all['content-length'] = Buffer.byteLength(body);
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

function parse(bytes) {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const [first, ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const size = end + 4 + Number(headers['content-length'] ?? 0);
  if (bytes.length < size) return null;
  return { status: Number(first.split(' ')[1]), headers, body: bytes.subarray(end + 4, size).toString(), size };
}
