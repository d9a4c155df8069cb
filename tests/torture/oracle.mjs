// Judges a run by what the fake Meta was given against what was acknowledged with 200, message by message.
// Everything is compared by id; the product's own opinion counts only for what it reports as unknown or set aside.
import { readAnswer } from './words.mjs';

export const COUNTERS = ['lost', 'twice', 'sentTwice', 'order', 'afterTakeover', 'leads', 'rethought', 'other'];

export class Oracle {
  sends = []; // accepted by Meta, in order of arrival: { contact, at, text, mid, begun, id, …readAnswer }
  answers = new Map(); // number → { messages, parts, contact, got: Map part → send }
  #sendsOf = new Map(); // contact → its sends
  #answersOf = new Map(); // message name → Set of answer numbers
  #violations = [];

  // `calls` are the fake model's answers, by number from 1. `allowed` = { echoHoldMs, humanPauseMs, slackMs }: how long
  // after its echo was acknowledged a takeover must be in force.
  constructor({ traffic, calls, allowed }) {
    Object.assign(this, { traffic, calls, allowed });
  }

  // A send that Meta accepted, told in order of arrival. → its record, to which `id` and `begun` are to be added: the
  // product's own number for it, and when it began it, by Redis' clock.
  accepted({ to, at, text, mid }) {
    const contact = this.traffic.contactOf(to);
    const send = { contact, at, text, mid, begun: null, id: null, ...readAnswer(text) };
    this.sends.push(send);
    this.#to(contact).push(send);
    if (send.answer === undefined) return send;
    const answer = this.#answer(send);
    const earlier = answer.got.get(send.part);
    if (earlier) {
      this.#violate('sentTwice', contact, `part ${send.part} of answer ${send.answer}: ${earlier.mid} and ${mid}`, at);
    } else {
      answer.got.set(send.part, send);
    }
    return send;
  }

  // The share of sends of which the product could not be asked.
  get unidentified() {
    return this.sends.filter((send) => send.id === null).length / Math.max(1, this.sends.length);
  }

  #to(contact) {
    if (!this.#sendsOf.has(contact)) this.#sendsOf.set(contact, []);
    return this.#sendsOf.get(contact);
  }

  // `end` = { unknown, found, dead, rows, at, once }: what Redis and NocoDB hold after the run. `unknown`: sends not
  // known to have arrived; `found`: [{ conversation, id }] of those that the product says it found at Meta; `named`:
  // [{ conversation, at }] when it said that it did not know of a send; `once`: no message may have been thought about
  // twice. → { counts, violations }
  judge(end) {
    const unknown = new Set(end.unknown.map((one) => `${one.conversation}#${one.id}`));
    this.#reported(end.unknown);
    this.#judgeVerdicts(end);
    for (const message of this.traffic.messages.values()) this.#judgeMessage(message, end);
    for (const contact of this.traffic.contacts) this.#judgeOrder(contact, unknown, end.named ?? []);
    for (const takeover of this.traffic.takeovers) this.#judgeTakeover(takeover);
    this.#judgeLeads(end.rows);
    if (end.once) this.#judgeThoughts();
    const counts = Object.fromEntries(COUNTERS.map((counter) => [counter, 0]));
    for (const { counter } of this.#violations) ++counts[counter];
    return { counts, violations: this.#violations };
  }

  // A function that says of a send by the product's record whether Meta had accepted it.
  #acceptedSends() {
    const known = new Set(this.sends.map((send) => `${this.conversation(send.contact)}#${send.id}`));
    const answers = new Set(this.sends.filter((send) => send.answer !== undefined).map((send) => send.text));
    return ({ conversation, id, text }) => known.has(`${conversation}#${id}`) || answers.has(text);
  }

  // How many of these sends Meta had accepted.
  arrived(sends) {
    return sends.filter(this.#acceptedSends()).length;
  }

  // What the product made of a send of unknown outcome must be true.
  #judgeVerdicts({ unknown, found = [] }) {
    const isAccepted = this.#acceptedSends();
    const contactOf = ({ conversation }) => this.traffic.contacts.find((one) => this.conversation(one) === conversation);
    for (const send of unknown.filter(({ missing }) => missing))
      if (isAccepted(send)) this.#violate('other', contactOf(send), `#${send.id} is said not to have arrived: Meta has it`);
    // One of which the product could not be asked when Meta accepted it is not known by its number.
    const nameless = new Set(this.sends.filter(({ id }) => id === null).map(({ contact }) => this.conversation(contact)));
    for (const send of found)
      if (!isAccepted(send) && !nameless.has(send.conversation))
        this.#violate('other', contactOf(send), `#${send.id} is said to have been found: Meta never had it`);
  }

  // What Meta got for a customer around `at`, as evidence.
  story(conversation, at) {
    const contact = this.traffic.contacts.find((one) => this.conversation(one) === conversation);
    const told = (send) => `Meta ${iso(send.at)} #${send.id} begun ${send.begun && iso(send.begun)} ${label(send)}`;
    const near = this.#to(contact).filter((send) => !at || Math.abs(send.at - at) < 6_000);
    return near.slice(-20).map(told);
  }

  other(text) {
    this.#violations.push({ counter: 'other', text });
  }

  #answer({ answer: number, messages, parts, contact }) {
    let answer = this.answers.get(number);
    if (!answer) {
      answer = { messages, parts, contact, got: new Map(), at: this.calls[number - 1].at };
      this.answers.set(number, answer);
      for (const name of messages) {
        if (!this.#answersOf.has(name)) this.#answersOf.set(name, new Set());
        this.#answersOf.get(name).add(number);
      }
    }
    return answer;
  }

  // A reported send of unknown outcome accounts for its part, whether it arrived or not.
  #reported(unknown) {
    for (const { text } of unknown) {
      const known = text && readAnswer(text);
      if (!known) continue;
      const contact = this.traffic.messages.get(known.messages[0])?.contact;
      const answer = this.#answer({ ...known, contact });
      if (!answer.got.has(known.part)) answer.got.set(known.part, { reported: true });
    }
  }

  #judgeMessage(message, end) {
    const { name, contact, mid } = message;
    if (!message.ackedAt) return this.#violate('other', contact, `${name} was never acknowledged (${mid})`);
    const numbers = [...(this.#answersOf.get(name) ?? [])];
    if (numbers.length > 1)
      this.#violate('twice', contact, `${name} (${mid}) is in the answers ${numbers.join(' and ')}`, message.ackedAt);
    const isDead = end.dead.has(mid);
    if (isDead && this.traffic.poison > 0 && !message.poison)
      this.#violate('other', contact, `${name} (${mid}) was set aside`, message.ackedAt);
    if (message.poison && !isDead && !this.#isHandedOver(message, end.at))
      this.#violate('other', contact, `${name} (${mid}) kills its readers and was not set aside`, message.ackedAt);
    if (numbers.length === 0 && !isDead && !this.#isHandedOver(message, end.at))
      this.#violate('lost', contact, `${name} (${mid}) acknowledged ${iso(message.ackedAt)}, never answered`, message.ackedAt);
    for (const number of numbers) {
      const answer = this.answers.get(number);
      if (answer.messages[0] !== name) continue; // its parts are judged once
      const missing = range(answer.parts).filter((part) => !answer.got.has(part));
      if (missing.length === 0 || this.#isCancelled(answer)) continue;
      const texts = answer.messages.join(', ');
      this.#violate('lost', contact, `parts ${missing} of ${answer.parts} of answer ${number} to ${texts} never left`, answer.at);
    }
  }

  // The person took over before it could be answered, or while it waited for the person's pause to end.
  #isHandedOver({ writtenAt, contact: { takeover } }, now) {
    if (!takeover?.postedAt) return false;
    const inForce = this.#inForceFrom(takeover);
    return writtenAt <= inForce || now < inForce + this.allowed.humanPauseMs;
  }

  #isCancelled({ contact: { takeover }, at }) {
    return Boolean(takeover?.postedAt) && at <= this.#inForceFrom(takeover);
  }

  #inForceFrom({ ackedAt }) {
    return (ackedAt ?? Infinity) + this.allowed.echoHoldMs + this.allowed.slackMs;
  }

  // Sends reported as unknown, now or while they were under way, are left out: a request may have been on its way when
  // its process was given up. So are those of which that is not known.
  #judgeOrder(contact, unknown, named) {
    const reports = named.filter(({ conversation }) => conversation === this.conversation(contact));
    const wasReported = ({ begun, at }) => reports.some((report) => begun <= report.at && report.at <= at);
    const finished = new Set();
    let latestPosted = 0; // of the messages answered so far
    let current = null;
    for (const send of this.#to(contact)) {
      if (send.answer === undefined || send.id === null) continue;
      if (unknown.has(`${this.conversation(contact)}#${send.id}`) || wasReported(send)) continue;
      if (current?.answer === send.answer) {
        if (send.part < current.part) this.#violate('order', contact, `${label(send)} after ${label(current)}`, send.at);
        current = send;
        continue;
      }
      if (finished.has(send.answer))
        this.#violate('order', contact, `${label(send)} after ${label(current)}`, send.at);
      else latestPosted = this.#judgeTurn(send, latestPosted);
      finished.add(send.answer);
      current = send;
    }
  }

  // A message that was acknowledged before another was even sent must not be answered in a later turn than that one.
  #judgeTurn(send, latestPosted) {
    const messages = send.messages.map((name) => this.traffic.messages.get(name));
    for (const { name, ackedAt } of messages)
      if (ackedAt && ackedAt < latestPosted)
        this.#violate('order', send.contact, `${name} was answered after a message that came later: ${label(send)}`, send.at);
    const numbers = messages.map((message) => message.number);
    if (numbers.some((number, i) => i > 0 && number < numbers[i - 1]))
      this.#violate('order', send.contact, `one turn read its messages in the wrong order: ${label(send)}`, send.at);
    return Math.max(latestPosted, ...messages.map((message) => message.postedAt));
  }

  #judgeTakeover(takeover) {
    if (!takeover.ackedAt) return this.#violate('other', takeover.contact, 'a takeover was never acknowledged');
    const from = this.#inForceFrom(takeover);
    const until = takeover.postedAt + this.allowed.humanPauseMs;
    for (const send of this.#to(takeover.contact)) {
      const unasked = send.begun === null ? 5000 : 0; // begun when Redis could not be asked: only arrival is known
      const began = send.begun ?? send.at - unasked;
      if (began > from && send.at < until)
        this.#violate('afterTakeover', send.contact, `${label(send)} (${send.mid}) began ${began - from} ms too late`, send.at);
    }
  }

  #judgeLeads(rows) {
    const of = (contact) => rows.filter((row) => row['ID do contato'] === contact.customer.id);
    for (const contact of this.traffic.contacts) {
      const found = of(contact).length;
      if (found > 1) this.#violate('leads', contact, `${found} rows in NocoDB for one lead`);
      const told = this.#to(contact).some((send) => send.saved);
      if (told && found === 0) this.#violate('leads', contact, 'was told the lead is saved, NocoDB has no row');
    }
  }

  #judgeThoughts() {
    const thought = new Map();
    for (const { messages } of this.calls)
      for (const name of messages) thought.set(name, (thought.get(name) ?? 0) + 1);
    for (const [name, times] of thought) {
      const { contact } = this.traffic.messages.get(name);
      if (times > 1) this.#violate('rethought', contact, `the model was asked ${times} times about ${name}`);
    }
  }

  conversation(contact) {
    return `ig:${contact.customer.account}:${contact.customer.id}`;
  }

  #violate(counter, contact, text, at) {
    const conversation = contact && this.conversation(contact);
    this.#violations.push({ counter, conversation, text, at });
  }
}

const range = (count) => Array.from({ length: count }, (_, i) => i + 1);
const iso = (ms) => new Date(ms).toISOString().slice(11, 23);
const label = ({ answer, part, parts, messages }) =>
  answer === undefined ? 'a text that is no answer' : `answer ${answer} part ${part}/${parts} to ${messages}`;
