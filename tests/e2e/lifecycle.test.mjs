// Stops, crashes and outages: no message is lost, none is answered twice.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { envelope } from './support/meta_webhook.mjs';
import { callTool, error, reply } from './support/openai.mjs';
import { startRedis } from './support/redis.mjs';
import { eventually } from './support/wait.mjs';
import { worldFor } from './support/world.mjs';

const RECOVERED_WITHIN_MS = 60_000; // leases of a dead process have to run out first

async function answeredOnce(world, customer, text) {
  assert.match(await customer.hears(RECOVERED_WITHIN_MS), text);
  await world.quiet();
  assert.equal(customer.inbox.length, 1, customer.inbox.join(' | '));
}

describe('after a stop', { concurrency: true }, () => {
  it('what was being thought about is answered by the next process', async (t) => {
    const world = await worldFor(t);
    const ana = world.customer();
    const thought = world.openai.hold(reply('Resposta: tarde demais, horário'));
    await ana.writes('qual o horário?');
    await thought.taken;
    await world.atende.stop();
    thought.release();
    await world.startAtende();
    await answeredOnce(world, ana, /horário/);
  });

  it('what was still being gathered is answered by the next process', async (t) => {
    const world = await worldFor(t, { env: { DEBOUNCE_SECONDS: '2' } });
    const ana = world.customer();
    await ana.writes('vocês entregam?');
    await world.atende.stop();
    await world.startAtende();
    await answeredOnce(world, ana, /entregam/);
  });
});

describe('after a crash', { concurrency: true }, () => {
  it('a message that was accepted is answered once', async (t) => {
    const world = await worldFor(t);
    const ana = world.customer();
    await ana.writes('oi, caiu?');
    await world.atende.kill();
    await world.startAtende();
    await answeredOnce(world, ana, /caiu/);
  });

  it('in the middle of a thought the message is answered once', async (t) => {
    const world = await worldFor(t);
    const ana = world.customer();
    const thought = world.openai.hold(reply('perdida'));
    await ana.writes('ainda tem a azul?');
    await thought.taken;
    await world.atende.kill();
    thought.release();
    await world.startAtende();
    await answeredOnce(world, ana, /azul/);
  });

  it('in the middle of a send nothing is sent twice', async (t) => {
    const world = await worldFor(t);
    const ana = world.customer();
    const send = world.meta.hold({});
    await ana.writes('me manda o preço');
    await send.taken;
    await world.atende.kill();
    send.release();
    await world.startAtende();
    await ana.writes('e o prazo');
    await eventually(
      () => ana.inbox.some((text) => text.includes('prazo')),
      () => `second answer\n${world.atende.tail()}`,
      RECOVERED_WITHIN_MS,
    );
    assert.equal(world.meta.sent.filter(({ text }) => text.includes('preço') && !text.includes('prazo')).length, 1);
  });
});

describe('without Redis', () => {
  it('webhooks are refused, and the redelivery is answered once', async (t) => {
    const redis = await startRedis();
    t.after(() => redis.remove());
    const world = await worldFor(t, { env: { REDIS_URL: redis.url } });
    const ana = world.customer();
    await redis.stop();
    const body = envelope([ana.text('o redis caiu?')]);
    assert.equal((await world.meta.post(body)).status, 503);
    assert.deepEqual(await (await fetch(`${world.atende.url}/health`)).json(), { status: 'ok' });
    const ready = await fetch(`${world.atende.url}/health/ready`);
    assert.equal(ready.status, 503);
    assert.match(await ready.text(), /redis/i);

    await redis.start();
    await eventually(
      async () => (await world.meta.post(body)).status === 200,
      () => `200 with Redis back\n${world.atende.tail()}`,
    );
    assert.equal((await world.meta.post(body)).status, 200);
    await answeredOnce(world, ana, /redis caiu/);
  });
});

describe('the log', () => {
  async function busyHour(world) {
    const ana = world.customer();
    world.openai.answerNext(
      error(500, null, 'oops'),
      callTool('add_lead_to_nocodb', {
        name: 'Nome Canario',
        phone: '(81) 99123-4567',
        interest: 'XY 150',
        city: 'Recife',
        consent: true,
      }),
      reply('resposta-canario\nem duas linhas'),
    );
    await ana.writes('pergunta-canario\n2026 [error] falso');
    await ana.hears();
    await world.meta.deliver(ana.echo('humano-canario'));
    await world.meta.post('{}', { headers: { 'x-hub-signature-256': null } });
    await world.quiet();
  }
  function assertNone(world, texts) {
    for (const text of texts) assert.ok(!world.atende.log.includes(text), `the log contains ${text}`);
  }
  const secretsOf = ({ meta, openai }) => [meta.token, meta.appSecret, meta.verifyToken, openai.key];

  for (const format of ['text', 'json']) {
    it(`tells what happened but no words, names or secrets (${format})`, async (t) => {
      const world = await worldFor(t, { env: { LOG_FORMAT: format } });
      await busyHour(world);
      assertNone(world, [...secretsOf(world), 'canario', 'Canario', '99123-4567', '991234567', '[error] falso']);
      for (const tag of ['[RECV]', '[SEND]', '[TOOL]', '[OUTGOING]', '[BLOCK]'])
        assert.ok(world.atende.log.includes(tag), `no ${tag}`);
      if (format === 'json') world.atende.lines.forEach((line) => JSON.parse(line));
    });
  }

  it('tells no secret even at its most talkative', async (t) => {
    const world = await worldFor(t, { env: { LOG_LEVEL: 'debug' } });
    await busyHour(world);
    assertNone(world, secretsOf(world));
  });
});
