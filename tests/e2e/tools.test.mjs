// Tools that a shop wrote as text files: the model asks for them, the shop's service is asked, the customer hears it.
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { startAtende, runAtende } from './support/atende.mjs';
import { makeHome, removeHome } from './support/home.mjs';
import { callTool, reply } from './support/openai.mjs';
import { copyProfile } from './support/profiles.mjs';
import { FakeShopApi } from './support/shop_api.mjs';
import { eventually } from './support/wait.mjs';
import { World } from './support/world.mjs';

const ADMIN_TOKEN = 'segredo-de-teste-0123';
const STOCK = `
name: consultar_estoque
description: Consulta o estoque de um modelo numa cidade.
parameters:
  type: object
  required: [modelo, cidade]
  properties:
    modelo: {type: string, format: line, description: Modelo.}
    cidade: {type: string, format: line, description: Cidade.}
    dia: {type: string, format: date-br, description: Para quando.}
url: "{{env.SHOP_API_URL}}/estoque"
headers: {Authorization: "Bearer {{env.SHOP_API_TOKEN}}"}
query: {modelo: "{{modelo}}", cidade: "{{cidade}}", dia: "{{dia}}"}
timeout: 8
values: {quantidade: /quantidade}
answers: [{success: "há {{quantidade}} unidade(s) de {{modelo}} em {{cidade}}."}]
cache_ttl: 600
mock: [{with: {cidade: Recife}, body: {quantidade: 9}}]
`;
const RESERVE = `
name: reservar
description: Reserva uma moto.
parameters:
  type: object
  required: [modelo]
  properties: {modelo: {type: string, description: Modelo.}}
method: POST
url: "{{env.SHOP_API_URL}}/reservas"
headers: {Authorization: "Bearer {{env.SHOP_API_TOKEN}}"}
json: {modelo: "{{modelo}}", contato: "{{contact.id}}"}
values: {protocolo: /protocolo}
answers: [{success: "reservada, protocolo {{protocolo}}."}]
invalidates: [consultar_*]
`;
const DISCOUNT = `
name: dar_desconto
description: Dá um desconto.
method: POST
critical: true
url: "{{env.SHOP_API_URL}}/descontos"
headers: {Authorization: "Bearer {{env.SHOP_API_TOKEN}}"}
answers: [{success: feito}]
`;
const SCRIPT = `
rules:
  - after_tool: SUCESSO
    answer: Temos sim!
  - after_tool: ERRO
    answer: Não consegui ver.
  - says: estoque
    call: consultar_estoque
    with: {modelo: XY 150, cidade: Recife}
  - answer: Oi!
`;

// The shipped profile with these tools instead of its own.
async function makeProfile(home, tools) {
  const profile = await copyProfile(join(home, 'profile'));
  await rm(join(profile, 'tools'), { recursive: true });
  await mkdir(join(profile, 'tools'));
  for (const [name, text] of Object.entries(tools)) await writeFile(join(profile, 'tools', name), text);
  return profile;
}

describe('tools of the profile', () => {
  let home;
  let shop;
  let world;
  let profile;
  before(async () => {
    home = await makeHome();
    shop = await FakeShopApi.start();
    profile = await makeProfile(home, { 'a.yaml': STOCK, 'b.yaml': RESERVE, 'c.yaml': DISCOUNT });
    world = await World.start({ env: { ...shop.env, PROFILE_DIR: profile, ADMIN_TOKEN } });
  });
  afterEach(() => [world, shop].forEach((one) => one.assertClean()));
  after(async () => {
    await world.end();
    await shop.stop();
    await removeHome(home);
  });

  // One question, for which the model wants these tools. → { ana, answer, results }
  async function conversation(...calls) {
    const ana = world.customer();
    const first = world.openai.requests.length;
    world.openai.answerNext(...calls.map(([name, args]) => callTool(name, args)), reply('Pronto!'));
    await ana.writes('tem no estoque?');
    const answer = await ana.hears();
    return { ana, answer, results: world.openai.requests.slice(first).at(-1).toolResults };
  }

  it('ask the shop, and the customer gets the answer', async () => {
    shop.answers['/estoque'] = { body: { quantidade: 3 } };
    const { ana, answer, results } = await conversation(['consultar_estoque', { modelo: 'Jet & 125', cidade: 'Recife' }]);
    assert.equal(answer, 'Pronto!');
    assert.deepEqual(results, ['SUCESSO: há 3 unidade(s) de Jet & 125 em Recife.']);
    const asked = shop.requests.at(-1);
    assert.equal(asked.method, 'GET');
    assert.equal(asked.query, 'modelo=Jet%20%26%20125&cidade=Recife');
    assert.ok(world.atende.lines.some((line) => /\[TOOL\] consultar_estoque \d+ ms SUCESSO/.test(line) && line.includes(ana.id)));
    assert.ok(!world.atende.log.includes(shop.token), 'the log holds no secret');
    const told = world.openai.requests.at(-1).body.tools.find((tool) => tool.function.name === 'consultar_estoque');
    assert.equal(told.function.parameters.additionalProperties, false);
    assert.match(told.function.parameters.properties.dia.description, /DD\/MM\/AAAA/);
  });

  it('are asked once for the same thing, until something changes it', async () => {
    const asked = () => shop.requests.filter(({ path }) => path === '/estoque').length;
    shop.answers['/estoque'] = { body: { quantidade: 5 } };
    shop.answers['/reservas'] = { status: 201, body: { protocolo: 'R-1' } };
    const before = asked();
    const question = ['consultar_estoque', { modelo: 'Storm', cidade: 'Olinda' }];
    await conversation(question);
    const { ana } = await conversation(question);
    assert.equal(asked(), before + 1);
    await world.atende.untilLogged(new RegExp(`\\[TOOL\\] consultar_estoque .*SUCESSO cache hit .*${ana.id}`));
    const shown = await runAtende(['show', ana.id, '--url', world.atende.url], { home, env: { ADMIN_TOKEN } });
    assert.match(shown.stdout, /\[usou consultar_estoque \(do cache\)\]/);

    shop.answers['/estoque'] = { body: { quantidade: 4 } };
    const { ana: buyer, results } = await conversation(['reservar', { modelo: 'Storm' }], question);
    assert.deepEqual(results, ['SUCESSO: reservada, protocolo R-1.', 'SUCESSO: há 4 unidade(s) de Storm em Olinda.']);
    const reservation = shop.requests.find(({ path }) => path === '/reservas');
    assert.deepEqual(JSON.parse(reservation.body), { modelo: 'Storm', contato: buyer.id });
    assert.match(reservation.headers['idempotency-key'], /^[0-9a-f]{32}$/, 'which does not say who the customer is');
  });

  it('give wrong arguments back to the model, twice', async () => {
    const wrong = ['consultar_estoque', { modelo: 'XY', cidade: 'Recife', dia: '31/02/2027' }];
    const before = shop.requests.length;
    const { answer, results } = await conversation(wrong, wrong, wrong);
    assert.equal(answer, 'Pronto!');
    assert.match(results[0], /^ERRO: argumentos inválidos \(dia: esta data não existe/);
    assert.match(results[1], /^ERRO: argumentos inválidos/);
    assert.match(results[2], /^ERRO: .*não chame de novo/);
    assert.equal(shop.requests.length, before);
  });

  it('that are critical are not done while nobody can approve them', async () => {
    const before = shop.requests.length;
    const { ana, results } = await conversation(['dar_desconto', {}]);
    assert.match(results[0], /^ERRO: .*aprovação de uma pessoa/);
    assert.equal(shop.requests.length, before);
    await world.atende.untilLogged(new RegExp(`dar_desconto .*${ana.id}: refused, it is critical`));
  });

  it('come and go with their files, from the next turn on', async () => {
    const offered = async () => {
      await conversation(['consultar_estoque', { modelo: 'Jet 50', cidade: 'Recife' }]);
      return world.openai.requests.at(-1).toolNames;
    };
    shop.answers['/estoque'] = { body: { quantidade: 1 } };
    const file = join(profile, 'tools/d.yaml');
    await writeFile(file, STOCK.replace('consultar_estoque', 'consultar_patio'));
    await world.atende.untilLogged(/\[PROFILE\] profile@\w+ serves from the next turn on/);
    assert.ok((await offered()).includes('consultar_patio'));

    await writeFile(file, STOCK.replace('consultar_estoque', 'consultar_patio').replace('SHOP_API_TOKEN', 'NOT_SET'));
    await world.atende.untilLogged(/\[PROFILE\].*tools\/d\.yaml:\d+: expected the environment variable NOT_SET/);
    assert.ok((await offered()).includes('consultar_patio'), 'the version before it serves');

    await rm(file);
    await eventually(async () => !(await offered()).includes('consultar_patio'), () => `end of the offer\n${world.atende.tail()}`);
  });
});

describe('a profile whose tools', () => {
  let home;
  before(async () => (home = await makeHome()));
  after(() => removeHome(home));

  it('are written wrongly does not start, and says where', async () => {
    const PROFILE_DIR = await makeProfile(home, { 'a.yaml': STOCK.replace('timeout: 8', 'timout: 8') });
    const { code, stdout, stderr } = await runAtende(['serve'], { home, env: { PROFILE_DIR } });
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /tools\/a\.yaml:\d+: timout: unknown key/);
  });

  it('miss a variable does not start, and names it', async () => {
    const PROFILE_DIR = await makeProfile(home, { 'a.yaml': STOCK });
    // A secret of Atende's own is none that a tool may send away.
    const env = { PROFILE_DIR, OPENAI_API_KEY: 'sk-canary-9c4e', SHOP_API_URL: 'https://api.example.com' };
    const { code, stdout, stderr } = await runAtende(['serve'], { home, env });
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /tools\/a\.yaml:\d+: expected the environment variable SHOP_API_TOKEN/);
  });

  it('try to send away a secret of ours does not start', async () => {
    const PROFILE_DIR = await makeProfile(home, { 'a.yaml': STOCK.replace('SHOP_API_TOKEN', 'OPENAI_API_KEY') });
    const env = { PROFILE_DIR, OPENAI_API_KEY: 'sk-canary-9c4e', SHOP_API_URL: 'https://api.example.com' };
    const { code, stdout, stderr } = await runAtende(['serve'], { home, env });
    assert.notEqual(code, 0);
    assert.match(stdout + stderr, /expected the environment variable OPENAI_API_KEY/);
  });

  it('have mock answers is tried without any of it', async () => {
    const PROFILE_DIR = await makeProfile(home, { 'a.yaml': STOCK });
    await writeFile(join(PROFILE_DIR, 'script.yaml'), SCRIPT);
    const atende = await startAtende({ home, env: { PROFILE_DIR, DEBOUNCE_SECONDS: '0.1' } });
    const dm = await runAtende(['dm', '--url', atende.url, 'tem no estoque?'], { home });
    assert.match(dm.stdout, /Temos sim!/);
    await atende.stop();
  });
});
