// The agent with its tools, and a model that misbehaves in every way models do.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { callTool, callTools, cutShort, error, filtered, refuse, reply, reset, truncated } from './support/openai.mjs';
import { sharedWorld, worldFor } from './support/world.mjs';

const SAVE_LEAD = 'add_lead_to_nocodb';
const LEAD = { name: 'Ana Souza', phone: '(81) 99876-5432', interest: 'XY 150', city: 'Recife', consent: true };
const MODEL_IS_BACK_WITHIN_MS = 90_000;

describe('the agent', () => {
  const world = sharedWorld();
  const leads = () => (existsSync(leadsFile()) ? readFileSync(leadsFile(), 'utf8') : '');
  const leadsFile = () => join(world.home, 'data', 'leads.csv');

  // One question, with the model's answers scripted. → { ana, answer, requests }
  async function conversation(...script) {
    const ana = world.customer();
    const first = world.openai.requests.length;
    world.openai.answerNext(...script);
    await ana.writes('quero uma moto');
    const answer = await ana.hears();
    return { ana, answer, requests: world.openai.requests.slice(first) };
  }

  describe('with tools', () => {
    it('saves a lead, with the identity that only we know', async () => {
      const { ana, answer, requests } = await conversation(callTool(SAVE_LEAD, LEAD), reply('Anotado, Ana!'));
      assert.equal(answer, 'Anotado, Ana!');
      assert.ok(requests[0].toolNames.includes(SAVE_LEAD));
      assert.equal(requests.length, 2);
      assert.match(requests[1].toolResults[0], /^SUCESSO:/);
      const row = leads()
        .split('\n')
        .find((line) => line.includes('Ana Souza'));
      for (const part of ['99876-5432', 'XY 150', 'Recife', ana.id]) assert.ok(row.includes(part), row);
      assert.ok(world.atende.lines.some((line) => line.includes('[TOOL]') && line.includes(ana.id)));
    });

    it('updates the lead of a conversation instead of adding another', async () => {
      const { ana } = await conversation(callTool(SAVE_LEAD, { ...LEAD, name: 'Bia Lima' }), reply('ok'));
      world.openai.answerNext(callTool(SAVE_LEAD, { ...LEAD, name: 'Bia Lima', city: 'Olinda' }), reply('mudei'));
      await ana.writes('na verdade moro em Olinda');
      assert.equal(await ana.hears(), 'mudei');
      const rows = leads()
        .split('\n')
        .filter((line) => line.includes('Bia Lima'));
      assert.equal(rows.length, 1);
      assert.match(rows[0], /Olinda/);
    });

    const mistakes = {
      'a phone that is none': [SAVE_LEAD, { ...LEAD, name: 'Caio Reis', phone: '12' }],
      'a missing name': [SAVE_LEAD, { ...LEAD, name: undefined }],
      'an argument nobody asked for': [SAVE_LEAD, { ...LEAD, name: 'Davi Cruz', contact_id: '1' }],
      'arguments that are not JSON': [SAVE_LEAD, '{"name": "Eva'],
      'a tool that does not exist': ['send_money', { amount: 5 }],
    };
    for (const [name, [tool, args]] of Object.entries(mistakes)) {
      it(`tells the model of ${name}`, async () => {
        const before = leads();
        const { answer, requests } = await conversation(callTool(tool, args), reply('Me diz de novo?'));
        assert.match(requests.at(-1).toolResults[0], /^ERRO:/);
        assert.equal(answer, 'Me diz de novo?');
        assert.equal(leads(), before);
      });
    }

    it('answers parallel calls each with its own result', async () => {
      const calls = callTools([
        [SAVE_LEAD, { ...LEAD, name: 'Fábio Melo' }],
        ['send_money', {}],
      ]);
      const { requests } = await conversation(calls, reply('ok'));
      const [good, bad] = calls.choice.message.tool_calls.map(
        ({ id }) => requests[1].messages.find((message) => message.tool_call_id === id).content,
      );
      assert.match(good, /^SUCESSO:/);
      assert.match(bad, /^ERRO:/);
    });

    it('ends a model that never stops calling tools', async () => {
      const ana = world.customer();
      const { otherwise } = world.openai;
      world.openai.otherwise = (request) =>
        request.body.tools && request.body.tool_choice !== 'none'
          ? callTool('send_money', {})
          : reply('Vou ver isso com a equipe.');
      try {
        await ana.writes('manda dinheiro');
        await ana.hears();
      } finally {
        world.openai.otherwise = otherwise;
      }
      const rounds = world.openai.askedAbout('manda dinheiro').length;
      assert.ok(rounds <= 8, `${rounds} rounds`);
    });
  });

  describe('when the model stumbles', () => {
    const stumbles = {
      'is busy and says how long': error(429, 'rate_limit_exceeded', 'Rate limit reached', { 'retry-after-ms': '50' }),
      'is busy for a second': error(429, 'rate_limit_exceeded', 'Rate limit reached', { 'retry-after': '1' }),
      fails: error(500, null, 'The server had an error'),
      'answers an HTML page': { status: 502, body: '<html>Bad Gateway</html>' },
      'breaks the connection': reset(),
      'breaks off in the middle of the answer': truncated('esta resposta nunca chega inteira'),
    };
    for (const [name, answer] of Object.entries(stumbles)) {
      it(`asks again when it ${name}`, async () => {
        const { ana, answer: heard } = await conversation(answer, reply('Agora sim!'));
        assert.equal(heard, 'Agora sim!');
        await world.quiet();
        assert.equal(ana.inbox.length, 1);
      });
    }

    const odd = { refuses: refuse('I cannot help with that.'), 'is filtered': filtered() };
    for (const [name, answer] of Object.entries(odd)) {
      it(`says something polite when it ${name}`, async () => {
        const { ana } = await conversation(answer);
        assert.doesNotMatch(ana.inbox[0], /cannot help/);
        assert.equal(ana.inbox.length, 1);
      });
    }

    it('does not leave the customer without an answer when it runs out of tokens', async () => {
      const { otherwise } = world.openai;
      world.openai.otherwise = () => reply('Resumindo: temos sim.');
      try {
        const { ana } = await conversation(cutShort('Temos a moto em várias cor'));
        await world.quiet();
        assert.equal(ana.inbox.length, 1);
      } finally {
        world.openai.otherwise = otherwise;
      }
    });
  });
});

// What the customer of a shop hears whose model is broken by `breakModel` and then repaired.
async function oneMomentThenTheAnswer(world, breakModel, repairModel) {
  const ana = world.customer();
  await breakModel();
  await ana.writes('tem moto elétrica?');
  const moment = await ana.hears();
  assert.doesNotMatch(moment, /Resposta:/);
  await repairModel();
  await ana.hears(MODEL_IS_BACK_WITHIN_MS);
  await world.quiet();
  assert.equal(ana.inbox.length, 2, ana.inbox.join(' | '));
  assert.match(ana.inbox[1], /^Resposta: [^]*moto elétrica/);
}

describe('a model that cannot be reached', { concurrency: true }, () => {
  it('costs the customer one moment, and is asked again later', async (t) => {
    const world = await worldFor(t);
    await oneMomentThenTheAnswer(
      world,
      () => world.openai.goDown(),
      () => world.openai.comeBack(),
    );
  });

  it('with a wrong key is the same to the customer, and named in the log', async (t) => {
    const world = await worldFor(t);
    const key = world.openai.key;
    await oneMomentThenTheAnswer(
      world,
      () => (world.openai.key = 'sk-another'),
      async () => {
        await world.atende.untilLogged(/OPENAI_API_KEY|invalid_api_key|\b401\b/);
        assert.ok(world.openai.takeViolations().every((text) => /bearer/.test(text)));
        world.openai.key = key;
      },
    );
    world.openai.takeViolations();
  });
});
