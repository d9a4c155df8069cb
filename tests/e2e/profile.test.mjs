// A shop edits its profile while the agent serves, and asks whether it is right.
import assert from 'node:assert/strict';
import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, it } from 'node:test';
import { runAtende } from './support/atende.mjs';
import { makeHome, removeHome } from './support/home.mjs';
import { callTool, reply } from './support/openai.mjs';
import { eventually } from './support/wait.mjs';
import { worldFor } from './support/world.mjs';

const PROFILES = fileURLToPath(new URL('../../profiles/', import.meta.url));
const ADMIN_TOKEN = 'segredo-de-teste-0123';
const LEAD = { name: 'Ana Souza', phone: '(81) 99876-5432' };

async function copyOfProfile(home) {
  await cp(PROFILES, join(home, 'profiles'), { recursive: true });
  return join(home, 'profiles/motorcycle-dealer');
}

// One shop on a copy of the profile, which the test may edit.
async function editableWorld(t, env = {}) {
  const home = await makeHome();
  t.after(() => removeHome(home));
  const profile = await copyOfProfile(home);
  const world = await worldFor(t, { env: { PROFILE_DIR: profile, ...env } });
  const file = (name) => join(profile, name);
  const edit = async (name, change) => writeFile(file(name), change(await readFile(file(name), 'utf8')));
  const check = async () => (await (await fetch(`${world.atende.url}/health/ready`)).json()).checks.profile;
  return { world, profile, file, edit, check };
}

describe('a profile that is edited while it serves', { concurrency: true }, () => {
  it('answers differently from the next turn on, and keeps serving when it is broken', async (t) => {
    const { world, file, edit, check } = await editableWorld(t, { AI_DRY_RUN: 'true' });
    const ana = world.customer();
    const asks = async () => {
      await ana.writes('onde fica a loja?');
      return ana.hears();
    };
    assert.match(await asks(), /Av\. Norte, 1520/);
    const first = (await check()).detail;
    assert.match(first, /^motorcycle-dealer@[0-9a-f]{12}$/);

    await edit('profile.yaml', (text) => text.replace('Av. Norte, 1520', 'Rua da Aurora, 7'));
    await world.atende.untilLogged(/\[PROFILE\] motorcycle-dealer@\w+ serves from the next turn on/);
    assert.match(await asks(), /Rua da Aurora, 7/);

    await edit('profile.yaml', (text) => text.replace('Rua da Aurora, 7', 'Rua Nova, 1').replace('limits:', 'limit:'));
    await world.atende.untilLogged(/\[PROFILE\] profile\.yaml:\d+: limit: unknown key \(did you mean "limits"\?\)/);
    const ready = await fetch(`${world.atende.url}/health/ready`);
    assert.equal(ready.status, 200);
    const told = await check();
    assert.equal(told.ok, false);
    assert.match(told.detail, /keeps|serves/);
    assert.match(told.detail, /profile\.yaml:\d+/);
    assert.match(await asks(), /Rua da Aurora, 7/);
    const page = await (await fetch(`${world.atende.url}/simulator/api/state`)).json();
    assert.match(page.profile_problems[0], /profile\.yaml:\d+: limit: chave desconhecida \(quis dizer "limits"\?\)/);

    // As an editor saves: another file, renamed into place.
    const fixed = (await readFile(file('profile.yaml'), 'utf8')).replace('limit:', 'limits:');
    await writeFile(file('profile.yaml.new'), fixed);
    await rename(file('profile.yaml.new'), file('profile.yaml'));
    await eventually(async () => (await check()).ok, () => `a whole profile\n${world.atende.tail()}`);
    assert.match(await asks(), /Rua Nova, 1/);
    assert.deepEqual((await (await fetch(`${world.atende.url}/simulator/api/state`)).json()).profile_problems, []);
  });

  it('survives a folder that git replaces', async (t) => {
    const { world, profile, check } = await editableWorld(t);
    const before = (await check()).detail;
    await cp(profile, `${profile}.next`, { recursive: true });
    await writeFile(join(`${profile}.next`, 'prompt.md'), 'Você é a Sol. {{> estilo}}');
    await rm(profile, { recursive: true });
    await rename(`${profile}.next`, profile);
    await eventually(async () => {
      const now = await check();
      return now.ok && now.detail !== before;
    }, () => `the other profile\n${world.atende.tail()}`);
    const ana = world.customer();
    await ana.writes('oi');
    await ana.hears();
    assert.match(world.openai.requests.at(-1).messages[0].content, /^Você é a Sol\. # Como conversar/);
  });

  it('says which model is asked, from the next turn on', async (t) => {
    const { world, edit } = await editableWorld(t);
    const ana = world.customer();
    const asked = async () => {
      await ana.writes('oi');
      await ana.hears();
      return world.openai.requests.at(-1).body.model;
    };
    assert.equal(await asked(), 'gpt-4o-mini');
    await edit('profile.yaml', (text) => text.replace('model:\n', 'model:\n  name: gpt-4o\n'));
    await world.atende.untilLogged(/serves from the next turn on/);
    assert.equal(await asked(), 'gpt-4o');
    const ready = await (await fetch(`${world.atende.url}/health/ready`)).json();
    assert.equal(ready.checks.model.detail, 'gpt-4o');
    assert.equal((await (await fetch(`${world.atende.url}/simulator/api/state`)).json()).model, 'gpt-4o');
  });

  it('says how long is waited, from the next message on, unless the environment does', async (t) => {
    const { world, edit } = await editableWorld(t, { DEBOUNCE_SECONDS: '' });
    const ana = world.customer();
    await ana.writes('tem a moto?');
    await world.atende.untilLogged(/\[RECV\] ig:\S+ message, due in 2500 ms/); // adapted: neither complete nor a fragment
    await ana.hears();
    await edit('profile.yaml', (text) => `${text}\ndebounce: {seconds: 0.35, max_seconds: 1}\n`);
    await world.atende.untilLogged(/serves from the next turn on/);
    await ana.writes('tem a moto?');
    await world.atende.untilLogged(/message, due in 350 ms/);
    await ana.hears();

    const paid = await editableWorld(t, { AGENT_MODEL: 'gpt-4o-mini', DEBOUNCE_SECONDS: '0.25' });
    await paid.edit('profile.yaml', (text) => `${text.replace('model:\n', 'model:\n  name: gpt-4o\n')}\ndebounce: {seconds: 0.35}\n`);
    await paid.world.atende.untilLogged(/serves from the next turn on/);
    const bia = paid.world.customer();
    await bia.writes('tem a moto?');
    await paid.world.atende.untilLogged(/message, due in 250 ms/);
    await bia.hears();
    assert.equal(paid.world.openai.requests.at(-1).body.model, 'gpt-4o-mini');
  });

  it('leaves channels to people, and keeps what was said there', async (t) => {
    const { world, edit } = await editableWorld(t, { ADMIN_TOKEN });
    const channels = (names) => (text) => `${text.replace(/^channels: .*\n/m, '')}channels: [${names}]\n`;
    await edit('profile.yaml', channels('whatsapp'));
    await world.atende.untilLogged(/channels: the profile answers on whatsapp alone \(channels\), and none of them is connected/);
    await world.atende.untilLogged(/serves from the next turn on/);
    const ana = world.customer();
    await ana.writes('meu nome é Ana, tem a XY 150?');
    await world.atende.untilLogged(
      new RegExp(`\\[BLOCK\\] ig:${ana.account}:${ana.id} the profile does not answer on instagram \\(channels\\); 1 message`),
    );
    await world.atende.untilIdle();
    assert.deepEqual(world.openai.requests, [], 'a model was paid for it');
    assert.deepEqual(world.meta.actions, [], 'somebody was seen typing');

    await edit('profile.yaml', channels('whatsapp, instagram'));
    await eventually(() => world.atende.lines.filter((line) => /serves from the next turn on/.test(line)).length === 2, 'the other list');
    await ana.writes('alô?');
    assert.match(await ana.hears(), /^Resposta: .*alô\?$/s);
    const told = world.openai.requests.at(-1).messages.map(({ content }) => content);
    assert.ok(told.some((text) => /meu nome é Ana/.test(text)), told.join('\n'));
    assert.equal(ana.inbox.length, 1);

    const shown = await runAtende(['show', ana.id, '--json', '--url', world.atende.url], { home: world.home, env: { ADMIN_TOKEN } });
    const why = JSON.parse(shown.stdout).history.map(({ not_answered }) => not_answered);
    assert.deepEqual(why, ['channels', undefined, undefined], 'the first was left to people');
  });

  it('is recorded with every turn', async (t) => {
    const { world, edit } = await editableWorld(t, { ADMIN_TOKEN });
    const ana = world.customer();
    world.openai.answerNext(callTool('add_lead_to_nocodb', LEAD), reply('Anotado!'));
    await ana.writes('oi');
    await ana.hears();
    await edit('prompt.md', (text) => `${text}\nFim.`);
    await world.atende.untilLogged(/serves from the next turn on/);
    await ana.writes('e agora?');
    await ana.hears();
    const shown = await runAtende(['show', ana.id, '--json', '--url', world.atende.url], {
      home: world.home,
      env: { ADMIN_TOKEN },
    });
    const versions = JSON.parse(shown.stdout)
      .history.filter((entry) => entry.who === 'bot')
      .map((entry) => entry.profile);
    assert.equal(versions.length, 2);
    for (const version of versions) assert.match(version, /^motorcycle-dealer@[0-9a-f]{12}$/);
    assert.notEqual(versions[0], versions[1]);
    const text = await runAtende(['show', ana.id, '--url', world.atende.url], { home: world.home, env: { ADMIN_TOKEN } });
    assert.match(text.stdout, new RegExp(`bot ${versions[1].split('@')[1]}`));
  });

  it('compares variants of its prompt by the leads they bring', async (t) => {
    const { world, file, edit } = await editableWorld(t, { ADMIN_TOKEN });
    await writeFile(file('prompt-curto.md'), 'Prompt curto de {{shop_name}}.');
    await edit('profile.yaml', (text) => `${text}\nvariants:\n  atual: {weight: 1}\n  curta: {prompt: prompt-curto.md}\n`);
    await world.atende.untilLogged(/serves from the next turn on/);
    const met = { atual: 0, curta: 0 };
    for (let i = 0; i < 12; ++i) {
      const someone = world.customer();
      world.openai.answerNext(callTool('add_lead_to_nocodb', LEAD), reply('Anotado!'));
      await someone.writes('oi');
      await someone.hears();
      met[/^Prompt curto de/.test(world.openai.requests.at(-1).messages[0].content) ? 'curta' : 'atual'] += 1;
    }
    assert.ok(met.atual > 0 && met.curta > 0, JSON.stringify(met));
    const answer = await runAtende(['variants', '--json', '--url', world.atende.url], {
      home: world.home,
      env: { ADMIN_TOKEN },
    });
    for (const one of JSON.parse(answer.stdout).variants) {
      assert.equal(one.profile, 'motorcycle-dealer');
      assert.equal(one.conversations, met[one.variant]);
      assert.equal(one.turns, met[one.variant]);
      assert.equal(one.lead_rate, 1);
    }
    const table = await runAtende(['variants', '--url', world.atende.url], { home: world.home, env: { ADMIN_TOKEN } });
    assert.match(table.stdout, /motorcycle-dealer +curta +\d+ +\d+ +\d+ +100\.0 %/);
  });
});

describe('the commands of who writes a profile', () => {
  let home;
  before(async () => {
    home = await makeHome();
    await mkdir(join(home, 'profiles'));
  });
  after(() => removeHome(home));
  const run = (args, env = {}) => runAtende(args, { home, env });

  it('check says that a profile is right, or all that is wrong with it', async () => {
    const profile = await copyOfProfile(home);
    for (const name of [profile, 'motorcycle-dealer']) {
      const good = await run(['check', name]);
      assert.equal(good.code, 0, good.stderr);
      assert.match(good.stdout, /^motorcycle-dealer@[0-9a-f]{12}: em ordem \(\d+ arquivos\)$/m);
    }
    await writeFile(join(profile, 'prompt.md'), 'Oi.\n{{shop_nome}} {{> persoma}}\n');
    await writeFile(join(profile, 'evals/b.yaml'), 'converstions: []\n');
    const shop = await readFile(join(profile, 'profile.yaml'), 'utf8');
    await writeFile(join(profile, 'profile.yaml'), `channels: [instagran]\n${shop}`);
    const bad = await run(['check', profile]);
    assert.equal(bad.code, 1);
    assert.match(bad.stderr, /profiles\/motorcycle-dealer\/prompt\.md:2: a variável {{shop_nome}} não existe \(quis dizer "shop_name"\?\)/);
    assert.match(bad.stderr, /prompt\.md:2: espera uma parte que exista: .*\(quis dizer "persona"\?\)/);
    assert.match(bad.stderr, /evals\/b\.yaml:1: converstions: chave desconhecida \(quis dizer "conversations"\?\)/);
    assert.match(bad.stderr, /profile\.yaml:1: channels: espera instagram, web, whatsapp; recebeu "instagran" \(quis dizer "instagram"\?\)/);
    assert.match(bad.stderr, /: 5 problemas$/m);
    const english = await run(['check', profile], { TERMINAL_LANGUAGE: 'en' });
    assert.match(english.stderr, /unknown key \(did you mean "conversations"\?\)/);
    assert.equal((await run(['check', 'no-such-profile'])).code, 2);
  });

  it('check says which address of a tool a server would refuse', async (t) => {
    const own = await makeHome();
    t.after(() => removeHome(own));
    const profile = await copyOfProfile(own);
    const tool = 'name: frete\ndescription: Frete.\nurl: "http://exemplo.com.br/frete"\nanswers: [{success: feito}]\nmock: [{}]\n';
    await writeFile(join(profile, 'tools/frete.yaml'), tool);
    const check = (env) => runAtende(['check', profile], { home: own, env });
    const refused = await check({});
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /tools\/frete\.yaml:3: url: espera https:\/\/, ou exemplo\.com\.br entre os TOOL_ALLOWED_HOSTS/);
    assert.match(refused.stderr, /: 1 problema$/m);
    const allowed = await check({ TOOL_ALLOWED_HOSTS: 'exemplo.com.br' });
    assert.equal(allowed.code, 0, allowed.stderr);
  });

  it('new-profile and new-tool write what passes check and serves', async (t) => {
    assert.equal((await run(['new-profile', 'padaria'])).code, 0);
    assert.equal((await run(['new-tool', 'consultar_pedido', '--profile', 'padaria'])).code, 0);
    assert.deepEqual(await readdir(join(home, 'profiles/padaria/tools')), ['consultar_pedido.yaml']);
    const checked = await run(['check', 'padaria']);
    assert.equal(checked.code, 0, checked.stderr);
    assert.equal((await run(['new-profile', 'padaria'])).code, 2); // it is there already

    const world = await worldFor(t, { env: { PROFILE_DIR: join(home, 'profiles/padaria'), AI_DRY_RUN: 'true' } });
    const ana = world.customer();
    await ana.writes('oi');
    assert.match(await ana.hears(), /assistente virtual da Minha Loja/);
  });

  it('serve --profile takes a name', async () => {
    const wrong = await run(['serve', '--profile', 'nenhum']);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /PROFILE_DIR: espera uma pasta com profile\.yaml; recebeu "profiles\/nenhum"/);
  });
});
