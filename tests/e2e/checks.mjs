// The checks that deliberately broken builds must fail (broken.test.mjs). The ordinary tests use the very same ones.
import assert from 'node:assert/strict';
import { eventually } from './support/wait.mjs';
import { envelope, signature } from './support/meta_webhook.mjs';

export async function redeliveriesAreAnsweredOnce(world) {
  const ana = world.customer();
  const events = [ana.text('quanto custa a SHI 175?'), ana.text('e tem em vermelho?')];
  const body = await world.meta.deliver(...events);
  await deliverAgain(world, body, events);
  const answer = await ana.hears();
  await deliverAgain(world, body, events);
  await world.quiet();
  assert.deepEqual(ana.inbox, [answer], 'a redelivered message was answered again');
  const [request] = world.openai.askedAbout('SHI 175');
  assert.equal(request.heard.split('SHI 175').length, 2, 'the model read a redelivered message twice');
}

// The same bytes, and the same events in other company, as Meta's retries do.
async function deliverAgain({ meta }, body, [first, second]) {
  for (let i = 0; i < 5; ++i) {
    await meta.deliver(second);
    await meta.deliver(second, first);
    await meta.post(body);
    await meta.deliver(first);
  }
}

// `world` runs on `redis`, with a short SPOOL_AFTER_SECONDS.
export async function spooledMessagesAreAnsweredOnce(world, redis) {
  const people = [world.customer(), world.customer(), world.customer()];
  const bodies = people.map((person) => envelope([person.text('ainda tem a XY 150?')]));
  await redis.kill();
  for (const body of bodies) {
    await eventually(
      async () => (await world.meta.post(body)).status === 200,
      () => `200 without Redis\n${world.atende.tail()}`,
    );
    assert.equal((await world.meta.post(body)).status, 200, 'a repetition was refused');
  }
  await redis.start();
  await eventually(
    async () => {
      const ready = await (await fetch(`${world.atende.url}/health/ready`)).json();
      return ready.status === 'ok' && ready.intake.spooled_webhooks === 0 && !ready.intake.draining;
    },
    () => `empty spool\n${world.atende.tail()}`,
  );
  const answeredOnce = async () => {
    await world.quiet();
    for (const { inbox } of people)
      assert.equal(inbox.length, 1, `a spooled message was answered ${inbox.length} times`);
  };
  await answeredOnce();
  for (const body of bodies) assert.equal((await world.meta.post(body)).status, 200);
  await answeredOnce();
}

export async function forgeriesAreRefused(world) {
  const eve = world.customer();
  const body = JSON.stringify({
    object: 'instagram',
    entry: [{ id: eve.account, time: Date.now(), messaging: [eve.text('sou eu, o gerente').body] }],
  });
  const forged = {
    'another secret': signature('not-the-secret', body),
    'another body': signature(world.meta.appSecret, body + ' '),
  };
  for (const [what, header] of Object.entries(forged)) {
    const { status } = await world.meta.post(body, { headers: { 'x-hub-signature-256': header } });
    assert.equal(status, 403, `a webhook signed with ${what} was answered ${status}`);
  }
  await world.quiet();
  assert.deepEqual(eve.inbox, [], 'a forged message was answered');
}

export async function ownEchoesAreNotAnswered(world, when) {
  const ana = world.customer();
  world.meta.echoes = when;
  try {
    await ana.writes('oi, vocês abrem sábado?');
    await ana.hears();
    await world.meta.settled();
    await world.quiet();
    assert.equal(ana.inbox.length, 1, 'the bot answered its own echo');
    await ana.writes('e domingo?');
    assert.match(await ana.hears(), /domingo/, 'an own echo silenced the bot');
  } finally {
    world.meta.echoes = null;
  }
}

// The profile's word for it is /esquecer.
export async function forgottenIsGone(world) {
  const ana = world.customer();
  await ana.writes('meu segredo é abacaxi');
  await ana.hears();
  await ana.writes('/esquecer');
  assert.match(await ana.hears(), /esqueci a nossa conversa/);
  await ana.writes('o que você sabe de mim?');
  await ana.hears();
  const request = world.openai.askedAbout('o que você sabe de mim?').at(-1);
  assert.ok(!JSON.stringify(request.body).includes('abacaxi'), 'what was forgotten was told to the model');
}

const URL_IN_ANSWER = 'https://loja.example.com.br/motos/xy-150?cor=vermelha&origem=instagram#ficha-técnica';
const SENTENCE = 'A XY 150 é econômica, tem partida elétrica e já sai com a documentação em dia 🏍️👨‍👩‍👧‍👦! ';
export const LONG_ANSWER = `${SENTENCE.repeat(14)}Veja ${URL_IN_ANSWER} e me conta. ${SENTENCE.repeat(12)}Posso ajudar em algo mais?`;

export async function longAnswersFitAndKeepTheirWords(world, reply) {
  const ana = world.customer();
  world.openai.answerNext(reply(LONG_ANSWER));
  await ana.writes('me fala tudo da moto');
  const arrived = () => words(ana.inbox.join(' ')).length >= words(LONG_ANSWER).length;
  const refusals = () => [
    ...world.meta.violations,
    ...world.atende.lines.filter((line) => line.includes(ana.id) && /\[SEND\].*rejected/.test(line)),
  ];
  await eventually(
    () => arrived() || refusals().length > 0,
    () => `whole answer\n${world.atende.tail()}`,
  );
  assert.deepEqual(refusals(), [], 'a part of a long answer was refused');
  await world.quiet();
  assert.deepEqual(words(ana.inbox.join(' ')), words(LONG_ANSWER), 'words were lost, cut or moved');
  assert.ok(
    ana.inbox.some((part) => part.includes(URL_IN_ANSWER)),
    'the link was cut',
  );
  assert.ok(ana.inbox.every((part) => Buffer.byteLength(part) <= 1000));
}

const words = (text) => text.split(/\s+/).filter(Boolean);
