// A shop that sets the product up asks what is wrong, and is told what to do.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, request as ask } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BINARY, connectionsTo, runAtende } from './support/atende.mjs';
import { makeHome, removeHome } from './support/home.mjs';
import { FakeMeta } from './support/meta.mjs';
import { FakeOpenAi } from './support/openai.mjs';
import { startRedis } from './support/redis.mjs';
import { worldFor } from './support/world.mjs';

// What stands behind the mark of each subject: { 'modelo': '✓ gpt-…' }
const findings = (stdout) =>
  Object.fromEntries([...stdout.matchAll(/^([✓–✗]) ([^:]+): (.*)$/gmu)].map(([, mark, what, said]) => [what, `${mark} ${said}`]));

// A proxy in front of `server`; `change` sees each request before it goes on.
async function proxyTo(t, server, change = (body) => body) {
  const proxy = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = change(Buffer.concat(chunks));
    const headers = { ...request.headers, ...(request.method === 'POST' && { 'content-length': body.length }) };
    const on = ask(server + request.url, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    on.end(body);
  });
  await new Promise((listening) => proxy.listen(0, '127.0.0.1', listening));
  t.after(() => proxy.close());
  return `http://127.0.0.1:${proxy.address().port}`;
}

describe('atende doctor', { concurrency: true }, () => {
  let home, meta, openai;
  before(async () => {
    [home, meta, openai] = [await makeHome(), await FakeMeta.start(), await FakeOpenAi.start()];
  });
  after(async () => {
    await Promise.all([meta.stop(), openai.stop()]);
    await removeHome(home);
  });
  const doctor = (env = {}) => runAtende(['doctor'], { home, env });
  const connected = (env = {}) => doctor({ ...connectionsTo(meta, openai), ...env });

  it('finds nothing wrong where nothing is configured, and says what is not used', async () => {
    const { code, stdout } = await doctor();
    assert.equal(code, 0, stdout);
    const told = findings(stdout);
    assert.match(told.perfil, /^✓ motorcycle-dealer@/);
    assert.match(told.canais, /^✓ todos/);
    assert.match(told['leitor de áudio'], /^✓/);
    assert.match(told['onde ficam os leads'], /^✓ .*leads\.csv/);
    assert.match(told.modelo, /^– .*roteiro/);
    assert.match(told['conta do Instagram'], /^– .*simulador/);
    assert.match(stdout, /Tudo em ordem/);
  });

  it('goes the ways that Meta, the model and customers would', async (t) => {
    const world = await worldFor(t);
    const { code, stdout } = await doctor({
      ...connectionsTo(world.meta, world.openai),
      PUBLIC_BASE_URL: await proxyTo(t, world.atende.url),
      INSTAGRAM_ACCOUNT_ID: world.meta.accounts[0],
    });
    assert.equal(code, 0, stdout);
    const told = findings(stdout);
    assert.match(told.modelo, /^✓ gpt-/);
    assert.match(told['transcrição'], /^✓ gpt-4o-mini-transcribe/);
    assert.equal(told['conta do Instagram'], `✓ @loja (${world.meta.accounts[0]})`);
    assert.match(told['assinatura de mensagens'], /^✓ messages/);
    assert.match(told['endereço do webhook'], /^✓ http/);
    await world.quiet();
    const shelf = await fetch(`${world.atende.url}/media/audio/${'a'.repeat(22)}.m4a`);
    assert.equal(shelf.headers.get('x-content-type-options'), 'nosniff', 'doctor would not know it');
  });

  it('tells what serve would refuse, and who does not answer', async () => {
    const ads = fileURLToPath(new URL('../../profiles/ads-manager', import.meta.url));
    const { code, stdout } = await connected({ PROFILE_DIR: ads });
    assert.equal(code, 1);
    const told = stdout.match(/^✗ perfil: o servidor não começaria:.*\n((?: {4}.*\n)+)/m);
    const lines = told[1].trim().split('\n').map((line) => line.trim());
    assert.equal(lines.length, 6, stdout);
    for (const line of lines.slice(0, 5)) assert.match(line, /^tools\/.*: espera a variável de ambiente META_/);
    assert.match(lines[5], /^e mais \d+$/);
    const nocodb = { NOCODB_TABLE_URL: 'http://127.0.0.1:9/api/v2/tables/t1/records', NOCODB_API_TOKEN: 'canary' };
    assert.match(findings((await connected(nocodb)).stdout)['onde ficam os leads'], /^✗ NocoDB não respondeu/);
  });

  it('tells that audio cannot be read where its program is missing', async () => {
    const alone = join(home, 'atende');
    await promisify(execFile)('cp', [BINARY, alone]); // not copyFile: what others start meanwhile would hold it open
    const { stdout } = await runAtende(['doctor'], { home, binary: alone });
    assert.match(findings(stdout)['leitor de áudio'], /^✗ .*atende-media não funciona/);
  });

  it('says why answers are not spoken', async () => {
    const { code, stdout } = await connected({ ENABLE_INSTAGRAM_AUDIO_REPLY: 'true', PUBLIC_BASE_URL: 'http://127.0.0.1:9' });
    assert.equal(code, 1);
    assert.match(findings(stdout)['respostas em áudio'], /^✗ PUBLIC_BASE_URL não é https.*saem como texto/);
    const away = { ENABLE_INSTAGRAM_AUDIO_REPLY: 'true', PUBLIC_BASE_URL: 'https://127.0.0.1:9' };
    assert.match(findings((await connected(away)).stdout)['respostas em áudio'], /^✗ PUBLIC_BASE_URL não respondeu/);
    openai.models = openai.models.filter((model) => model !== 'gpt-4o-mini-tts');
    assert.match(findings((await connected(away)).stdout)['respostas em áudio'], /^✗ gpt-4o-mini-tts: o servidor não conhece/);
  });

  it('tells a wrong key, a wrong token and the token of another account', async () => {
    const refused = findings((await connected({ OPENAI_API_KEY: 'sk-old', INSTAGRAM_ACCESS_TOKEN: 'IGAAold' })).stdout);
    assert.match(refused.modelo, /^✗ a chave foi recusada/);
    assert.match(refused['conta do Instagram'], /^✗ o INSTAGRAM_ACCESS_TOKEN não vale.*Invalid OAuth/);
    const other = findings((await connected({ INSTAGRAM_ACCOUNT_ID: '17840000000000009' })).stdout);
    assert.match(other['conta do Instagram'], /^✗ INSTAGRAM_ACCOUNT_ID é 17840000000000009, mas o token é da conta 1784/);
    assert.doesNotMatch(JSON.stringify([refused, other]), /sk-old|IGAAold|canary/, 'a secret is shown');
  });

  it('tells that the account sends its messages to nobody', async (t) => {
    const deaf = await FakeMeta.start({ subscribedFields: ['comments'] });
    t.after(() => deaf.stop());
    const { code, stdout } = await doctor(connectionsTo(deaf, openai));
    assert.equal(code, 1);
    assert.match(findings(stdout)['assinatura de mensagens'], /^✗ .*POST me\/subscribed_apps\?subscribed_fields=messages/);
  });

  it('tells a server with another token or secret, and a proxy that changes the body', async (t) => {
    const world = await worldFor(t);
    const env = connectionsTo(world.meta, world.openai);
    const through = async (more) => findings((await doctor({ ...env, ...more })).stdout)['endereço do webhook'];
    const url = await proxyTo(t, world.atende.url);
    assert.match(await through({ PUBLIC_BASE_URL: url, INSTAGRAM_VERIFY_TOKEN: 'outro' }), /^✗ .*a verificação da Meta falharia/);
    assert.match(await through({ PUBLIC_BASE_URL: url, INSTAGRAM_APP_SECRET: 'outro' }), /^✗ .*webhook assinado foi recusado \(HTTP 403\)/);
    const anew = (body) => Buffer.from(body.length > 0 ? JSON.stringify(JSON.parse(body)) : '');
    const changing = await proxyTo(t, world.atende.url, anew);
    assert.match(await through({ PUBLIC_BASE_URL: changing }), /^✗ .*o proxy muda o corpo/);
  });

  it('tells a profile with mistakes, and a Redis that would forget or is away', async (t) => {
    const redis = await startRedis({ directory: join(home, 'redis'), settings: { 'maxmemory-policy': 'allkeys-lru' } });
    t.after(() => redis.stop());
    const told = findings((await doctor({ REDIS_URL: redis.url })).stdout);
    assert.match(told['servidor Redis'], /^✗ maxmemory-policy é allkeys-lru/);
    const gone = findings((await doctor({ REDIS_URL: 'redis://127.0.0.1:9/0' })).stdout);
    assert.match(gone['servidor Redis'], /^✗ REDIS_URL não respondeu/);
    await mkdir(join(home, 'loja'));
    await writeFile(join(home, 'loja/profile.yaml'), 'nome: loja\n');
    const wrong = findings((await doctor({ PROFILE_DIR: join(home, 'loja') })).stdout);
    assert.match(wrong.perfil, /^✗ \d+ problemas?; veja com: atende check /);
  });

  it('names the profile with its knowledge, as `check` and the answers do', async () => {
    const shop = fileURLToPath(new URL('../../profiles/optical-store', import.meta.url));
    const told = findings((await doctor({ PROFILE_DIR: shop })).stdout);
    const version = told.conhecimento.match(/^✓ \d+ arquivos, \d+ respostas fixas, versão ([0-9a-f]{12})$/)[1];
    assert.ok(told.perfil.endsWith(`+${version}`), told.perfil);
  });

  it('speaks English, too', async () => {
    const { stdout } = await doctor({ TERMINAL_LANGUAGE: 'en' });
    assert.match(stdout, /✓ profile: motorcycle-dealer@/);
    assert.match(stdout, /All is well/);
  });
});
