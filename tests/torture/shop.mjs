// Everything an episode runs on: replicas, Redis, the gates between them, and the fakes around.
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectionsTo } from '../e2e/support/atende.mjs';
import { makeHome, removeHome } from '../e2e/support/home.mjs';
import { acceptedThenReset, FakeMeta } from '../e2e/support/meta.mjs';
import { FakeNocoDb } from '../e2e/support/nocodb.mjs';
import { FakeOpenAi } from '../e2e/support/openai.mjs';
import { startRedis } from '../e2e/support/redis.mjs';
import { eventually } from '../e2e/support/wait.mjs';
import { SmallDisk } from './disk.mjs';
import { Gate } from './gate.mjs';
import { Mind } from './model.mjs';
import { Probe } from './probe.mjs';
import { eventIn, knobsInForce } from './product.mjs';
import { Random } from './random.mjs';
import { Replica } from './replica.mjs';

const REPLICAS = 3;
const LEAD_COLUMNS = ['Nome', 'Telefone', 'ID do contato'];
const WANTED = {
  APP_ENV: 'prod',
  ADMIN_TOKEN: 'torture-operator-password',
  LOG_LEVEL: 'info',
  DEBOUNCE_SECONDS: '0.1',
  DEBOUNCE_MAX_SECONDS: '1',
  LEASE_SECONDS: '0.8',
  ECHO_HOLD_SECONDS: '0.5',
  SEND_VERDICT_SECONDS: '5', // longer than any request here is held up, frozen or late
  HUMAN_PAUSE_MINUTES: '30',
  // The torture's customers are bots without end.
  MAX_ANSWERS_PER_10_MINUTES: '1000000',
  MAX_ANSWERS_PER_DAY: '1000000',
  MAX_RAPID_TURNS: '1000000',
  MAX_AGENT_INPUT_CHARS: '1000000',
};

export class Shop {
  replicas = [];
  gates = new Map(); // name of the replica → { redis, graph, model }
  events = []; // what the replicas' logs report, as product.mjs reads it
  disk = null;
  #logPath;
  #log;

  // `options`: binary, seed, logPath, say; env; fsync; gates (true: a bad network is possible); diskMegabytes;
  // standby (true: Redis has a replica, and can fail over to it); crashes (true: replicas that end are started again);
  // binaries (one for each replica, instead of `binary`: { binary, env });
  // model (see Mind); graph { time: [least, most], resets: share of answers lost after acceptance }
  static async open(options) {
    const shop = new Shop();
    shop.options = options;
    shop.#logPath = options.logPath;
    shop.#log = createWriteStream(options.logPath);
    shop.home = await makeHome();
    try {
      await shop.#build();
    } catch (error) {
      await shop.close();
      throw error;
    }
    return shop;
  }

  async #build() {
    const { diskMegabytes, say, fsync = 'always' } = this.options;
    if (diskMegabytes) this.mounted = SmallDisk.mount(join(this.home, 'disk'), diskMegabytes, say);
    this.disk = this.mounted?.path ?? null;
    this.#openFakes();
    await Promise.all([this.meta, this.openai, this.nocodb].map((fake) => fake.comeBack()));
    this.redis = await startRedis({
      directory: join(this.disk ?? this.home, 'redis'),
      settings: { appendfsync: fsync },
    });
    if (this.options.standby) await this.#addStandby();
    this.probe = new Probe(this.redisGate?.port ?? this.redis.port);
    await this.#launchReplicas();
  }

  #openFakes() {
    const { model, graph = {}, seed } = this.options;
    const chance = new Random(seed, 'graph');
    const { time = [2, 20], resets = 0 } = graph;
    this.meta = new FakeMeta('Meta');
    this.meta.otherwise = () => ({
      after: chance.between(...time),
      ...(chance.chance(resets) && acceptedThenReset()),
    });
    this.mind = new Mind({ random: new Random(seed, 'model'), ...model });
    this.openai = new FakeOpenAi('OpenAI');
    Object.assign(this.openai, { keepsRequests: false, otherwise: (request) => this.mind.answer(request) });
    this.nocodb = Object.assign(new FakeNocoDb('NocoDB'), { columns: LEAD_COLUMNS });
  }

  async #addStandby() {
    this.redisGate = await Gate.before(this.redis.port);
    await this.follow();
  }

  // A new Redis that follows the primary, once it has all that the primary has.
  async follow() {
    const number = (this.standbys = (this.standbys ?? 0) + 1);
    const settings = { appendonly: 'no', replicaof: `127.0.0.1 ${this.redis.port}` };
    this.standby = await startRedis({ directory: join(this.home, `standby-${number}`), settings });
    const has = async () => (await this.redis.command('EVAL', "redis.call('SET','linked',1)", '0'), this.redis.command('WAIT', '1', '200'));
    await eventually(async () => (await has()) === '1', 'a replica of Redis that follows', 20_000);
  }

  // The replica takes over while the primary still works; then the primary dies, and a new replica comes.
  async failOver(ms) {
    await this.standby.command('REPLICAOF', 'NO', 'ONE');
    await sleep(ms);
    await this.redis.kill();
    this.redis = this.standby;
    this.redisGate.pointTo(this.redis.port);
    await this.follow();
  }

  async #launchReplicas() {
    const { binary, env } = this.options;
    const all = { ...WANTED, ...connectionsTo(this.meta, this.openai), ...this.nocodb.env, ...env };
    this.knobs = await knobsInForce(binary, this.home, all);
    for (let number = 1; number <= REPLICAS; ++number) {
      const name = `replica-${number}`;
      const replica = new Replica({
        name,
        home: join(this.disk ?? this.home, name),
        env: { ...all, ...(await this.#roads(name)), ...this.options.binaries?.[number - 1].env },
        binary: this.options.binaries?.[number - 1].binary ?? binary,
        supervised: this.options.crashes,
        onLine: (from, line) => this.#note(from, line),
      });
      this.replicas.push(replica);
      await replica.start();
    }
    await Promise.all(this.replicas.map((replica) => replica.untilReady()));
  }

  async #roads(name) {
    if (this.redisGate) return { REDIS_URL: `redis://127.0.0.1:${this.redisGate.port}` };
    if (!this.options.gates) return { REDIS_URL: this.redis.url };
    const portOf = ({ url }) => Number(new URL(url).port);
    const gates = {
      redis: await Gate.before(this.redis.port),
      graph: await Gate.before(portOf(this.meta)),
      model: await Gate.before(portOf(this.openai)),
    };
    this.gates.set(name, gates);
    return {
      REDIS_URL: `redis://127.0.0.1:${gates.redis.port}`,
      GRAPH_BASE_URL: `http://127.0.0.1:${gates.graph.port}`,
      OPENAI_BASE_URL: `http://127.0.0.1:${gates.model.port}/v1`,
    };
  }

  #note(from, line) {
    this.#log.write(`${from} ${line}\n`);
    const event = eventIn(line);
    if (event) this.events.push({ ...event, from, at: Date.now() });
  }

  // The last log lines that mention `text`, of all replicas, as they came.
  async logAbout(text, count = 30) {
    await new Promise((done) => this.#log.write('', done));
    const lines = (await readFile(this.#logPath, 'utf8')).split('\n');
    return lines.filter((line) => line.includes(text)).slice(-count);
  }

  get fakeViolations() {
    return [...this.meta.violations, ...this.openai.violations, ...this.nocodb.violations, ...this.mind.violations];
  }

  async close() {
    this.probe?.close();
    for (const replica of this.replicas) replica.giveUp();
    this.redisGate?.stop();
    for (const gates of this.gates.values()) for (const gate of Object.values(gates)) gate.stop();
    this.mounted?.unmount();
    await removeHome(this.home);
    for (const fake of [this.meta, this.openai, this.nocodb]) await fake?.stop();
    this.#log.end();
  }
}
