// One of the processes that share the load: started, killed, frozen and replaced as machines do it.
import { mkdirSync } from 'node:fs';
import { launchAtende } from '../e2e/support/atende.mjs';

export class Replica {
  #options;
  #atende = null;
  #restarting = null;
  url = null; // of the latest process that listened: what a balancer would still believe
  frozen = false;
  busy = false; // a fault is being done to it

  // `onLine(name, line)` gets its log. `supervised`: started again whenever it ends by itself.
  constructor({ name, home, env, binary, onLine, supervised = false }) {
    this.name = name;
    if (supervised) this.#restarting = setInterval(() => this.#startAgain(), 20);
    this.#options = { home, env, binary, onLine: (line) => onLine(name, line) };
    mkdirSync(home, { recursive: true });
  }

  // `more` are variables of this process only.
  async start(more = {}) {
    this.#atende = launchAtende({ ...this.#options, env: { ...this.#options.env, ...more } });
    await this.#atende.untilListening();
    this.url = this.#atende.url;
  }

  crashes = 0;

  #startAgain() {
    if (this.busy || !this.#atende?.ended) return;
    ++this.crashes;
    this.busy = true;
    this.start()
      .catch(() => {})
      .finally(() => (this.busy = false));
  }

  giveUp() {
    clearInterval(this.#restarting);
  }

  untilReady() {
    return this.#atende.untilReady();
  }

  // The product has nothing in hand at this moment.
  async isIdle() {
    const answer = await fetch(`${this.url}/health/ready`, { signal: AbortSignal.timeout(1000) }).catch(() => null);
    return answer?.ok === true && (await answer.json()).running_turns === 0;
  }

  async kill() {
    this.frozen = false;
    await this.#atende.kill();
  }

  // A deployment's stop: in time and with exit code 0.
  async stop() {
    await this.#atende.stop();
  }

  freeze() {
    this.frozen = true;
    this.#atende.freeze();
  }

  thaw() {
    this.frozen = false;
    this.#atende.thaw();
  }
}
