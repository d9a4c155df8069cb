// Configuration: nothing is guessed, everything wrong is said at once, secrets are never shown.
import assert from 'node:assert/strict';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runAtende } from './support/atende.mjs';
import { makeHome, removeHome } from './support/home.mjs';

const SECRETS = {
  OPENAI_API_KEY: 'sk-canary-41b9',
  INSTAGRAM_APP_SECRET: 'canary-app-8e22,canary-app-5d07',
  INSTAGRAM_ACCESS_TOKEN: 'IGAAcanary-66f3',
  INSTAGRAM_VERIFY_TOKEN: 'canary-verify-90aa',
  NOCODB_API_TOKEN: 'canary-noco-17cd',
  ADMIN_TOKEN: 'canary-admin-f00d-0123456789',
  REDIS_URL: 'redis://shop:canary-redis-2a2a@127.0.0.1:6379/0',
};

describe('configuration', () => {
  let home;
  before(async () => (home = await makeHome()));
  after(() => removeHome(home));

  const run = (args, env) => runAtende(args, { home, env });
  const output = ({ stdout, stderr }) => stdout + stderr;

  it('of production without secrets is refused, naming all that are missing', async () => {
    const result = await run(['serve'], { APP_ENV: 'prod' });
    assert.notEqual(result.code, 0);
    for (const name of ['INSTAGRAM_APP_SECRET', 'INSTAGRAM_VERIFY_TOKEN', 'INSTAGRAM_ACCESS_TOKEN', 'OPENAI_API_KEY']) {
      assert.match(output(result), new RegExp(name));
    }
    assert.doesNotMatch(output(result), /listening/);
  });

  it('warns of a misspelt name in .env, unless the profile uses it', async (t) => {
    const shop = join(home, 'misspelt');
    await cp(fileURLToPath(new URL('../../profiles/ads-manager', import.meta.url)), shop, { recursive: true });
    const tool = join(shop, 'tools/alterar_orcamento.yaml');
    await writeFile(tool, (await readFile(tool, 'utf8')).replaceAll('META_ADS_ACCESS_TOKEN', 'WEB_CHAT_TOKENS'));
    t.after(() => Promise.all([rm(join(home, '.env')), rm(shop, { recursive: true })]));
    await writeFile(join(home, '.env'), 'DEBOUNCE_SECOND=9\nWEB_CHAT_TOKENS=canary\n');
    const { code, stderr } = await run(['config'], { PROFILE_DIR: shop });
    assert.equal(code, 0, stderr);
    assert.equal(stderr, '.env: DEBOUNCE_SECOND não é uma configuração (quis dizer DEBOUNCE_SECONDS?)\n');
  });

  it('with wrong values is refused, naming every one of them', async () => {
    const wrong = {
      PORT: 'many',
      DEBOUNCE_SECONDS: '-1',
      LOG_LEVEL: 'loud',
      LOG_FORMAT: 'xml',
      TERMINAL_LANGUAGE: 'fr',
      APP_ENV: 'moon',
      REDIS_URL: 'http://127.0.0.1',
      GRAPH_BASE_URL: 'graph',
      OPENAI_BASE_URL: 'ftp://x',
      MAX_AGENT_INPUT_CHARS: '0',
      AI_DRY_RUN: 'perhaps',
      INSTAGRAM_API_VERSION: 'newest',
      HOST: 'shop',
      PROFILE_DIR: '/dev/null',
      DATA_DIR: '/dev/null/data',
    };
    await writeFile(join(home, '.env'), 'no equals sign\n');
    const result = await run(['serve'], wrong);
    await rm(join(home, '.env'));
    assert.equal(result.code, 2);
    const unnamed = [...Object.keys(wrong), '.env, linha 1'].filter((name) => !output(result).includes(`${name}: espera`));
    assert.deepEqual(unnamed, []);
  });

  it('is shown with every secret masked', async () => {
    const table = { NOCODB_TABLE_URL: 'https://noco.example.com/api/v2/tables/m1/records' };
    const result = await run(['config'], { ...SECRETS, ...table });
    assert.equal(result.code, 0, output(result));
    for (const [name, value] of Object.entries(SECRETS)) {
      assert.match(result.stdout, new RegExp(name));
      for (const secret of value.match(/canary[\w-]*/g))
        assert.ok(!output(result).includes(secret), `${name} is shown`);
    }
    assert.match(result.stdout, /AGENT_MODEL.*gpt-4o-mini/);
  });

  it('is read from .env, and the environment wins', async () => {
    await writeFile(join(home, '.env'), '# notes\nAGENT_NAME="Sol da Loja"\nAGENT_MODEL=from-file\n');
    const { stdout } = await run(['config'], { AGENT_MODEL: 'from-environment' });
    await rm(join(home, '.env'));
    assert.match(stdout, /AGENT_NAME.*Sol da Loja/);
    assert.match(stdout, /AGENT_MODEL.*from-environment/);
    assert.doesNotMatch(stdout, /from-file/);
  });

  it('takes MODEL_NAME for AGENT_MODEL', async () => {
    await writeFile(join(home, '.env'), 'AGENT_MODEL=from-file\n');
    const { stdout } = await run(['config'], { MODEL_NAME: 'old-name' });
    await rm(join(home, '.env'));
    assert.match(stdout, /AGENT_MODEL.*old-name/);
  });

  it('says that .env is a folder', async () => {
    await mkdir(join(home, '.env'));
    const result = await run(['serve'], {});
    await rm(join(home, '.env'), { recursive: true });
    assert.equal(result.code, 2);
    assert.match(result.stderr, /\.env: espera um arquivo.*é uma pasta/);
  });

  it('chooses the language of the terminal, in the environment or .env', async () => {
    const locale = { LANG: 'en_US.UTF-8', LC_ALL: 'en_US.UTF-8' }; // a server's says nothing about its owner
    const wrong = { PORT: 'many' };
    assert.match((await run(['serve'], { ...locale, ...wrong })).stderr, /PORT: espera um número de 0 a 65535; recebeu/);
    await writeFile(join(home, '.env'), 'TERMINAL_LANGUAGE=en\n');
    const english = await run(['serve'], wrong);
    assert.match(english.stderr, /configuration is wrong:\n {2}PORT: expected a number from 0 to 65535, got/);
    assert.match((await run(['--help'], wrong)).stdout, /Subcommands:\n {2}serve +run the server/, 'PORT is no matter of help');
    const { stdout } = await run(['--help'], { TERMINAL_LANGUAGE: 'pt-BR' });
    await rm(join(home, '.env'));
    assert.match(stdout, /Comandos:\n {2}serve +inicia o servidor/);
  });

  it('explains every command in both languages', async () => {
    const help = async (args, language) => (await run([...args, '--help'], { TERMINAL_LANGUAGE: language })).stdout;
    const described = (text) => new Map([...text.matchAll(/^ {2}(\S+).*? {2,}(\S.*)$/gm)].map(([, name, what]) => [name, what]));
    const commands = [...(await help([], 'en')).split('Subcommands:')[1].matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name);
    assert.ok(commands.includes('serve') && commands.includes('replay'), commands.join());
    const nested = ['drop', 'list'].map((name) => ['ambiguous', name]);
    nested.push(...['list', 'show', 'retry', 'drop'].map((name) => ['dead', name]));
    for (const args of [[], ...commands.map((name) => [name]), ...nested]) {
      const [portuguese, english] = [await help(args, 'pt-BR'), await help(args, 'en')];
      assert.doesNotMatch(portuguese, /Usage|Options|OPTIONS|Positionals|REQUIRED|Subcommands|SUBCOMMAND/);
      assert.notEqual(portuguese.split('\n')[0], english.split('\n')[0]);
      const [ours, theirs] = [described(portuguese), described(english)];
      assert.deepEqual([...ours.keys()], [...theirs.keys()]);
      for (const [name, what] of ours) assert.notEqual(what, theirs.get(name), `${args.join(' ')} ${name}`);
    }
  });

  it('says what is wrong with a command line in both languages', async () => {
    const said = async (args, language) => {
      const { code, stderr } = await run(args, { TERMINAL_LANGUAGE: language });
      assert.equal(code, 2, args.join(' '));
      return stderr;
    };
    const sentences = [
      [[], /^falta o comando\n/, /^A subcommand is required\n/],
      [['status2'], /^não há o comando status2\n/, /^There is no command status2\n/],
      [['shw', 'x'], /^não há o comando shw\n/, /^There is no command shw\n/],
      [['--verbose', 'x'], /^argumento inesperado: --verbose\n/, /^The following argument was not expected: --verbose\n/],
      [['pause'], /^contact: falta dizer\n/, /^contact is required\n/],
      [['pause', '1', '2'], /^argumento inesperado: 2\n/, /^The following argument was not expected: 2\n/],
      [['pause', '1', '--minutes', '0'], /espera um número de 1 a 43200; recebeu "0"/, /a number from 1 to 43200, got "0"/],
      [['ambiguous', 'drop', '1', 'x'], /^valor inválido: send = x\n/, /^Could not convert: send = x\n/],
      [['replay', '--from'], /^--from: falta o valor\n/, /^--from: 1 required TEXT missing\n/],
    ];
    for (const [args, portuguese, english] of sentences) {
      assert.match(await said(args, 'pt-BR'), portuguese);
      assert.match(await said(args, 'en'), english);
    }
  });

  it('refuses a command that does not exist', async () => assert.notEqual((await run(['dance'], {})).code, 0));
});
