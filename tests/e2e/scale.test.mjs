// docker compose up --scale agent=3: several processes with one Redis and one DATA_DIR behind the bundled proxies.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { launchAtende, runAtende } from './support/atende.mjs';
import { EventSource } from './support/event_source.mjs';
import { makeHome, removeHome } from './support/home.mjs';
import { FakeMeta } from './support/meta.mjs';
import { envelope } from './support/meta_webhook.mjs';
import { FakeOpenAi, callTool, reply } from './support/openai.mjs';
import { WITHOUT_CADDY, startProxy } from './support/proxy.mjs';
import { freePort, startRedis } from './support/redis.mjs';
import { eventually } from './support/wait.mjs';

const RECOVERED_WITHIN_MS = 60_000; // leases of a dead process have to run out first
const CHAT_TOKEN = 'a-token-for-the-page';
const SAVE_LEAD = 'add_lead_to_nocodb';
const LEAD = { name: 'Ana Souza', phone: '(81) 99876-5432', interest: 'XY 150', city: 'Recife', consent: true };

class ScaledShop {
  agents = new Map(); // by address
  homes = [];

  async open() {
    this.home = await makeHome();
    [this.redis, this.meta, this.openai, this.port] = await Promise.all([
      startRedis(),
      FakeMeta.start(),
      FakeOpenAi.start(),
      freePort(),
    ]);
    this.proxy = await startProxy({ home: this.home, agentPort: this.port });
    this.meta.webhookUrl = `${this.proxy.url}/webhook`;
    this.meta.situation = () => [...this.agents.values()].map((agent) => agent.tail(15)).join('\n--\n');
    await this.scale('127.0.0.2', '127.0.0.3', '127.0.0.4');
  }

  // As compose does: what is too many gets SIGTERM, what is missing is started, the DNS follows.
  async scale(...addresses) {
    const ending = [...this.agents].filter(([address]) => !addresses.includes(address)).map(([, agent]) => agent);
    for (const address of this.agents.keys()) if (!addresses.includes(address)) this.agents.delete(address);
    for (const address of addresses) if (!this.agents.has(address)) await this.#start(address);
    const stopped = Promise.all(ending.map((agent) => agent.stop()));
    await this.proxy.name(...addresses);
    await stopped;
  }

  async #start(address) {
    const env = {
      HOST: address,
      PORT: String(this.port),
      DATA_DIR: join(this.home, 'data'),
      REDIS_URL: this.redis.url,
      DEBOUNCE_SECONDS: '0.3',
      LEASE_SECONDS: '3',
      WEB_CHAT_TOKEN: CHAT_TOKEN,
      WEB_CHAT_ORIGINS: 'https://loja.example',
      WEB_CHAT_SESSIONS_PER_MINUTE: '1',
      TRUSTED_PROXIES: '127.0.0.1',
    };
    const home = await makeHome();
    this.homes.push(home);
    const agent = launchAtende({ home, env, meta: this.meta, openai: this.openai });
    await agent.untilReady();
    this.agents.set(address, agent);
  }

  // `count` new customers write at the same time. → them, and a promise of every webhook's 200
  crowd(count) {
    const customers = Array.from({ length: count }, () => this.meta.customer());
    let taken = 0;
    const writing = customers.map((customer) => customer.writes('tem a XY 150?').then(() => ++taken));
    return { customers, allTaken: Promise.all(writing), taken: () => taken };
  }

  async eachIsAnswered(customers) {
    for (const customer of customers) assert.match(await customer.hears(RECOVERED_WITHIN_MS), /XY 150/);
    this.noneIsAnsweredTwice(customers);
  }

  noneIsAnsweredTwice(customers) {
    for (const customer of customers) assert.equal(customer.inbox.length, 1, customer.inbox.join(' | '));
  }

  // Resolves when webhooks through the proxy have reached every agent.
  async untilAllWork() {
    const received = (agent) => agent.lines.filter((line) => line.includes('[RECV]')).length;
    const earlier = new Map([...this.agents.values()].map((agent) => [agent, received(agent)]));
    await eventually(async () => {
      await this.meta.post(envelope([this.meta.customer().text('oi')]));
      return [...earlier].every(([agent, count]) => received(agent) > count);
    }, 'webhook at every agent');
  }

  async close() {
    await Promise.all([...this.agents.values()].map((agent) => agent.stop()));
    await this.proxy?.stop();
    for (const home of [...this.homes, this.home]) await removeHome(home);
    await Promise.all([this.redis.remove(), this.meta.stop(), this.openai.stop()]);
  }
}

describe('three agents behind the bundled proxy', () => {
  const shop = new ScaledShop();
  const addresses = ['127.0.0.2', '127.0.0.3', '127.0.0.4'];
  before(() => shop.open());
  beforeEach(async () => {
    await shop.scale(...addresses);
    await shop.untilAllWork();
  });
  afterEach(() => [shop.meta, shop.openai].forEach((fake) => fake.assertClean()));
  after(() => shop.close());

  it('answer each customer once, and no lead overwrites another', async () => {
    const usual = shop.openai.otherwise;
    shop.openai.otherwise = ({ toolResults }) =>
      toolResults.length > 0 ? reply('XY 150: anotado') : callTool(SAVE_LEAD, LEAD);
    const { customers, allTaken } = shop.crowd(30);
    await allTaken;
    await shop.eachIsAnswered(customers);
    shop.openai.otherwise = usual;
    const leads = readFileSync(join(shop.home, 'data', 'leads.csv'), 'utf8');
    for (const { id } of customers) assert.ok(leads.includes(id), `${id} is not in leads.csv`);
  });

  it('one is killed while it holds webhooks: none is refused', async () => {
    const victim = shop.agents.get(addresses[1]);
    victim.freeze();
    const { customers, allTaken, taken } = shop.crowd(24);
    await eventually(() => taken() > 0, 'accepted webhook');
    assert.ok(taken() < customers.length, 'none reached the one that is killed');
    await victim.kill();
    shop.agents.delete(addresses[1]);
    await allTaken;
    const late = shop.crowd(24); // its name is still in the DNS
    await late.allTaken;
    await shop.eachIsAnswered([...customers, ...late.customers]);
  });

  it('one is frozen: none is refused, and it does no harm when it wakes up', async (t) => {
    const frozen = shop.agents.get(addresses[2]);
    frozen.freeze();
    t.after(() => frozen.thaw());
    const { customers, allTaken } = shop.crowd(24);
    await allTaken;
    await shop.eachIsAnswered(customers);
    frozen.thaw();
    await shop.untilAllWork();
    shop.noneIsAnsweredTwice(customers);
  });

  it('are followed when there are fewer or more of them', async () => {
    const first = shop.crowd(24);
    const scaled = shop.scale('127.0.0.2');
    const during = shop.crowd(24);
    await Promise.all([scaled, first.allTaken, during.allTaken]);
    await shop.eachIsAnswered([...first.customers, ...during.customers]);
    await shop.scale('127.0.0.2', '127.0.0.5');
    await shop.untilAllWork();
  });

  it('show a simulated conversation whole', async () => {
    await shop.proxy.untilShared(...addresses);
    for (const contact of ['ana', 'bia', 'caio']) {
      const args = ['dm', '--url', shop.proxy.url, '--contact', contact, `oi de ${contact}`];
      const { code, stdout } = await runAtende(args, { home: shop.home });
      assert.equal(stdout, `Resposta: oi de ${contact}\n`);
      assert.equal(code, 0);
    }
  });

  it('know the visitors of a web chat apart', async () => {
    await shop.proxy.untilShared(...addresses);
    const begins = async (from, claims) => {
      const headers = { authorization: `Bearer ${CHAT_TOKEN}`, ...claims };
      const page = await EventSource.open(`${shop.proxy.url}/api/agent/chat/stream`, { from, headers, json: { message: 'oi' } });
      if (page.status === 200) await page.untilEnd();
      return page.status;
    };
    const visitors = Array.from({ length: 8 }, (_, i) => `127.0.7.${i + 1}`); // several at each agent
    assert.deepEqual(await Promise.all(visitors.map((from) => begins(from))), Array(8).fill(200));
    const claims = { 'x-forwarded-for': '203.0.113.7' };
    assert.deepEqual(await Promise.all(visitors.map((from) => begins(from, claims))), Array(8).fill(429));
  });

  it('are reached through https as well, by webhooks, the web chat and /health only', { skip: WITHOUT_CADDY }, async () => {
    const url = await shop.proxy.startCaddy();
    const ana = shop.meta.customer();
    const { status } = await shop.meta.post(envelope([ana.text('tem a XY 150?')]), { url: `${url}/webhook` });
    assert.equal(status, 200);
    await shop.eachIsAnswered([ana]);
    let think;
    const thought = new Promise((resolve) => (think = resolve));
    const usual = shop.openai.otherwise;
    shop.openai.otherwise = (request) => ({ ...usual(request), after: thought });
    const headers = { authorization: `Bearer ${CHAT_TOKEN}` };
    const page = await EventSource.open(`${url}/api/agent/chat/stream`, { headers, json: { message: 'oi' } });
    await page.until(({ data }) => data.stage === 'thinking', 'news before the answer');
    think();
    shop.openai.otherwise = usual;
    await page.untilEnd();
    assert.deepEqual(page.messages, ['Resposta: oi']);
    assert.equal((await fetch(`${url}/health`)).status, 200);
    for (const path of ['/', '/simulator', '/admin/api/status', '/api/conversations/1/events', '/health/ready', '/webhook/x'])
      assert.equal((await fetch(`${url}${path}`, { redirect: 'manual' })).status, 404, path);
  });
});
