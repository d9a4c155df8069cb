// The secrets that a conversation needs are nowhere to be found after it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { runAtende } from './support/atende.mjs';
import { EventSource } from './support/event_source.mjs';
import { FakeServer } from './support/fake_server.mjs';
import { filesBelow } from './support/files.mjs';
import { makeHome, removeHome } from './support/home.mjs';
import { callTool, reply } from './support/openai.mjs';
import { copyProfile } from './support/profiles.mjs';
import { FakeShopApi } from './support/shop_api.mjs';
import { worldFor } from './support/world.mjs';

const ADMIN_TOKEN = 'admin-canary-6a20-ffee';
const CHAT_TOKEN = 'chat-canary-19d3-beef';
const ORIGIN = 'https://loja.example';

const STOCK = `
name: consultar_estoque
description: Consulta o estoque.
url: "{{env.SHOP_API_URL}}/estoque"
headers: {Authorization: "Bearer {{env.SHOP_API_TOKEN}}"}
query: {chave: "{{env.SHOP_API_TOKEN}}"}
values: {erro: /erro}
answers: [{status: 4xx, error: "{{erro}}"}]
`;

// An MCP server of the era without handshakes.
class FakeCrm extends FakeServer {
  token = 'crm-canary-4b7e';
  #results = {
    'server/discover': { resultType: 'complete', supportedVersions: ['2026-07-28'] },
    'tools/list': { tools: [{ name: 'look', description: 'Looks', inputSchema: { type: 'object', properties: {} } }] },
    'tools/call': { content: [{ type: 'text', text: 'compra desde 2019' }] },
  };

  async answer({ headers, body }) {
    const { id, method } = JSON.parse(body);
    if (headers.authorization !== `Bearer ${this.token}`) this.violation(`${method}: wrong bearer token`);
    return { body: { jsonrpc: '2.0', id, result: this.#results[method] } };
  }
}

async function fakesFor(t) {
  const [shop, crm] = [await FakeShopApi.start(), new FakeCrm('CRM')];
  await crm.comeBack();
  t.after(async () => {
    await Promise.all([shop.stop(), crm.stop()]);
    [shop, crm].forEach((one) => one.assertClean());
  });
  shop.token = 'shop/canary+7f21';
  // A service that repeats all it was sent.
  shop.answers['/estoque'] = ({ query, headers }) => ({ status: 400, body: { erro: `?${query} de ${headers.authorization}` } });
  const hosts = [shop, crm].map(({ url }) => new URL(url).host).join();
  return { shop, crm, env: { ...shop.env, CRM_TOKEN: crm.token, TOOL_ALLOWED_HOSTS: hosts } };
}

// With the tool of the shop and that of its CRM, pinned as it is.
async function profileFor(t, crm, env) {
  const home = await makeHome();
  t.after(() => removeHome(home));
  const profile = await copyProfile(join(home, 'profile'));
  await rm(join(profile, 'tools'), { recursive: true });
  await mkdir(join(profile, 'tools'));
  await writeFile(join(profile, 'tools/estoque.yaml'), STOCK);
  const file = join(profile, 'profile.yaml');
  const text = await readFile(file, 'utf8');
  const allow = (tools) =>
    writeFile(
      file,
      `${text}\nmcp: ${JSON.stringify([{ name: 'crm', url: `${crm.url}/mcp`, headers: { Authorization: 'Bearer ${CRM_TOKEN}' }, tools }])}\n`,
    );
  await allow([]);
  const { stdout, stderr } = await runAtende(['mcp', 'list', profile], { home, env });
  const [, pin] = /pin: ([0-9a-f]{64})/.exec(stdout) ?? assert.fail(stderr);
  await allow([{ name: 'look', pin }]);
  return profile;
}

it('a conversation leaves no secret in the log, in Redis, on disk, in its events or with the model', async (t) => {
  const { shop, crm, env } = await fakesFor(t);
  const world = await worldFor(t, {
    env: {
      ...env,
      PROFILE_DIR: await profileFor(t, crm, env),
      LOG_LEVEL: 'debug',
      ADMIN_TOKEN,
      WEB_CHAT_TOKEN: CHAT_TOKEN,
      WEB_CHAT_ORIGINS: ORIGIN,
    },
  });
  const { atende, openai, meta } = world;
  await atende.untilLogged(/mcp crm: connected/);
  const thinks = () => openai.answerNext(callTool('consultar_estoque', {}), callTool('crm__look', {}), reply('Pronto!'));
  const told = () => openai.requests.at(-1).toolResults;

  thinks();
  const page = await EventSource.open(`${atende.url}/api/agent/chat/stream`, {
    headers: { authorization: `Bearer ${CHAT_TOKEN}`, origin: ORIGIN },
    json: { message: 'tem no estoque?' },
  });
  await page.untilEnd();
  assert.deepEqual(page.messages, ['Pronto!']);
  assert.deepEqual(told(), ['ERRO: ?chave=*** de Bearer ***', 'SUCESSO: compra desde 2019']);

  const ana = world.customer();
  const watcher = await EventSource.open(
    `${atende.url}/api/conversations/${encodeURIComponent(`ig:${ana.account}:${ana.id}`)}/events`,
    { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } },
  );
  thinks();
  await ana.writes('e a vermelha?');
  assert.equal(await ana.hears(), 'Pronto!');
  await watcher.untilType('complete');
  await atende.stop();

  const places = {
    'the log': [atende.log, '[TOOL] consultar_estoque'],
    'the events': [JSON.stringify([...page.events, ...watcher.events]), 'crm__look'],
    'what the model was told': [JSON.stringify(openai.requests.map(({ body }) => body)), 'compra desde 2019'],
    'Redis and the disk': [
      filesBelow(join(world.home, 'data')).map((file) => readFileSync(file, 'latin1')).join('\n'),
      'e a vermelha?',
    ],
  };
  const ours = [ADMIN_TOKEN, CHAT_TOKEN, meta.token, meta.appSecret, meta.verifyToken, openai.key];
  for (const [place, [text, expected]] of Object.entries(places)) {
    assert.ok(text.includes(expected), `nothing to see in ${place}`);
    for (const secret of [...ours, shop.token, encodeURIComponent(shop.token), crm.token])
      assert.ok(!text.includes(secret), `${secret} is in ${place}`);
  }
});
