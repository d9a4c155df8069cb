// One shop: the binary, Meta and OpenAI around it, and the customers. Ends clean or fails its test.
import { after, afterEach, before } from 'node:test';
import { startAtende } from './atende.mjs';
import { makeHome, removeHome } from './home.mjs';
import { FakeMeta } from './meta.mjs';
import { FakeOpenAi } from './openai.mjs';

// Short enough for fast tests, long enough that messages written in a row are one burst on a busy machine.
const QUIET_WINDOW = '0.3';
const ECHO_HOLD = '0.2';

export class World {
  // `options`: env, meta and openai (their properties), binary
  static async start(options = {}) {
    const world = new World();
    world.options = options;
    world.home = await makeHome();
    world.meta = await FakeMeta.start(options.meta);
    world.openai = await FakeOpenAi.start(options.openai);
    try {
      await world.startAtende();
    } catch (error) {
      await world.demolish();
      throw error;
    }
    return world;
  }

  // Also after a stop or a kill: on the same data.
  async startAtende() {
    const { env, binary } = this.options;
    this.atende = await startAtende({
      home: this.home,
      env: { DEBOUNCE_SECONDS: QUIET_WINDOW, ECHO_HOLD_SECONDS: ECHO_HOLD, ...env },
      meta: this.meta,
      openai: this.openai,
      binary,
    });
  }

  customer(who) {
    return this.meta.customer(who);
  }

  // Resolves when everything delivered before it has surely had its effect: another customer was answered, and then
  // one more. What is due earlier is answered earlier.
  async quiet() {
    for (let i = 0; i < 2; ++i) {
      const bystander = this.customer();
      await bystander.writes('tudo quieto?');
      await bystander.hears();
      await this.meta.settled();
    }
  }

  assertClean() {
    for (const fake of [this.meta, this.openai]) fake.assertClean();
  }

  async end() {
    try {
      await this.meta.settled();
      await this.atende.stop();
      this.assertClean();
    } finally {
      await this.demolish();
    }
  }

  async demolish() {
    await removeHome(this.home);
    await Promise.all([this.meta.stop(), this.openai.stop()]);
  }
}

// For one test.
export async function worldFor(test, options) {
  const world = await World.start(options);
  test.after(() => world.end());
  return world;
}

// For all tests of a describe block; filled in before the first of them runs.
export function sharedWorld(options) {
  const shared = new World();
  before(async () => Object.assign(shared, await World.start(options)));
  afterEach(() => shared.assertClean());
  after(() => shared.end());
  return shared;
}
