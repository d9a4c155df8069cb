// `atende dm`: the whole road from a terminal, through the simulator's channel.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runAtende } from './support/atende.mjs';
import { hang, reply } from './support/openai.mjs';
import { sharedWorld, worldFor } from './support/world.mjs';

describe('atende dm', () => {
  const world = sharedWorld();
  const dm = (...args) => runAtende(['dm', ...args], { home: world.home });

  it('prints the answer', async () => {
    const { code, stdout } = await dm('--url', world.atende.url, 'oi, tudo bem?');
    assert.equal(stdout, 'Resposta: oi, tudo bem?\n');
    assert.equal(code, 0);
    assert.deepEqual(world.meta.sent, [], 'a simulated customer reached the real Graph API');
  });

  it('prints every message of a long answer', async () => {
    const parts = ['Primeira parte. '.repeat(60).trim(), 'Segunda parte. '.repeat(60).trim(), 'Fim.'];
    world.openai.answerNext(reply(parts.join('\n\n')));
    const { stdout } = await dm('--url', world.atende.url, 'conte tudo');
    assert.equal(stdout.replaceAll(/\s+/g, ' ').trim(), parts.join(' '));
  });

  it('sends several texts as one burst', async () => {
    const { stdout } = await dm('--url', world.atende.url, 'oi', 'tem a XY 150?');
    assert.equal(stdout, 'Resposta: oi\ntem a XY 150?\n');
  });

  it('goes on with the conversation of the same contact', async () => {
    await dm('--url', world.atende.url, '--contact', 'mariasilva', 'meu nome é Maria');
    const { stdout } = await dm('--url', world.atende.url, '--contact', 'mariasilva', 'como me chamo?');
    assert.equal(stdout, 'Resposta: como me chamo?\n');
    assert.match(JSON.stringify(world.openai.requests.at(-1).messages), /meu nome é Maria/);
  });

  it('takes a contact as the page and the log show it', async () => {
    await dm('--url', world.atende.url, '--contact', 'sim_joana', 'oi');
    assert.equal(world.openai.requests.at(-1).messages.at(-1).content, 'oi');
    await dm('--url', world.atende.url, '--contact', 'joana', 'de novo');
    assert.match(JSON.stringify(world.openai.requests.at(-1).messages), /"oi"/);
  });

  it('says what is wrong with a contact', async () => {
    for (const contact of ['a b', 'sim_', 'joão']) {
      const { code, stderr } = await dm('--url', world.atende.url, '--contact', contact, 'oi');
      assert.match(stderr, /--contact: espera de 1 a 32 letras e dígitos; recebeu/);
      assert.equal(code, 2);
    }
  });

  it('fails when no answer comes', async () => {
    world.openai.answerNext(hang());
    const { code, stdout, stderr } = await dm('--url', world.atende.url, '--timeout', '2', 'alô?');
    assert.equal(stdout, '');
    assert.match(stderr, /não veio resposta; `atende conversations` mostra se o bot está em silêncio/);
    assert.equal(code, 1);
  });

  it('takes the address of a server with its last slash', async () => {
    assert.equal((await dm('--url', `${world.atende.url}/`, 'oi')).stdout, 'Resposta: oi\n');
  });

  it('says what a server refused, without its JSON', async (t) => {
    const said = async (refusing, language) => {
      const env = { TERMINAL_LANGUAGE: language };
      const { code, stderr } = await runAtende(['dm', '--url', refusing.atende.url, 'x'.repeat(1_001)], { home: world.home, env });
      assert.equal(code, 1);
      assert.doesNotMatch(stderr, /[{}]/);
      return stderr;
    };
    assert.match(await said(world, 'en'), /text must be a string of 1 to 1000 characters/);
    assert.match(await said(world, 'pt-BR'), /de 1 a 1000 caracteres/);
    const guarded = await worldFor(t, { env: { ADMIN_TOKEN: 'an-operators-token' } });
    assert.match(await said(guarded, 'pt-BR'), /pede o ADMIN_TOKEN/);
    assert.match(await said(guarded, 'en'), /asks for the server's ADMIN_TOKEN/);
    const without = await worldFor(t, { env: { ENABLE_SIMULATOR: 'false' } });
    assert.match(await said(without, 'pt-BR'), /ligue-o com ENABLE_SIMULATOR=true/);
    assert.match(await said(without, 'en'), /switch it on with ENABLE_SIMULATOR=true/);
  });

  it('says what to do when no server runs', async () => {
    const { code, stderr } = await dm('--url', 'http://127.0.0.1:1', 'alô?');
    assert.match(stderr, /inicie um/);
    assert.equal(code, 1);
    const env = { TERMINAL_LANGUAGE: 'en' };
    const english = await runAtende(['dm', '--url', 'http://127.0.0.1:1', 'alô?'], { home: world.home, env });
    assert.match(english.stderr, /start one/);
  });
});
