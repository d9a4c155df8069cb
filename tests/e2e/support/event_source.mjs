// A reader of server-sent events, and what a page would show of a chat.
import http from 'node:http';
import https from 'node:https';
import { eventually } from './wait.mjs';

export class EventSource {
  status = 0;
  headers = {};
  body = ''; // of an answer that is no stream
  events = []; // { id, type, data }
  ended = false; // as it should: the body is whole
  broken = false;
  #unread = '';
  #request;

  // Resolves when the answer has begun. `tls`: what https needs besides.
  static async open(url, { method = 'GET', headers = {}, json, from, tls } = {}) {
    const source = new EventSource();
    const content = json === undefined ? {} : { 'content-type': 'application/json' };
    source.#request = (tls ? https : http).request(url, {
      method: json === undefined ? method : 'POST',
      agent: false,
      localAddress: from,
      ...tls,
      headers: { ...content, ...headers },
    });
    source.#request.on('error', () => (source.broken = true));
    source.#request.on('response', (response) => source.#read(response));
    source.#request.end(json === undefined ? undefined : JSON.stringify(json));
    await eventually(() => source.status > 0 || source.broken, `answer of ${url}`);
    return source;
  }

  get lastId() {
    return this.events.findLast(({ id }) => id)?.id;
  }

  ofType(type) {
    return this.events.filter((event) => event.type === type);
  }

  // The first event that fits.
  async until(fits, what = 'event') {
    const found = () => this.events.find(fits);
    await eventually(() => found() || this.ended || this.broken, () => `${what} among ${this.#summary()}`);
    if (!found()) throw new Error(`the stream ended without ${what}: ${this.#summary()}`);
    return found();
  }

  untilType(type) {
    return this.until((event) => event.type === type, type);
  }

  untilEnd() {
    return eventually(() => this.ended || this.broken, () => `end of the stream after ${this.#summary()}`);
  }

  // What the page shows in the end that only appends, and forgets when told to.
  get messages() {
    const messages = [];
    let writing = '';
    for (const { data } of this.ofType('content')) {
      if (data.restart) writing = '';
      writing += data.content;
      if (data.message === undefined) continue;
      messages.push(writing);
      writing = '';
    }
    return messages;
  }

  leave() {
    this.#request.destroy();
  }

  #summary() {
    return `${this.status} ${this.body} ${this.events.map(({ type, data }) => `${type}/${data.stage ?? data.content}`).join(', ')}`;
  }

  #read(response) {
    this.status = response.statusCode;
    this.headers = response.headers;
    const streamed = response.headers['content-type'] === 'text/event-stream';
    response.setEncoding('utf8').on('data', (text) => {
      if (!streamed) this.body += text;
      else this.#take(text);
    });
    response.on('end', () => (this.ended = response.complete));
    response.on('close', () => (this.broken = !response.complete));
    response.on('error', () => {});
  }

  #take(text) {
    this.#unread += text;
    const blocks = this.#unread.split('\n\n');
    this.#unread = blocks.pop();
    for (const block of blocks) {
      const field = (name) => block.split('\n').find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      if (field('data')) this.events.push({ id: field('id'), type: field('event'), data: JSON.parse(field('data')) });
    }
  }
}
