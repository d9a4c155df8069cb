// What is kept of a customer beside the conversation, and that it goes when the customer, or the operator, says so.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { runAtende } from './support/atende.mjs';
import { makeHome, removeHome } from './support/home.mjs';
import { MediaHost } from './support/media_host.mjs';
import { callTool, reply } from './support/openai.mjs';
import { copyProfile } from './support/profiles.mjs';
import { startRedis } from './support/redis.mjs';
import { FakeShopApi } from './support/shop_api.mjs';
import { speech } from './support/speech.mjs';
import { World } from './support/world.mjs';

const TOKEN = 'an-operators-token';
const SECRET = 'abacaxi';
const RECORD = `
name: ver_cadastro
description: Vê o cadastro de quem pergunta.
url: "{{env.SHOP_API_URL}}/cadastro"
headers: {Authorization: "Bearer {{env.SHOP_API_TOKEN}}"}
query: {contato: "{{contact.id}}"}
values: {apelido: /apelido}
answers: [{success: "apelido {{apelido}}."}]
cache_ttl: 600
personal: true
mock: [{body: {apelido: x}}]
`;
// Every key with what is in it, a line each.
const EVERYTHING = `
local read = {string = {'GET'}, hash = {'HGETALL'}, list = {'LRANGE', 0, -1}, set = {'SMEMBERS'},
              zset = {'ZRANGE', 0, -1}, stream = {'XRANGE', '-', '+'}}
local all = {}
for _, key in ipairs(redis.call('KEYS', '*')) do
    local how = read[redis.call('TYPE', key).ok]
    all[#all + 1] = key .. ' ' .. cjson.encode(redis.call(how[1], key, unpack(how, 2)))
end
return all`;

describe('what is kept of a customer', () => {
  let home;
  let redis;
  let files;
  let shop;
  const world = new World();
  before(async () => {
    home = await makeHome();
    redis = await startRedis();
    files = await MediaHost.start();
    shop = await FakeShopApi.start();
    shop.answers['/cadastro'] = { body: { apelido: SECRET } };
    const profile = await copyProfile(join(home, 'profile'));
    await writeFile(join(profile, 'tools/ver_cadastro.yaml'), RECORD);
    const env = {
      ...shop.env,
      PROFILE_DIR: profile,
      REDIS_URL: redis.url,
      ADMIN_TOKEN: TOKEN,
      MEDIA_ALLOWED_HOSTS: files.host,
      MEDIA_RETENTION_DAYS: '30',
    };
    Object.assign(world, await World.start({ env }));
  });
  afterEach(() => {
    world.meta.onAccepted = async () => {};
    [world, shop, files].forEach((one) => one.assertClean());
  });
  after(async () => {
    await world.end();
    await Promise.all([shop.stop(), files.stop(), redis.remove()]);
    await removeHome(home);
  });

  async function linesAbout(pattern) {
    const lines = (await redis.command('EVAL', EVERYTHING, '0')).split('\n');
    return lines.filter((line) => pattern.test(line));
  }
  const folderOf = ({ account, id }) => join(world.home, `data/media/ig:${account}:${id}`);
  const notesOf = (customer) => readdir(folderOf(customer)).catch(() => []);
  // The keys in which is named what tools said of the customer.
  const namedByTools = async ({ id }) =>
    (await linesAbout(new RegExp(`^atende:\\{tools:\\S*:contact:\\S*:${id} `))).map((line) => line.split(' ')[0]);
  const eventsOf = async ({ id }) => (await linesAbout(/^\S*:events /)).filter((line) => line.includes(id));

  // Somebody of whom there is something in every place.
  async function knownCustomer() {
    const ana = world.customer();
    world.openai.wordsIn = () => `meu segredo é ${SECRET}`;
    await ana.speaks(files.keep(`/${ana.id}`, await speech('oi', 'm4a')));
    await ana.hears();
    world.openai.answerNext(callTool('ver_cadastro', {}), reply(`Seu apelido é ${SECRET}.`));
    const asked = await ana.writes('qual é meu apelido?');
    await ana.hears();
    await world.meta.deliver(ana.reaction(asked));
    assert.equal((await notesOf(ana)).length, 1);
    assert.equal((await namedByTools(ana)).length, 1);
    assert.equal((await eventsOf(ana)).length, 1);
    return ana;
  }

  async function isForgotten(customer) {
    assert.deepEqual(await linesAbout(new RegExp(SECRET)), []);
    assert.deepEqual(await notesOf(customer), []);
    assert.deepEqual(await namedByTools(customer), []);
    assert.deepEqual(await eventsOf(customer), []);
  }

  it('is gone when the customer is told so', async () => {
    const ana = await knownCustomer();
    let looked;
    world.meta.onAccepted = async () => {
      looked ??= isForgotten(ana);
      await looked.catch(() => {}); // told below
    };
    await ana.writes('/esquecer');
    assert.match(await ana.hears(), /esqueci a nossa conversa/);
    await looked;
  });

  it('is gone when the operator says so', async () => {
    const ana = await knownCustomer();
    const env = { ADMIN_TOKEN: TOKEN };
    assert.equal((await runAtende(['forget', ana.id, '--url', world.atende.url], { home, env })).code, 0);
    await isForgotten(ana);
  });

  it('is not said to be gone before it is', async () => {
    const ana = await knownCustomer();
    const [place] = await namedByTools(ana);
    await redis.command('RENAME', place, 'aside');
    await redis.command('SET', place, 'cannot be read as a set');
    await ana.writes('/esquecer');
    await world.atende.untilLogged(new RegExp(`${ana.id}: put off, not all could be forgotten`));
    await world.quiet();
    assert.equal(ana.inbox.length, 2);
    await redis.command('RENAME', 'aside', place);
    await ana.writes('e aí?');
    assert.match(await ana.hears(), /esqueci a nossa conversa/);
    await isForgotten(ana);
  });

  it('goes again at the latest when the server stops: another may have been listening meanwhile', async () => {
    const ana = await knownCustomer();
    await ana.writes('/esquecer');
    await ana.hears();
    await mkdir(folderOf(ana));
    await writeFile(join(folderOf(ana), 'late.m4a'), 'a note');
    await world.atende.stop();
    assert.ok(!existsSync(folderOf(ana)));
    await world.startAtende();
  });
});
