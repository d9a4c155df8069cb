// Voice notes as files: MEDIA_RETENTION_DAYS, and what becomes of them when their message goes.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { runAtende } from './support/atende.mjs';
import { speech } from './support/speech.mjs';
import { TOKEN, keptBy, shopWith } from './support/voice_shop.mjs';

describe('voice notes with MEDIA_RETENTION_DAYS', () => {
  const shop = shopWith({ env: { MEDIA_RETENTION_DAYS: '30' } });
  const { world } = shop;

  it('are kept as they came, also if nobody understood them, until they are taken back', async () => {
    const ana = world.customer();
    const note = await speech('bom dia', 'm4a');
    const said = ana.sound(shop.keep(note));
    await world.meta.deliver(said);
    await ana.hears();
    const [file, ...others] = await keptBy(world);
    assert.deepEqual(others, []);
    assert.match(file, new RegExp(`media/ig:${ana.account}:${ana.id}/\\w+-0\\.m4a$`));
    assert.ok((await readFile(file)).equals(note));

    world.openai.wordsIn = () => '';
    const murmured = ana.sound(shop.keep(note));
    await world.meta.deliver(murmured);
    await ana.hears();
    assert.equal((await keptBy(world)).length, 2);
    await world.meta.deliver(ana.unsend(murmured));
    assert.deepEqual(await keptBy(world), [file]);
  });

  it('that are taken back while they are listened to are not kept', async () => {
    const bia = world.customer();
    const before = await keptBy(world);
    const said = bia.sound(shop.keep(await speech('não devia ter dito', 'ogg')));
    world.openai.wordsIn = async () => {
      await world.meta.deliver(bia.unsend(said));
      return 'não devia ter dito';
    };
    await world.meta.deliver(said, bia.text('oi'));
    await bia.hears();
    assert.deepEqual(await keptBy(world), before);
  });

  it('go when the contact is forgotten', async () => {
    const caio = world.customer();
    await caio.speaks(shop.keep(await speech('bom dia', 'ogg')));
    await caio.hears();
    const before = await keptBy(world);
    const args = ['forget', caio.id, '--url', world.atende.url];
    assert.equal((await runAtende(args, { home: shop.folder, env: { ADMIN_TOKEN: TOKEN } })).code, 0);
    assert.equal((await keptBy(world)).length, before.length - 1);
  });

  it('of a contact who is forgotten while they are listened to are not kept, nor told', async () => {
    const dora = world.customer();
    const before = await keptBy(world);
    await world.meta.deliver(dora.echo('#pausa'));
    const watcher = await shop.follow(dora);
    world.openai.wordsIn = async () => {
      const args = ['forget', dora.id, '--url', world.atende.url];
      assert.equal((await runAtende(args, { home: shop.folder, env: { ADMIN_TOKEN: TOKEN } })).code, 0);
      return 'um segredo';
    };
    await dora.speaks(shop.keep(await speech('um segredo', 'ogg')));
    await world.atende.untilLogged(new RegExp(`\\[AUDIO\\] heard .*${dora.id}`));
    await world.quiet();
    watcher.leave();
    assert.doesNotMatch(JSON.stringify(watcher.events), /segredo/);
    assert.deepEqual(await keptBy(world), before);
    assert.doesNotMatch(JSON.stringify(await shop.show(dora)), /segredo/);
  });
});
