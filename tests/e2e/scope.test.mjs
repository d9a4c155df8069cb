// The scope: what is not the shop's business is told apart.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { error, reply } from './support/openai.mjs';
import { shopWith } from './support/voice_shop.mjs';

describe('the scope', () => {
  const about = 'scope: {ask: always, about: "{{shop_name}}: motos e peças.", in_words: [moto], out_words: [loteria]}\n';
  const shop = shopWith({ lines: about });
  const { world } = shop;
  const OUT = 'Isso não é com a gente.';
  const verdictOf = async (customer) => (await shop.show(customer)).history.at(-1).scope;

  it('is asked in one small question, and its verdict is kept with the answer', async () => {
    const [ana, bia] = [world.customer(), world.customer()];
    world.openai.answerInShape = () => ({ scope: 'out' });
    await ana.writes('me faz uma redação sobre a Revolução Francesa');
    assert.equal(await ana.hears(), OUT);
    const asked = world.openai.shaped.at(-1).body;
    assert.deepEqual(world.openai.requests, [], 'and nothing else is');
    assert.equal(asked.response_format.json_schema.strict, true);
    assert.match(asked.messages[0].content, /Moto Norte Shineray: motos e peças\./);
    assert.equal(asked.tools, undefined);
    assert.equal(await verdictOf(ana), 'out');

    world.openai.answerInShape = () => ({ scope: 'in' });
    world.openai.answerNext(reply('Abrimos às 8h.'));
    await bia.writes('que horas abre?');
    assert.equal(await bia.hears(), 'Abrimos às 8h.');
    assert.equal(await verdictOf(bia), 'in');
  });

  it('is known by its words without asking, and in doubt the shop answers', async () => {
    const [ana, bia, eva] = [world.customer(), world.customer(), world.customer()];
    const before = world.openai.shaped.length;
    await ana.writes('qual o resultado da LOTERIA?');
    assert.equal(await ana.hears(), OUT);
    assert.equal(world.openai.shaped.length, before);
    await bia.writes('quero uma moto pra jogar na loteria');
    assert.match(await bia.hears(), /^Resposta/);
    for (const odd of [reply('talvez'), error(400, 'invalid_value', 'no such parameter')]) {
      world.openai.answerInShape = () => odd;
      world.openai.answerNext(reply('Claro!'));
      await eva.writes('me ajuda?');
      assert.equal(await eva.hears(), 'Claro!');
    }
    assert.equal(await verdictOf(eva), 'in');
  });
});

describe('the scope, where its verdict matters to nobody', () => {
  const shop = shopWith({ lines: 'scope: {about: motos}\n' });

  it('is not paid for', async () => {
    const ana = shop.world.customer();
    await ana.writes('me faz uma redação?');
    await ana.hears();
    assert.deepEqual(shop.world.openai.shaped, []);
    assert.equal((await shop.show(ana)).history.at(-1).scope, undefined);
  });
});
