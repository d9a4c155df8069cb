// Voice notes that are not listened to: too long, too many, without a model, or not the bot's to answer.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { speech } from './support/speech.mjs';
import { ASKS_TO_WRITE, TOO_LONG, shopWith } from './support/voice_shop.mjs';

describe('voice notes on a channel that is left to people', () => {
  const shop = shopWith({ lines: 'channels: [web]' });
  const { world } = shop;

  it('are not listened to, nor those that wait while a person answers', async () => {
    const note = shop.keep(await speech('bom dia', 'm4a'));
    const leftAlone = (who) => world.atende.untilLogged(new RegExp(`\\[BLOCK\\] ig:\\d+:${who.id} the profile does not answer`));
    const [ana, bia] = [world.customer(), world.customer()];
    await ana.writes('oi');
    await leftAlone(ana);
    await world.meta.deliver(ana.echo('deixa comigo'));
    await world.atende.untilLogged(new RegExp(`\\[BLOCK\\] ig:\\d+:${ana.id} the bot is silent`));
    await ana.speaks(note);
    await bia.speaks(note);
    await leftAlone(bia);
    assert.deepEqual(shop.files.requests, []);
    assert.deepEqual(world.openai.heard, []);
  });
});

describe('voice notes beyond the limits', () => {
  const shop = shopWith({ env: { MAX_TRANSCRIPTION_AUDIO_SECONDS: '3', MAX_TRANSCRIPTION_AUDIO_MB: '1' } });
  const { world } = shop;

  it('are not sent anywhere; the customer is told so', async () => {
    const [ana, bia] = [world.customer(), world.customer()];
    await ana.speaks(shop.keep(await speech('oi '.repeat(20), 'm4a')));
    assert.equal(await ana.hears(), TOO_LONG);
    await bia.speaks(shop.keep(Buffer.alloc(1_100_000)));
    assert.equal(await bia.hears(), TOO_LONG);
    assert.deepEqual(world.openai.heard, []);
  });
});

describe('voice notes without end', () => {
  const shop = shopWith({ env: { MAX_CONTACT_AUDIO_MINUTES: '1' } });
  const { world } = shop;

  it('are not even fetched once the contact has used up its hour; others are heard', async () => {
    const [ana, bia] = [world.customer(), world.customer()];
    await ana.speaks(shop.keep(await speech('oi', 'm4a', ['-af', 'apad', '-t', '61'])));
    assert.equal(await ana.hears(), 'Resposta: [áudio] palavras ditas');
    const fetched = shop.files.requests.length;
    const watcher = await shop.follow(ana);
    const note = await speech('oi', 'm4a');
    await ana.speaks(shop.keep(note));
    const isUnheard = (event) => event.data.stage === 'not_heard';
    assert.match((await watcher.until(isUnheard, 'not heard')).data.reason, /more audio of one contact/);
    watcher.leave();
    assert.equal(await ana.hears(), ASKS_TO_WRITE);
    await ana.speaks(shop.keep(note));
    await world.quiet();
    assert.equal(ana.inbox.length, 2, 'asked to write once more');
    assert.equal(shop.files.requests.length, fetched);
    await bia.speaks(shop.keep(note));
    assert.equal(await bia.hears(), 'Resposta: [áudio] palavras ditas');
  });
});

describe('voice notes without a model', () => {
  const shop = shopWith({ env: { AI_DRY_RUN: 'true' } });

  it('are answered with the wish to read', async () => {
    const ana = shop.world.customer();
    await ana.speaks(`${shop.files.url}/note`);
    assert.equal(await ana.hears(), ASKS_TO_WRITE);
    assert.deepEqual(shop.files.requests, []);
  });
});
