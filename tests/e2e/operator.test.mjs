// The operator's commands and /admin/api: what is seen, what is changed, and who may.
import assert from 'node:assert/strict';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, describe, it } from 'node:test';
import { runAtende } from './support/atende.mjs';
import { acceptedThenReset } from './support/meta.mjs';
import { reply } from './support/openai.mjs';
import { startRedis } from './support/redis.mjs';
import { eventually } from './support/wait.mjs';
import { World, sharedWorld, worldFor } from './support/world.mjs';

const TOKEN = 'an-operators-token';

// `from`: the address of this machine that the request comes from.
async function api(world, path, { method = 'GET', body, headers = {}, token = TOKEN, from = '127.0.0.1' } = {}) {
  const authorization = token ? { authorization: `Bearer ${token}` } : {};
  const content = body === undefined ? {} : { 'content-type': 'application/json' };
  const answer = await new Promise((resolve, reject) => {
    const options = {
      method: body === undefined ? method : 'POST',
      headers: { ...authorization, ...content, ...headers },
      localAddress: from,
    };
    http
      .request(`${world.atende.url}/admin/api/${path}`, options, resolve)
      .on('error', reject)
      .end(typeof body === 'object' ? JSON.stringify(body) : body);
  });
  return new Response(await text(answer), { status: answer.statusCode, headers: answer.headers });
}

describe('the operator', () => {
  const world = new World();
  let redis;
  before(async () => {
    redis = await startRedis();
    const env = { ADMIN_TOKEN: TOKEN, REDIS_URL: redis.url, DEBOUNCE_SECONDS: '12', DEBOUNCE_MAX_SECONDS: '12' };
    Object.assign(world, await World.start({ env }));
  });
  afterEach(() => world.assertClean());
  after(async () => {
    await world.end();
    await redis.remove();
  });

  const atende = (...args) =>
    runAtende([...args, '--url', world.atende.url], { home: world.home, env: { ADMIN_TOKEN: TOKEN, TZ: 'UTC' } });
  async function prints(...args) {
    const { code, stdout, stderr } = await atende(...args);
    assert.equal(stderr, '');
    assert.equal(code, 0);
    return stdout;
  }
  const read = async (...args) => JSON.parse(await prints(...args, '--json'));
  const whole = (customer) => `ig:${customer.account}:${customer.id}`;
  const unaccounted = async (customer) => {
    const { received, consumed, inbox } = await read('show', customer.id);
    return received - consumed - inbox.length;
  };

  it('sees what waits, and does not wait for it', async () => {
    const ana = world.customer();
    await ana.writes('tem a XY 150?');
    await ana.writes('e a cor?');
    assert.match(await prints('buffers'), new RegExp(`${ana.id} .* 2 .*em \\d+ s`));
    const { buffers } = await read('buffers');
    assert.equal(buffers.find((one) => one.contact === ana.id).unanswered, 2);
    assert.match(await prints('conversations'), new RegExp(`${ana.id} .*aguardando`));

    assert.match(await prints('flush', ana.id), /Será vista agora/);
    assert.match(await ana.hears(), /cor/);
    const shown = await prints('show', whole(ana));
    assert.match(shown, /cliente +tem a XY 150\?/);
    assert.match(shown, /bot [0-9a-f]{12} +Resposta/);
    const { history, state } = await read('show', ana.id);
    assert.deepEqual(
      history.map(({ who }) => who),
      ['customer', 'customer', 'bot'],
    );
    assert.ok(['bot', 'thinking'].includes(state));
  });

  it('sees who is being answered', async () => {
    const ana = world.customer();
    const held = world.openai.hold(reply('Já vai.'));
    await ana.writes('oi');
    await prints('flush', ana.id);
    await held.taken;
    assert.match(await prints('locks'), new RegExp(ana.id));
    const { locks } = await read('locks');
    assert.equal(locks.length, 1);
    assert.ok(locks[0].due_in_ms > 0, 'its lease');
    assert.equal((await read('status')).running_turns, 1);
    assert.match(await prints('flush', ana.id), /Já está sendo respondida/);
    held.release();
    await ana.hears();
    await world.atende.untilIdle();
    assert.match(await prints('locks'), /Ninguém/);
  });

  it('pauses and resumes', async () => {
    const ana = world.customer();
    await ana.writes('oi');
    assert.match(await prints('pause', ana.id, '--minutes', '5'), /silêncio por 5 min/);
    await ana.writes('alguém?');
    assert.match(await prints('conversations', '--limit', '1000'), new RegExp(`${ana.id} .*pausada`));
    assert.match(await prints('flush', ana.id), /uma pausa.*em 5 min|uma pausa.*em 4 min/);
    assert.match(await prints('resume', ana.id), /volta a responder/);
    assert.match(await ana.hears(), /alguém/);
    assert.match(await prints('pause', ana.id), /silêncio por 30 min/);
  });

  it('lists a send of unknown outcome and closes it', async () => {
    const ana = world.customer();
    world.meta.answerNext(acceptedThenReset());
    await ana.writes('chegou?');
    await prints('flush', ana.id);
    const find = async () => (await read('ambiguous')).ambiguous.find((one) => one.contact === ana.id);
    // Either it is still open, or it was found on the platform meanwhile: then there is nothing to close.
    await world.atende.untilLogged(new RegExp(`\\[SEND\\].*${ana.id}.*unknown`));
    const open = await find();
    if (open) {
      assert.match(open.text, /chegou/);
      assert.match(await prints('ambiguous', 'list'), new RegExp(ana.id));
      const closed = await atende('ambiguous', 'drop', ana.id, String(open.id));
      assert.ok(closed.code === 0 || /não há/.test(closed.stderr));
    }
    assert.equal(await find(), undefined);
    const { code, stderr } = await atende('ambiguous', 'drop', ana.id, '999');
    assert.equal(code, 1);
    assert.match(stderr, /não há esse envio/);
  });

  it('shows, retries and drops dead letters', async () => {
    const ana = world.customer();
    await ana.writes('este é separado');
    await prints('pause', ana.id); // consumed: as CLAIM counts what it sets aside
    await prints('resume', ana.id);
    const shard = (await redis.command('--scan', '--pattern', `atende:*:c:${whole(ana)}:h`)).match(/\{\d+\}/)[0];
    const setAside = (mid, text) => {
      const item = `${mid}\n${JSON.stringify({ at: 1_760_000_000_000, text })}`;
      const letter = { conversation: whole(ana), at: Date.now(), attempts: 5, reason: 'crashed', item };
      return redis.command('HSET', `atende:${shard}:dead`, `${whole(ana)} ${mid}`, JSON.stringify(letter));
    };
    await setAside('mid.dead.1', 'responde de novo?');
    assert.match(await prints('dead'), new RegExp(`${ana.id}.*crashed.*mid\\.dead\\.1`));
    assert.doesNotMatch(await prints('dead', 'list'), /responde de novo/);
    assert.match(await prints('dead', 'show', ana.id), /responde de novo/);
    for (const [field, value] of [['message', 5], ['message', ''], ['all', 'yes'], ['contact', 5]]) {
      const refused = await api(world, 'dead/drop', { body: { contact: ana.id, [field]: value } });
      assert.equal(refused.status, 400);
      assert.match((await refused.json()).error.message, new RegExp(`^${field} must be`));
    }
    assert.equal((await read('status')).dead, 1);
    assert.match(await prints('dead', 'retry', ana.id), /1 mensagem de volta/);
    assert.match(await ana.hears(), /responde de novo/);
    assert.equal(await unaccounted(ana), 0);
    assert.match(await prints('dead'), /Nenhuma/);

    await setAside('mid.dead.2', 'um');
    await setAside('mid.dead.3', 'dois');
    assert.equal((await atende('dead', 'drop', ana.id)).code, 1, 'which of them?');
    assert.match(await prints('dead', 'drop', ana.id, 'mid.dead.2'), /1 mensagem descartada/);
    await setAside('mid.dead.2', 'um');
    assert.match(await prints('dead', 'drop', ana.id, '--all'), /2 mensagens/);
    assert.equal((await atende('dead', 'retry', ana.id)).code, 1);
  });

  it('says which conversations a short name means', async () => {
    const ana = world.customer();
    await ana.writes('oi');
    const other = `ig:sim_shop:${ana.id}`;
    await prints('pause', other);
    const { code, stderr } = await atende('show', ana.id);
    assert.equal(code, 1);
    assert.match(stderr, /várias conversas/);
    assert.ok(stderr.includes(whole(ana)) && stderr.includes(other), stderr);
    await prints('flush', whole(ana));
    await ana.hears();
  });

  it('shows the state of everything', async () => {
    const text = await prints('status');
    assert.match(text, /^Atende \d/);
    assert.match(text, /Invariantes +(em ordem|ainda não verificados)/);
    const status = await read('status');
    assert.equal(status.invariants.violations_total, 0);
    assert.deepEqual(Object.keys(status.invariants.violations), ['I1', 'I2', 'I3', 'I4', 'I5', 'I6']);
    const ready = await (await fetch(`${world.atende.url}/health/ready`)).json();
    assert.equal(ready.checks.invariants.ok, true);
    const english = await runAtende(['status', '--url', world.atende.url], {
      home: world.home,
      env: { ADMIN_TOKEN: TOKEN, TERMINAL_LANGUAGE: 'en' },
    });
    assert.match(english.stdout, /^Atende \S+ +up for \d/);
    assert.match(english.stdout, /Invariants +(in order|not checked yet)/);
  });

  it('replays the journal, and what is known changes nothing', async () => {
    const ana = world.customer();
    const begun = new Date(Date.now() - 1_000).toISOString();
    await ana.writes('guardado no diário');
    const until = new Date(Date.now() + 60_000).toISOString();
    const replay = async () => JSON.parse(await prints('replay', '--from', begun, '--until', until, '--json'));
    const report = await eventually(async () => {
      const seen = await replay();
      return seen.webhooks > 0 && seen;
    }, 'webhook in the journal');
    assert.equal(report.handed_over, 0);
    assert.equal(report.duplicates, report.events);
    assert.equal(report.cut_short, null);
    assert.match(await prints('replay', '--from', begun, '--until', until), /já conhecido/);
    assert.equal((await read('show', ana.id)).received, 1);
    for (const times of [{}, { from: 'yesterday', until }, { from: until, until: begun }])
      assert.equal((await api(world, 'replay', { body: times })).status, 400, JSON.stringify(times));
    assert.equal((await atende('replay', '--from', until, '--until', begun)).code, 1);
    await prints('flush', ana.id);
    await ana.hears();
  });

  it('leaves an audit line for every change, without texts', async () => {
    const ana = world.customer();
    await ana.writes('segredo da cliente');
    await prints('pause', ana.id);
    const line = await world.atende.untilLogged(new RegExp(`\\[ADMIN\\].*paused.*${ana.id}`));
    assert.match(line, /127\.0\.0\.1/);
    await prints('show', ana.id);
    assert.doesNotMatch(world.atende.log, /segredo da cliente/);
    assert.ok(!world.atende.log.includes(TOKEN));
  });

  it('ends with a code and says what to do', async () => {
    const none = await atende('show', '999999');
    assert.equal(none.code, 1);
    assert.match(none.stderr, /nenhuma conversa/);
    assert.equal((await atende('pause')).code, 2);
    assert.equal((await atende('pause', '1', '--minutes', '0')).code, 2);
    const run = (env, ...args) => runAtende(args, { home: world.home, env });
    const nobody = await run({ ADMIN_TOKEN: TOKEN }, 'status', '--url', 'http://127.0.0.1:1');
    assert.equal(nobody.code, 1);
    assert.match(nobody.stderr, /inicie um/);
    const without = await run({}, 'status', '--url', world.atende.url);
    assert.equal(without.code, 1);
    assert.match(without.stderr, /defina ADMIN_TOKEN/);
    const wrong = await run({ ADMIN_TOKEN: 'not-the-right-token' }, 'status', '--url', world.atende.url);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /recusou o ADMIN_TOKEN/);
    const slash = await run({ ADMIN_TOKEN: TOKEN }, 'status', '--url', `${world.atende.url}/`);
    assert.equal(slash.code, 0, slash.stderr);
    const odd = await atende('conversations', '--json', '--after', 'x');
    assert.equal(odd.code, 1);
    assert.ok(JSON.parse(odd.stdout).error.message);
  });
});

describe('/admin/api', () => {
  const paths = ['status', 'conversations', 'show?contact=1', 'locks', 'buffers', 'ambiguous', 'dead'];
  const changes = ['pause', 'resume', 'flush', 'forget', 'ambiguous/drop', 'dead/retry', 'dead/drop', 'replay'];

  describe('with a token', () => {
    const world = sharedWorld({ env: { ADMIN_TOKEN: TOKEN } });
    // A peer of its own for each test: failures are counted.
    let next = 1;
    const stranger = () => `127.0.1.${next++}`;

    it('knows no other secret, scheme or place for it', async () => {
      const from = stranger();
      for (const path of paths) assert.equal((await api(world, path, { token: null, from })).status, 401, path);
      const others = [world.meta.token, world.meta.verifyToken, world.meta.appSecret, `${TOKEN}x`];
      for (const token of others)
        assert.equal((await api(world, 'status', { token, from: stranger() })).status, 401, token);
      const basic = `Basic ${Buffer.from(`:${TOKEN}`).toString('base64')}`;
      for (const headers of [{ authorization: basic }, { cookie: `token=${TOKEN}` }, { 'x-api-key': TOKEN }])
        assert.equal((await api(world, 'status', { token: null, headers, from: stranger() })).status, 401);
      for (const path of changes) {
        const refused = await api(world, path, { body: { contact: '1' }, token: null, from: stranger() });
        assert.equal(refused.status, 401, path);
        assert.equal(refused.headers.get('www-authenticate'), 'Bearer');
      }
    });

    it('refuses a token in the URL', async () => {
      for (const query of [`token=${TOKEN}`, `access_token=${TOKEN}`, 'contact=1&ADMIN_TOKEN=x']) {
        const refused = await api(world, `status?${query}`);
        assert.equal(refused.status, 400, query);
        assert.match((await refused.json()).error.message, /Authorization: Bearer/);
      }
      assert.ok(!world.atende.log.includes(TOKEN), 'the token is in the log');
    });

    it('is not for browsers, and never cached', async () => {
      for (const header of [{ origin: world.atende.url }, { 'sec-fetch-site': 'same-origin' }])
        assert.equal((await api(world, 'status', { headers: header })).status, 403);
      const answer = await api(world, 'status');
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      assert.equal(answer.headers.get('access-control-allow-origin'), null);
      assert.equal(answer.headers.get('set-cookie'), null);
      const refused = await api(world, 'status', { token: null, from: stranger() });
      assert.equal(refused.headers.get('cache-control'), 'no-store');
    });

    it('is tired of a peer after ten wrong tokens', async () => {
      const from = stranger();
      const tries = [];
      for (let i = 0; i < 14; ++i) tries.push((await api(world, 'status', { token: `guess-${i}`, from })).status);
      assert.deepEqual(tries, [...Array(10).fill(401), ...Array(4).fill(429)]);
      const named = { 'x-forwarded-for': '198.51.100.7' };
      const blocked = await api(world, 'status', { from, headers: named });
      assert.equal(blocked.status, 429);
      assert.equal(blocked.headers.get('retry-after'), '60');
      assert.equal((await api(world, 'status', { from: stranger() })).status, 200, 'others may');
    });

    it('changes by POST of small JSON only', async () => {
      for (const path of changes) assert.equal((await api(world, path)).status, 405, path);
      for (const path of paths.map((one) => one.split('?')[0]))
        if (!changes.includes(path)) assert.equal((await api(world, path, { body: {} })).status, 405, path);
      assert.equal((await api(world, 'pause', { body: '{}', headers: { 'content-type': 'text/plain' } })).status, 415);
      assert.equal((await api(world, 'pause', { body: { contact: 'x'.repeat(65 << 10) } })).status, 413);
      for (const body of ['[]', '{', 'null', '"x"', {}, { contact: 7 }, { contact: '*' }, { contact: 'ig:1' }])
        assert.equal((await api(world, 'pause', { body })).status, 400, JSON.stringify(body));
      const minutes = await api(world, 'pause', { body: { contact: '1', minutes: 0 } });
      assert.match((await minutes.json()).error.message, /minutes must be a whole number/);
      assert.equal((await api(world, 'resume', { body: { contact: '1' } })).status, 404);
      assert.equal((await api(world, 'nothing')).status, 404);
    });
  });

  describe('with a list of addresses', () => {
    const world = sharedWorld({ env: { ADMIN_TOKEN: TOKEN, ADMIN_ALLOW: '127.0.7.0/24, ::1' } });

    it('lets these in, and names them in the log', async () => {
      const inside = '127.0.7.9';
      assert.equal((await api(world, 'status', { from: inside })).status, 200);
      const ana = world.customer();
      await ana.writes('oi');
      await ana.hears();
      assert.equal((await api(world, 'pause', { body: { contact: ana.id }, from: inside })).status, 200);
      await world.atende.untilLogged(new RegExp(`\\[ADMIN\\] 127\\.0\\.7\\.9 paused.*${ana.id}`));
    });

    it('refuses all others, whatever they know and claim', async () => {
      const claims = { 'x-forwarded-for': '127.0.7.9', forwarded: 'for=127.0.7.9', 'x-real-ip': '127.0.7.9' };
      for (const path of paths) assert.equal((await api(world, path, { headers: claims })).status, 403, path);
      for (const path of changes) {
        const refused = await api(world, path, { body: { contact: '1' }, headers: claims });
        assert.equal(refused.status, 403, path);
        assert.match((await refused.json()).error.message, /^ADMIN_ALLOW does not name the address 127\.0\.0\.1$/);
      }
    });

    it('tells the shop owner what to do', async () => {
      const env = { ADMIN_TOKEN: TOKEN };
      const { code, stderr } = await runAtende(['status', '--url', world.atende.url], { home: world.home, env });
      assert.equal(code, 1);
      assert.match(stderr, /inclua-o em ADMIN_ALLOW.*: 127\.0\.0\.1/);
    });
  });

  it('is closed without ADMIN_TOKEN, and says so', async (t) => {
    const world = await worldFor(t);
    for (const path of paths) {
      const refused = await api(world, path, { token: 'anything' });
      assert.equal(refused.status, 403, path);
      assert.match((await refused.json()).error.message, /ADMIN_TOKEN is not set/);
    }
    assert.equal((await api(world, 'pause', { body: { contact: '1' } })).status, 403);
  });

  it('answers 503 without Redis', async (t) => {
    const redis = await startRedis();
    t.after(() => redis.remove());
    const world = await worldFor(t, { env: { ADMIN_TOKEN: TOKEN, REDIS_URL: redis.url } });
    await redis.stop();
    await eventually(async () => (await api(world, 'status')).status === 503, 'a 503');
    assert.equal((await api(world, 'conversations')).status, 503);
    await redis.start();
    await eventually(async () => (await api(world, 'status')).status === 200, 'a 200 again');
  });
});
