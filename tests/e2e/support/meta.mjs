// Meta, both ways: the Graph API that takes our answers (and checks them), and the webhooks that bring us events.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Customer } from './customer.mjs';
import { FakeServer } from './fake_server.mjs';
import { parseJsonBody } from './json_body.mjs';
import { problemOfAudio, problemsOfSend } from './meta_rules.mjs';
import { envelope, newMessageId, signature } from './meta_webhook.mjs';

const MESSAGES = /^\/v\d+\.\d+\/(me|\d+)\/messages$/;
const MESSAGE = /^\/v\d+\.\d+\/([\w%-]{40,})$/;
const ME = /^\/v\d+\.\d+\/me(\/subscribed_apps)?$/;
const CONVERSATIONS = /^\/v\d+\.\d+\/(me|\d+)\/conversations$/;
const READ_BACKS = ['', ',attachments'].map((more) => `messages.limit(20){id,created_time,from,message${more}}`);
const MESSAGE_FIELDS = ['id', 'created_time', 'from', 'to', 'message', 'attachments'];
const FIRST_ACCOUNT = '17841400000000001';

// Real error answers by name: outside_window, rate_limited, transient, token_expired, …
export function sendError(name) {
  const { http, body } = SEND_ERRORS[name];
  return { status: http, body };
}
const SEND_ERRORS = JSON.parse(readFileSync(new URL('../../data/instagram/send_errors.json', import.meta.url)));

// The answer is lost, but Meta has accepted (and will show) the message.
export const acceptedThenReset = () => ({ fault: 'reset', accepted: true });
export const acceptedThenHang = () => ({ fault: 'hang', accepted: true });

export class FakeMeta extends FakeServer {
  token = 'IGAAtoken-canary-5f1d';
  appSecret = 'app-secret-canary-77aa';
  verifyToken = 'verify-canary-31c0';
  accounts = [FIRST_ACCOUNT];
  sent = []; // every POSTed message: { at, account, to, text or audio (its bytes), mid, accepted, status }
  publicHosts = {}; // host names of the shop's own: where a TLS proxy of that name leads
  subscribedFields = ['messages', 'messaging_postbacks'];
  actions = []; // every typing_on, mark_seen …: { at, account, to, action }
  readBacks = []; // every time a conversation was read: { account, contact }
  actionAnswer = null; // what presence calls get instead of success
  withheld = new Map(); // mid → what GET /<mid> tells of a message that was announced without its content
  echoes = null; // 'before' or 'after' the send's response, Meta echoes each accepted message
  webhookUrl = null;
  otherwise = () => ({}); // how a send is answered when the script is empty
  onAccepted = async () => {}; // told of each accepted send before it is answered
  situation = () => ''; // what a failed wait adds to its message
  #known = new Map(); // id of a person who wrote to us → when first
  #echoesUnderWay = new Set();

  static async start(options = {}) {
    const meta = Object.assign(new FakeMeta('Meta'), options);
    await meta.comeBack();
    return meta;
  }

  static #people = 0;
  // A new person; with `id`, one that exists already, for example on another account.
  customer({ id, account = this.accounts[0] } = {}) {
    return new Customer(
      this,
      id ?? String(5_500_000_000_000_000 + process.pid * 100_000 + ++FakeMeta.#people),
      account,
    );
  }

  // Lets us write to this person; done by itself for everybody who writes by `deliver` or `post`.
  knows(customer) {
    this.#known.set(customer.id, this.#known.get(customer.id) ?? Date.now());
  }

  // --- webhooks -----------------------------------------------------------------------------------------------

  // One signed webhook with all events, which must be accepted. Returns its body, for `post` to deliver it again.
  async deliver(...events) {
    const body = envelope(events);
    const answer = await this.post(body);
    assert.equal(answer.status, 200, `webhook answered ${answer.status} ${answer.body}`);
    return body;
  }

  // Any bytes, signed unless `headers` bring (or, with null, remove) their own signature.
  async post(body, { headers = {}, url = this.webhookUrl, signal } = {}) {
    for (const [, sender] of String(body).matchAll(/"sender"\s*:\s*\{\s*"id"\s*:\s*"(\d+)"/g)) this.knows({ id: sender });
    const all = {
      'content-type': 'application/json',
      'x-hub-signature-256': signature(this.appSecret, body),
      ...headers,
    };
    for (const name of Object.keys(all)) if (all[name] === null) delete all[name];
    const response = await fetch(url, { method: 'POST', body, headers: all, signal });
    return { status: response.status, body: await response.text() };
  }

  async #echo(send) {
    const { account, to, text, url, mid } = send;
    const shop = this.customer({ id: to, account });
    const posted = this.deliver(url ? shop.audioEcho(url, mid) : shop.echo(text, mid));
    this.#echoesUnderWay.add(posted);
    await posted.catch((error) => this.violation(`the echo was not taken: ${error.message}`));
    this.#echoesUnderWay.delete(posted);
  }

  // All echoes have reached us.
  async settled() {
    while (this.#echoesUnderWay.size > 0) await Promise.allSettled(this.#echoesUnderWay);
  }

  // --- Graph API ----------------------------------------------------------------------------------------------

  async answer(request) {
    if (request.headers.authorization !== `Bearer ${this.token}`) {
      this.violation(`${request.method} ${request.path}: wrong bearer token`);
      return graphError(401, 190, 'Invalid OAuth access token - Cannot parse access token');
    }
    const [, account] = MESSAGES.exec(request.path) ?? [];
    const [, mid] = MESSAGE.exec(request.path) ?? [];
    const owner = account === 'me' ? this.accounts[0] : account;
    if (request.method === 'POST' && this.accounts.includes(owner)) return this.#post(request, owner);
    const [asksOfItself, edge] = ME.exec(request.path) ?? [];
    if (request.method === 'GET' && asksOfItself) return edge ? this.#subscriptions() : this.#me(request.query);
    const [, reader] = CONVERSATIONS.exec(request.path) ?? [];
    if (request.method === 'GET' && reader) return this.#readBack(reader === 'me' ? this.accounts[0] : reader, request.query);
    if (request.method === 'GET' && mid) return this.#read(decodeURIComponent(mid), request.query);
    return this.#refuse([`${request.method} ${request.path} does not exist`]);
  }

  #post(request, account) {
    if (request.query) return this.#refuse([`unexpected query "${request.query}"`]);
    const { value, problem } = parseJsonBody(request.headers, request.body);
    const problems = problem ? [problem] : problemsOfSend(value);
    if (problems.length === 0 && !this.#known.has(value.recipient.id))
      problems.push(`nobody with id ${value.recipient.id} wrote to us`);
    if (problems.length > 0) return this.#refuse(problems);
    return value.message ? this.#take(request, account, value) : this.#show(request, account, value);
  }

  #me(query) {
    const all = { id: '25000000000000001', user_id: this.accounts[0], username: 'loja', account_type: 'BUSINESS' };
    const fields = new URLSearchParams(query).get('fields')?.split(',') ?? ['id'];
    const unknown = fields.filter((field) => !(field in all));
    if (unknown.length > 0) return this.#refuse([`Tried accessing nonexisting field (${unknown})`]);
    return { body: Object.fromEntries(['id', ...fields].map((field) => [field, all[field]])) };
  }

  #subscriptions() {
    const apps = this.subscribedFields.length > 0 ? [{ subscribed_fields: this.subscribedFields }] : [];
    return { body: { data: apps } };
  }

  #read(id, query) {
    const fields = new URLSearchParams(query).get('fields')?.split(',') ?? [];
    const problems = fields
      .filter((field) => !MESSAGE_FIELDS.includes(field))
      .map((field) => `Tried accessing nonexisting field (${field})`);
    if (problems.length > 0) return this.#refuse(problems);
    const message = this.withheld.get(id);
    if (!message) return graphError(400, 100, `Unsupported get request. Object with ID '${id}' does not exist`);
    return { body: Object.fromEntries(['id', ...fields].map((field) => [field, message[field]])) };
  }

  // What we sent to one person, newest first, and what they wrote to begin with. (The rest is left out: nobody asks.)
  #readBack(account, query) {
    const asked = Object.fromEntries(new URLSearchParams(query));
    const problems = [];
    if (asked.platform !== 'instagram') problems.push(`platform must be instagram, not "${asked.platform}"`);
    if (!this.#known.has(asked.user_id)) problems.push(`nobody with id ${asked.user_id} wrote to us`);
    if (!READ_BACKS.includes(asked.fields)) problems.push(`unexpected fields "${asked.fields}"`);
    if (problems.length > 0) return this.#refuse(problems);
    this.readBacks.push({ account, contact: asked.user_id });
    const first = { mid: newMessageId(), text: 'oi', at: this.#known.get(asked.user_id), from: asked.user_id };
    const ours = this.sent.filter((send) => send.accepted && send.account === account && send.to === asked.user_id);
    const audios = { data: [{ mime_type: 'audio/mp4', name: 'audio.m4a', file_url: `${this.url}/cdn` }] };
    const all = [first, ...ours].reverse().map(({ mid, text, audio, at, from = account }) => ({
      id: mid,
      created_time: `${new Date(at).toISOString().slice(0, 19)}+0000`,
      from: { id: from },
      message: text ?? '',
      ...(audio && asked.fields === READ_BACKS[1] && { attachments: audios }),
    }));
    const next = `${this.url}/v25.0/thread-${asked.user_id}/messages?after=20`;
    const messages = { data: all.slice(0, 20), ...(all.length > 20 && { paging: { next } }) };
    return { body: { data: [{ id: `thread-${asked.user_id}`, messages }] } };
  }

  // As Meta does before it accepts the message. → what is wrong with the file
  async #fetchAudio(send) {
    const { host, pathname, search } = new URL(send.url);
    const server = this.publicHosts[host]?.();
    if (!server) return `nobody is at ${host}`;
    const head = await fetch(server + pathname + search, { method: 'HEAD' });
    const got = await fetch(server + pathname + search);
    const bytes = Buffer.from(await got.arrayBuffer());
    if (Number(head.headers.get('content-length')) !== bytes.length) this.violation(`HEAD ${pathname}: another length`);
    if (got.ok && got.headers.get('x-content-type-options') !== 'nosniff') this.violation(`${pathname}: sniffing is allowed`);
    send.audio = bytes;
    return problemOfAudio({ status: got.status, type: got.headers.get('content-type'), bytes });
  }

  #cannotFetch(send, problem) {
    this.sent.push({ ...send, accepted: false, status: 400 });
    const answer = graphError(400, 100, `Failed to fetch the file from the url: ${problem}`);
    answer.body.error.error_subcode = 2018008;
    return answer;
  }

  #refuse(problems) {
    problems.forEach((problem) => this.violation(problem));
    return graphError(400, 100, `(#100) ${problems.join('; ')}`);
  }

  #show(request, account, { recipient, sender_action }) {
    this.actions.push({ at: request.at, account, to: recipient.id, action: sender_action });
    return this.actionAnswer ?? { body: { recipient_id: recipient.id } };
  }

  async #take(request, account, { recipient, message }) {
    const send = { at: request.at, account, to: recipient.id, text: message.text, mid: newMessageId() };
    if (message.attachment) {
      send.url = message.attachment.payload.url;
      const problem = await this.#fetchAudio(send);
      if (problem) return this.#cannotFetch(send, problem);
    }
    const scripted = this.takeScripted(send) ?? this.otherwise(send);
    send.status = scripted.status ?? 200;
    send.accepted = scripted.accepted ?? (!scripted.fault && send.status === 200);
    this.sent.push(send);
    if (send.accepted) await this.onAccepted(send);
    if (send.accepted && this.echoes === 'before') await this.#echo(send);
    const onGiven = () => (send.accepted && this.echoes === 'after' ? this.#echo(send) : undefined);
    return { body: { recipient_id: send.to, message_id: send.mid }, ...scripted, onGiven };
  }
}

function graphError(status, code, message) {
  return { status, body: { error: { message, type: 'OAuthException', code, fbtrace_id: 'ANON' } } };
}
