// An HTTP server that checks what it is asked and answers as it is told: with a delay, a broken connection, half an
// answer or none. FakeMeta and FakeOpenAi say what is right and what the answers are.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

// An answer is { status, headers, body, after, stalls, fault }:
//   body   text, bytes, or an object sent as JSON
//   after  milliseconds, or a promise, to wait for before answering
//   stalls a promise: after half of the body nothing comes until it resolves
//   fault  'hang' (never answers), 'reset' (TCP reset instead of an answer), 'truncate' (half the body, then the end)
export class FakeServer {
  violations = [];
  #server = null;
  #port = 0;
  #sockets = new Set();
  #script = [];

  constructor(name) {
    this.name = name;
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`;
  }

  // Listens; after `goDown`, on the same port again.
  async comeBack() {
    this.#server = http.createServer((request, response) => {
      this.#serve(request, response).catch((error) => {
        this.violation(`the fake itself failed: ${error.stack}`);
        response.destroy();
      });
    });
    this.#server.keepAliveTimeout = 0;
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = this.#server.address().port;
  }

  // Connections are refused from now on and the open ones are cut.
  async goDown() {
    if (!this.#server) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    this.#server = null;
  }

  async whileDown(use) {
    await this.goDown();
    try {
      await use();
    } finally {
      await this.comeBack();
    }
  }

  stop() {
    return this.goDown();
  }

  // The next scripted request is answered with `answer`, the one after with the next one queued, and so on.
  answerNext(...answers) {
    this.#script.push(...answers);
  }

  // Queues `answer`, but it is given only at `release()`. `taken` resolves when the request is there.
  hold(answer) {
    const held = {};
    const released = new Promise((resolve) => (held.release = resolve));
    held.taken = new Promise((resolve) => this.answerNext({ ...answer, after: released, onTaken: resolve }));
    return held;
  }

  // Queues `answer`, of which the second half is given only at `release()`. `halfway` resolves when the first is out.
  stall(answer) {
    const stalled = {};
    const released = new Promise((resolve) => (stalled.release = resolve));
    stalled.halfway = new Promise((resolve) => this.answerNext({ ...answer, stalls: released, onHalf: resolve }));
    return stalled;
  }

  takeScripted(request) {
    const answer = this.#script.shift();
    answer?.onTaken?.(request);
    return answer;
  }

  violation(text) {
    this.violations.push(text);
  }

  // For tests that provoke one on purpose.
  takeViolations() {
    return this.violations.splice(0);
  }

  // Fails if anything was wrong so far, or a scripted answer was not asked for; forgets both.
  assertClean() {
    const unused = this.#script.splice(0).length;
    assert.deepEqual(this.takeViolations(), [], `${this.name} was used wrongly`);
    assert.equal(unused, 0, `${this.name}: scripted answers nobody asked for`);
  }

  async #serve(request, response) {
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return; // the client died in the middle of its request: there is nothing to judge
    }
    const [path, query = ''] = request.url.split('?', 2);
    const body = Buffer.concat(chunks);
    const answer = await this.answer({
      at: Date.now(),
      method: request.method,
      path,
      query,
      headers: request.headers,
      body,
    });
    await (typeof answer.after === 'number' ? sleep(answer.after) : answer.after);
    await give(answer, response);
    answer.onGiven?.();
  }
}

async function give({ status = 200, headers = {}, body = '', stalls, onHalf, fault }, response) {
  if (response.destroyed || fault === 'hang') return;
  if (fault === 'reset') {
    response.socket.resetAndDestroy();
    return;
  }
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const streamed = headers['content-type'] === 'text/event-stream';
  const length = streamed ? {} : { 'content-length': bytes.length };
  const type = typeof body === 'string' ? 'text/html' : 'application/json; charset=UTF-8';
  response.writeHead(status, { 'content-type': type, ...length, ...headers });
  if (fault === 'truncate') {
    response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
    return;
  }
  if (stalls) {
    response.write(bytes.subarray(0, bytes.length >> 1), onHalf);
    await stalls;
    if (response.destroyed) return;
    response.end(bytes.subarray(bytes.length >> 1));
    return;
  }
  response.end(bytes);
}
