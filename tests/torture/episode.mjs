// One episode: load on a shop, faults on its parts, then quiet, then the verdict.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../e2e/support/wait.mjs';
import { Courier } from './courier.mjs';
import { Nemesis } from './nemesis.mjs';
import { Oracle } from './oracle.mjs';
import { SWEEP_MS, deadLetters, pendingWork, sendOnTheWire, unconfirmedSends } from './product.mjs';
import { Random } from './random.mjs';
import { Shop } from './shop.mjs';
import { Traffic } from './traffic.mjs';

const LONGEST_MS = { full: 20 * 60_000, quick: 3 * 60_000 }; // a harness that hangs must not look like one that works
const ASKED_WITHIN_MS = 3_000;
const RESOLVED_WITHIN_MS = { full: 30_000, quick: 8_000 }; // most have their verdict in 5 s; see shop.mjs
const RESOLVED_SHARE = 0.95;
const WORTH_A_SHARE = 20;

// `spec` is of episodes.mjs or variants.mjs; `run` = { seed, size: 'full' or 'quick', binary, folder, say, variant }
export class Episode {
  constructor(name, spec, run) {
    Object.assign(this, { name, spec, run, began: Date.now() });
  }

  say(text) {
    this.run.say(`${((Date.now() - this.began) / 1000).toFixed(3).padStart(8)}  ${text}`);
  }

  // → { row, violations, missing (text: why it could not run) }
  async play() {
    const limit = LONGEST_MS[this.run.size];
    const tooLong = new Promise((_, reject) => {
      setTimeout(() => reject(new Error(`${this.name} did not end within ${limit} ms`)), limit).unref();
    });
    return Promise.race([this.#play(), tooLong]);
  }

  async #play() {
    const reason = this.spec.impossible?.();
    if (reason) return { missing: reason };
    this.shop = await this.#openShop();
    try {
      const lacking = this.spec.needs?.(this.shop.knobs);
      if (lacking) return { missing: lacking };
      if (this.spec.disk && !this.shop.disk) return { missing: 'no disk of its own could be mounted' };
      this.#populate();
      await this.#storm();
      const settled = await this.#settle();
      return await this.#verdict(settled);
    } finally {
      this.traffic?.stop();
      this.courier?.stop();
      await this.shop.close();
    }
  }

  #openShop() {
    const { shop = {}, disk } = this.spec;
    const { folder, seed, variant } = this.run;
    const { binary = this.run.binary } = this.spec;
    mkdirSync(folder, { recursive: true });
    return Shop.open({
      ...shop,
      env: { ...shop.env, ...(variant && { ATENDE_BROKEN: variant }) },
      diskMegabytes: disk,
      binary,
      seed,
      logPath: join(folder, `${this.name}.log`),
      say: (text) => this.say(text),
    });
  }

  #populate() {
    const { shop } = this;
    const { seed } = this.run;
    const { meta, replicas } = shop;
    this.courier = new Courier({ meta, replicas, random: new Random(seed, 'courier'), ...this.spec.courier });
    this.echoes = new Random(seed, 'echoes');
    const random = new Random(seed, 'traffic');
    this.traffic = new Traffic({ meta, courier: this.courier, random, ...this.spec.traffic });
    const slackMs = this.spec.slackMs ?? shop.knobs.leaseMs + SWEEP_MS + 500;
    const { calls } = shop.mind;
    this.oracle = new Oracle({ traffic: this.traffic, calls, allowed: { ...shop.knobs, slackMs } });
    meta.onAccepted = (send) => this.#onAccepted(send);
    const say = (text) => this.say(text);
    this.nemesis = new Nemesis({ shop, random: new Random(seed, 'nemesis'), say });
    this.nemesis.traffic = this.traffic;
  }

  async #onAccepted(send) {
    const { late = 0.1, time = [200, 3000] } = this.spec.echoes ?? {};
    const within = this.echoes.chance(late) ? time : undefined;
    const record = this.oracle.accepted(send);
    const echo = this.traffic.contactOf(send.to).customer.echo(send.text, send.mid);
    const asked = await this.#askAbout(record);
    // The echo would make the product forget what is asked for here, so it waits for Redis, too.
    if (!asked) await eventually(() => this.#askAbout(record), 'Redis', ASKED_WITHIN_MS).catch(() => {});
    this.courier.deliver(echo, {}, within);
  }

  // What the product says about a send that Meta has accepted and not answered yet. False if Redis is away.
  async #askAbout(record) {
    try {
      const conversation = this.oracle.conversation(record.contact);
      Object.assign(record, await sendOnTheWire(this.shop.probe, conversation, record.text));
      return true;
    } catch {
      return false;
    }
  }

  // The load goes on for as long as the faults do, and `seconds` at least.
  async #storm() {
    const { faults = {}, does, lanes = 1, seconds = {} } = this.spec;
    this.courier.start();
    this.traffic.start();
    const until = Date.now() + (seconds[this.run.size] ?? 0) * 1000;
    let left = faults[this.run.size] ?? 0;
    const lane = async () => {
      while (left-- > 0) await does(this.nemesis);
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    while (Date.now() < until) await this.nemesis.pause(20, 20);
    this.traffic.stop();
  }

  // → milliseconds until nothing was left to do, or null if the product did not get there in time
  async #settle() {
    const { shop, courier } = this;
    const began = Date.now();
    const limit = this.spec.settleMs ?? shop.knobs.leaseMs + 20_000;
    const quiet = async () =>
      courier.idle &&
      (await pendingWork(shop.probe).catch(() => 1)) === 0 &&
      (await Promise.all(shop.replicas.map((replica) => replica.isIdle()))).every(Boolean) &&
      courier.idle;
    try {
      await eventually(quiet, 'quiet', limit);
    } catch (error) {
      if (error.name !== 'AssertionError') throw error;
      return null;
    }
    const took = Date.now() - began;
    const patience = this.spec.resolveMs ?? RESOLVED_WITHIN_MS[this.run.size];
    const open = async () => (await unconfirmedSends(shop.probe)).some(({ missing }) => !missing);
    if (patience > 0) await eventually(async () => !(await open()), 'resolution', patience).catch(() => {});
    return took;
  }

  async #verdict(settled) {
    const { shop, oracle, traffic } = this;
    const unknown = await unconfirmedSends(shop.probe);
    const dead = new Set(await deadLetters(shop.probe));
    if (settled === null && !this.run.variant) oracle.other('work was left when the time to recover was over');
    for (const text of new Set(shop.fakeViolations)) oracle.other(text);
    const taken = new Set(traffic.takeovers.map(({ contact }) => oracle.conversation(contact)));
    for (const { what, conversation } of shop.events)
      if (what === 'person' && !taken.has(conversation)) oracle.other(`an own echo was taken for a person's: ${conversation}`);
    if (oracle.unidentified > 0.3) oracle.other('the product tells too little about its sends: see product.mjs');
    const found = shop.events.filter(({ what }) => what === 'found').map(({ conversation, send: id }) => ({ conversation, id }));
    const outcomes = this.#outcomes(unknown);
    const named = shop.events.filter(({ what }) => what === 'unknown' || what === 'interrupted');
    const end = { unknown, found, named, dead, rows: shop.nocodb.rows, at: Date.now(), once: this.spec.once };
    const { counts, violations } = oracle.judge(end);
    const acked = [...traffic.messages.values()].filter((message) => message.ackedAt).length;
    const row = {
      episode: this.name,
      faults: this.nemesis.faults || '–',
      acked,
      ...counts,
      dead: dead.size,
      unknown: `${outcomes.all}/${outcomes.delivered}/${outcomes.missing}/${outcomes.open}`,
      arrived: oracle.arrived(unknown),
      settled,
      sends: oracle.sends.length,
      takeovers: traffic.takeovers.length,
      posts: this.courier.posts,
      refused: this.courier.refused,
      slowest: slowest(oracle, traffic),
      seed: this.run.seed,
    };
    return { row, violations: await this.#withEvidence(violations) };
  }

  // What became of the sends that were ever of unknown outcome.
  #outcomes(unknown) {
    const named = this.shop.events.filter(({ what }) => what === 'unknown' || what === 'interrupted');
    const missing = unknown.filter((one) => one.missing).length;
    const open = unknown.length - missing;
    const all = Math.max(unknown.length, named.reduce((sum, { count }) => sum + count, 0));
    if (this.spec.resolveMs !== 0 && all >= WORTH_A_SHARE && open > (1 - RESOLVED_SHARE) * all)
      this.oracle.other(`${open} of ${all} sends of unknown outcome are still open`);
    return { all, delivered: all - missing - open, missing, open };
  }

  // What Meta got around it, and what the replicas logged then. `at` is when it happened, if that is known.
  async #evidence({ conversation, at }) {
    const log = await this.shop.logAbout(conversation.split(':').at(-1), Infinity);
    const near = at ? log.filter((line) => Math.abs(Date.parse(line.split(' ')[1]) - at) < 6_000) : log;
    return [...this.oracle.story(conversation, at), ...near.slice(-60)];
  }

  async #withEvidence(violations) {
    const told = violations.slice(0, 12);
    for (const violation of told)
      if (violation.conversation) violation.log = await this.#evidence(violation);
    return violations;
  }
}

// Milliseconds from the acknowledgement of a message to the first part of its answer, at worst.
function slowest(oracle, traffic) {
  const times = oracle.sends.flatMap((send) =>
    (send.messages ?? []).map((name) => send.at - (traffic.messages.get(name).ackedAt ?? send.at)),
  );
  return times.reduce((most, time) => Math.max(most, time), 0);
}
