// Meta's side of the webhooks: delivers events until each was answered 200, in any order, in other company at each
// try, some of them twice, and to whichever replica the balancer picks.
import { envelope } from '../e2e/support/meta_webhook.mjs';

const TICK_MS = 10;
const AT_ONCE_MS = [0, 30];
const ANSWER_WITHIN_MS = 2500; // then Meta hangs up and counts it as failed
const HANGS_UP_WITHIN_MS = 15;
const LONGEST_BACKOFF_MS = 800;
const MOST_EVENTS = 8;
const MOST_WAITING = 1500;
const MOST_UNDER_WAY = 100; // posts at once: retries must not become a storm of their own

export class Courier {
  #queue = [];
  #underWay = 0;
  #timer = null;
  posts = 0;
  refused = 0;

  // `duplicates`: the share of events delivered twice. `hangUps`: the share of posts whose answer is not waited for,
  // so that what was stored is not known to be.
  constructor({ meta, replicas, random, duplicates = 0.2, hangUps = 0.03 }) {
    Object.assign(this, { meta, replicas, random, duplicates, hangUps });
  }

  start() {
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  stop() {
    clearInterval(this.#timer);
    this.#queue = [];
  }

  // So much is waiting that more would only measure the machine.
  get congested() {
    return this.#queue.length > MOST_WAITING;
  }

  get idle() {
    return this.#queue.length === 0 && this.#underWay === 0;
  }

  // `record` gets `postedAt` at the first try and `ackedAt` at the first 200. `within`: [least, most] ms until then.
  deliver(event, record = {}, within = AT_ONCE_MS) {
    this.#enqueue({ event, record, tries: 0 }, this.random.between(...within));
    if (this.random.chance(this.duplicates)) {
      const late = this.random.chance(0.5); // the others race with the original on another replica
      this.#enqueue({ event, record, tries: 0 }, within[0] + (late ? this.random.between(50, 2000) : 0));
    }
    return record;
  }

  #enqueue(item, delay) {
    this.#queue.push({ ...item, notBefore: Date.now() + delay });
  }

  #tick() {
    const now = Date.now();
    const due = this.random.shuffled(this.#queue.filter((item) => item.notBefore <= now));
    this.#queue = this.#queue.filter((item) => item.notBefore > now);
    while (due.length > 0 && this.#underWay < MOST_UNDER_WAY)
      this.#post(due.splice(0, this.random.between(1, MOST_EVENTS)));
    this.#queue.push(...due);
  }

  async #post(items) {
    const now = Date.now();
    for (const { record } of items) record.postedAt ??= now;
    ++this.posts;
    ++this.#underWay;
    const acked = await this.#isAcked(items.map((item) => item.event));
    --this.#underWay;
    if (acked) {
      for (const { record } of items) record.ackedAt ??= Date.now();
      return;
    }
    ++this.refused;
    for (const item of items) {
      const backoff = Math.min(LONGEST_BACKOFF_MS, 50 * 2 ** item.tries);
      this.#enqueue({ ...item, tries: item.tries + 1 }, this.random.between(backoff >> 1, backoff));
    }
  }

  async #isAcked(events) {
    const { url } = this.random.pick(this.replicas);
    if (!url) return false;
    try {
      const hangsUp = this.random.chance(this.hangUps);
      const signal = AbortSignal.timeout(hangsUp ? this.random.between(0, HANGS_UP_WITHIN_MS) : ANSWER_WITHIN_MS);
      const { status } = await this.meta.post(envelope(events), { url: `${url}/webhook`, signal });
      if (status !== 200 && status !== 503) this.meta.violation(`a webhook was answered ${status}`);
      return status === 200;
    } catch {
      return false; // refused, reset or too slow
    }
  }
}
