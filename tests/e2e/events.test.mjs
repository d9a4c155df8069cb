// What happens in a turn, while it happens: followed by an operator from any agent, and by the page of a web chat.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { launchAtende } from './support/atende.mjs';
import { EventSource } from './support/event_source.mjs';
import { makeHome, removeHome } from './support/home.mjs';
import { FakeMeta } from './support/meta.mjs';
import { FakeOpenAi, callTool, error, reply, truncated } from './support/openai.mjs';
import { startRedis } from './support/redis.mjs';
import { sharedWorld } from './support/world.mjs';

const ADMIN_TOKEN = 'an-operators-token';
const CHAT_TOKEN = 'a-token-for-the-page';
const ORIGIN = 'https://loja.example';
const PATH = '/api/agent/chat/stream';
const CHAT = { WEB_CHAT_TOKEN: CHAT_TOKEN, WEB_CHAT_ORIGINS: `${ORIGIN},https://www.loja.example` };
const isMessage = (event) => event.type === 'content' && event.data.message !== undefined;

const follow = (agent, customer, { token = ADMIN_TOKEN, after, name } = {}) =>
  EventSource.open(`${agent.url}/api/conversations/${encodeURIComponent(name ?? `ig:${customer.account}:${customer.id}`)}/events`, {
    headers: { authorization: `Bearer ${token}`, ...(after && { 'last-event-id': after }) },
  });

const pageHeaders = (token = CHAT_TOKEN, origin = ORIGIN) => ({ authorization: `Bearer ${token}`, ...(origin && { origin }) });
const says = (agent, message, { session, id, token, origin } = {}) =>
  EventSource.open(agent.url + PATH, {
    headers: pageHeaders(token, origin),
    json: { message, ...(session && { session_id: session }), ...(id && { message_id: id }) },
  });
const comesBack = (agent, session, after) =>
  EventSource.open(agent.url + PATH, {
    headers: { ...pageHeaders(), 'x-session-id': session, ...(after && { 'last-event-id': after }) },
  });
const sessionOf = (page) => page.events[0].data.session_id;

describe('two agents of one shop', () => {
  let redis, meta, openai;
  let agents = [];
  let homes = [];

  beforeEach(async () => {
    [redis, meta, openai] = await Promise.all([startRedis(), FakeMeta.start(), FakeOpenAi.start()]);
    homes = [await makeHome(), await makeHome()];
    for (const home of homes) {
      const env = { REDIS_URL: redis.url, ADMIN_TOKEN, DEBOUNCE_SECONDS: '0.1', LEASE_SECONDS: '1', ...CHAT };
      const agent = launchAtende({ home, env, meta, openai });
      await agent.untilReady();
      agents.push(agent);
    }
    Object.assign(meta, { webhookUrl: `${agents[0].url}/webhook`, situation: () => agents.map((a) => a.tail(20)).join('\n--\n') });
  });
  afterEach(async () => {
    for (const agent of agents.splice(0)) if (!agent.ended) await agent.stop();
    for (const home of homes.splice(0)) await removeHome(home);
    await Promise.all([redis.remove(), meta.stop(), openai.stop()]);
    meta.assertClean();
    openai.assertClean();
  });

  it('the turn of one is followed at the other, while the model writes', async () => {
    const ana = meta.customer();
    openai.answerNext(callTool('add_lead_to_nocodb', { name: 'Ana' }));
    const stalled = openai.stall(reply('Temos a XY 150 sim, em duas cores, para pronta entrega!'));
    const watcher = await follow(agents[1], ana);
    assert.equal(watcher.headers['content-type'], 'text/event-stream');
    await ana.writes('tem a XY 150?');
    await stalled.halfway;
    await watcher.until((event) => event.type === 'content' && /Temos/.test(event.data.content), 'the first words');
    assert.deepEqual(ana.inbox, [], 'nothing is sent yet');
    stalled.release();
    await watcher.untilType('complete');
    assert.deepEqual(watcher.messages, [await ana.hears()]);
    const call = watcher.ofType('tool_call')[0].data;
    assert.deepEqual([call.tool, call.params], ['add_lead_to_nocodb', { name: 'Ana' }]);
    assert.ok(watcher.ofType('agent_switch')[0].data.agent);
    assert.deepEqual(watcher.events.map(({ data }) => data.stage).filter(Boolean).slice(0, 2), ['begun', 'thinking']);
    assert.ok(openai.requests.every(({ body }) => body.stream === true));
    watcher.leave();
  });

  it('nothing changes where nobody follows', async () => {
    const ana = meta.customer();
    await ana.writes('tem a XY 150?');
    await ana.hears();
    assert.equal(openai.requests[0].body.stream, undefined);
    const late = await follow(agents[0], ana, { after: '0' });
    await ana.writes('e a cor?');
    await late.untilType('complete');
    assert.equal(late.messages.length, 1, 'what nobody followed was not kept');
    late.leave();
  });

  it('a reader who comes back, to the other agent, misses nothing and sees nothing twice', async () => {
    const ana = meta.customer();
    const held = openai.hold(reply('Temos sim!'));
    const first = await follow(agents[1], ana);
    await ana.writes('tem a XY 150?');
    await held.taken;
    await first.until(({ data }) => data.stage === 'thinking');
    first.leave();
    held.release();
    await ana.hears();
    const again = await follow(agents[0], ana, { after: first.lastId });
    await again.untilType('complete');
    assert.deepEqual(again.messages, ['Temos sim!']);
    const ids = [...first.events, ...again.events].map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    again.leave();
  });

  it('a web chat is answered though its agent is killed in the middle of a word', async () => {
    const stalled = openai.stall(reply('Temos a XY 150 sim, e a vermelha acabou de chegar na loja.'));
    const page = await says(agents[0], 'tem a XY 150?');
    await page.until((event) => event.type === 'content', 'the first words');
    await agents[0].kill();
    await page.untilEnd();
    assert.ok(page.broken);
    openai.answerNext(reply('Temos sim!'));
    const back = await comesBack(agents[1], sessionOf(page), page.lastId);
    await back.until(({ data }) => data.type === 'complete', 'complete');
    assert.deepEqual(back.messages, ['Temos sim!']);
    assert.ok(back.ofType('content').some(({ data }) => data.restart), 'what was half written is void');
    stalled.release();
    back.leave();
  });

  it('what a killed agent has said is told by the other, each answer once', async () => {
    const page = await says(agents[0], 'pergunta 0');
    await page.untilEnd();
    for (const n of [1, 2, 3]) await (await says(agents[0], `pergunta ${n}`, { session: sessionOf(page) })).untilEnd();
    await agents[0].kill();
    const all = await comesBack(agents[1], sessionOf(page), '0');
    await all.until((event) => isMessage(event) && all.messages.length === 4, 'the last answer');
    assert.deepEqual(
      all.messages,
      [0, 1, 2, 3].map((n) => `Resposta: pergunta ${n}`),
    );
    all.leave();
  });

  it('SIGTERM ends open streams', async () => {
    const ana = meta.customer();
    const watcher = await follow(agents[1], ana);
    await agents[1].stop();
    await watcher.untilEnd();
    assert.ok(watcher.ended, 'and as it should: a reader can tell it from a broken connection');
  });
});

describe('who may follow a conversation', () => {
  const world = sharedWorld({ env: { ADMIN_TOKEN } });

  it('is who knows the token', async () => {
    const ana = world.customer();
    assert.equal((await follow(world.atende, ana, { token: 'another-operators-token' })).status, 401);
    assert.equal((await EventSource.open(`${world.atende.url}/api/conversations/${ana.id}/events?token=${ADMIN_TOKEN}`)).status, 400);
  });

  it('names one that exists', async () => {
    const ana = world.customer();
    assert.equal((await follow(world.atende, ana, { name: ana.id })).status, 404);
    assert.equal((await follow(world.atende, ana, { name: 'a b' })).status, 400);
    assert.equal((await follow(world.atende, ana, { after: 'yesterday' })).status, 400);
    await ana.writes('oi');
    await ana.hears();
    const known = await follow(world.atende, ana, { name: ana.id });
    assert.equal(known.status, 200);
    known.leave();
  });

  it('a web chat that is not configured does not exist', async () => {
    assert.equal((await says(world.atende, 'oi')).status, 404);
  });
});

describe('a web chat', () => {
  const world = sharedWorld({ env: { ...CHAT, ADMIN_TOKEN } });

  it('answers with what happens in the turn, until it is complete', async () => {
    world.openai.answerNext(reply('Olá! Temos sim.'));
    const page = await says(world.atende, 'tem a XY 150?');
    assert.equal(page.headers['access-control-allow-origin'], ORIGIN);
    await page.untilEnd();
    assert.ok(page.ended);
    assert.deepEqual(page.messages, ['Olá! Temos sim.']);
    assert.equal(page.events.at(-1).type, 'complete');
    assert.deepEqual(page.events.at(-1).data.answers, [page.events[0].data.message_id]);
    assert.match(sessionOf(page), /^[\w-]{22}$/);
    assert.ok(!world.atende.log.includes(sessionOf(page)), 'who knows the session is the customer');
  });

  it('remembers the session', async () => {
    const first = await says(world.atende, 'meu nome é Ana');
    await first.untilEnd();
    const second = await says(world.atende, 'e qual a cor?', { session: sessionOf(first) });
    await second.untilEnd();
    const [request] = world.openai.askedAbout('e qual a cor?');
    assert.ok(request.messages.some(({ content }) => content === 'meu nome é Ana'));
    assert.equal(second.messages.length, 1, 'the first answer is not told again');
  });

  it('shows customers no arguments of tools', async () => {
    world.openai.answerNext(callTool('add_lead_to_nocodb', { name: 'Ana Souza' }), reply('Anotado.'));
    const page = await says(world.atende, 'sou a Ana Souza');
    await page.untilEnd();
    assert.deepEqual(page.ofType('tool_call')[0].data.params, {});
    assert.equal(page.ofType('tool_call')[0].data.tool, 'add_lead_to_nocodb');
  });

  it('two messages in a row are one turn, and both readers see its end', async () => {
    const held = world.openai.hold(reply('não serve mais'));
    const first = await says(world.atende, 'tem a XY 150?');
    await held.taken;
    const second = await says(world.atende, 'na cor azul?', { session: sessionOf(first) });
    held.release();
    await Promise.all([first.untilEnd(), second.untilEnd()]);
    assert.equal(first.messages.length, 1);
    assert.match(first.messages[0], /azul/);
    assert.deepEqual(second.messages, first.messages);
  });

  it('begins anew when the model breaks off in the middle', async () => {
    world.openai.answerNext(truncated('Esta resposta nunca chega ao fim, porque a conexão cai no meio.'), reply('Temos sim!'));
    const page = await says(world.atende, 'tem a XY 150?');
    await page.untilEnd();
    assert.deepEqual(page.messages, ['Temos sim!']);
    assert.ok(page.ofType('content').some(({ data }) => data.restart));
  });

  it('says so when the model cannot be reached, and answers later', async () => {
    const down = () => error(401, 'invalid_api_key', 'no');
    world.openai.answerNext(down());
    const page = await says(world.atende, 'tem a XY 150?');
    await page.untilEnd();
    assert.equal(page.events.at(-1).type, 'error');
    assert.equal(page.events.at(-1).data.again, true);
    assert.equal(page.messages.length, 1, 'one moment, please');
  });

  it('a message that is posted twice is taken once', async () => {
    const first = await says(world.atende, 'oi');
    await first.untilEnd();
    const session = sessionOf(first);
    const once = await says(world.atende, 'quanto custa?', { session, id: 'click-1' });
    await once.untilEnd();
    assert.equal((await says(world.atende, 'quanto custa?', { session, id: 'click-1' })).status, 409);
    await world.quiet();
    assert.equal(world.openai.askedAbout('quanto custa?').length, 1);
  });

  it('takes a message though the session has all its streams open, and answers who comes back', async () => {
    const first = await says(world.atende, 'oi');
    await first.untilEnd();
    const session = sessionOf(first);
    const readers = [];
    for (let i = 0; i < 4; ++i) readers.push(await comesBack(world.atende, session));
    const held = world.openai.hold(reply('Temos sim!'));
    const page = await says(world.atende, 'tem a XY 150?', { session });
    await page.untilEnd();
    assert.ok(page.ended);
    assert.deepEqual(page.messages, []);
    await held.taken;
    held.release();
    await readers[0].untilType('complete');
    const back = await comesBack(world.atende, session, page.lastId);
    await back.untilEnd();
    assert.deepEqual(back.messages, ['Temos sim!']);
    for (const reader of readers) reader.leave();
  });

  it('refuses strangers', async () => {
    assert.equal((await says(world.atende, 'oi', { token: 'another-token-entirely' })).status, 401);
    const elsewhere = await says(world.atende, 'oi', { origin: 'https://evil.example' });
    assert.equal(elsewhere.status, 403);
    assert.equal(elsewhere.headers['access-control-allow-origin'], undefined);
    assert.equal((await says(world.atende, 'oi', { session: 'made-up-by-the-page-it' })).status, 404);
    assert.equal((await comesBack(world.atende, 'made-up-by-the-page-it')).status, 404);
    assert.equal((await says(world.atende, '')).status, 400);
    assert.equal((await says(world.atende, 'x'.repeat(4_001))).status, 413);
    assert.equal((await comesBack(world.atende, 'x', 'y')).status, 404);
  });

  it('tells a browser what its page may do', async () => {
    const ask = (origin) => EventSource.open(world.atende.url + PATH, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
    const ours = await ask('https://www.loja.example');
    assert.equal(ours.status, 200);
    assert.equal(ours.headers['access-control-allow-origin'], 'https://www.loja.example');
    assert.match(ours.headers['access-control-allow-headers'], /Authorization/);
    assert.equal((await ask('https://evil.example')).status, 403);
  });

  it('does not let one session write without end', async () => {
    const first = await says(world.atende, 'oi');
    await first.untilEnd();
    const session = sessionOf(first);
    const statuses = [];
    for (let i = 0; i < 20; ++i) {
      const page = await says(world.atende, `mensagem ${i}`, { session });
      statuses.push(page.status);
      page.leave();
    }
    assert.equal(statuses.filter((status) => status === 429).length, 1);
    assert.equal(statuses.at(-1), 429);
    await world.atende.untilIdle();
  });
});
