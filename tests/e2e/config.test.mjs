// Configuration: nothing is guessed, everything wrong is said at once, secrets are never shown.
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
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

  it('refuses a command that does not exist', async () => assert.notEqual((await run(['dance'], {})).code, 0));
});
