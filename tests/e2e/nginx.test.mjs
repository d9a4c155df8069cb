// The nginx example of docs/deploy.md, in front of the real binary.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { EventSource } from './support/event_source.mjs';
import { makeHome, removeHome } from './support/home.mjs';
import { envelope, signature } from './support/meta_webhook.mjs';
import { WITHOUT_NGINX, startNginx } from './support/nginx.mjs';
import { reply } from './support/openai.mjs';
import { sharedWorld } from './support/world.mjs';

const MAX_BODY = 1 << 20;
const CHAT_TOKEN = 'a-token-for-the-page';

describe('behind nginx with docker/nginx.conf', { skip: WITHOUT_NGINX }, () => {
  const world = sharedWorld({ env: { WEB_CHAT_TOKEN: CHAT_TOKEN, WEB_CHAT_ORIGINS: 'https://loja.example' } });
  let home;
  let nginx;
  before(async () => {
    home = await makeHome();
    nginx = await startNginx({ home, agentUrl: world.atende.url });
  });
  after(async () => {
    await nginx?.stop();
    await removeHome(home);
  });

  const headersOf = (body) => ({
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-hub-signature-256': signature(world.meta.appSecret, body),
  });
  const post = (body, more) => nginx.ask('POST', '/webhook', { headers: { ...headersOf(body), ...more }, body });

  it('a signed webhook is answered', async () => {
    const ana = world.customer();
    world.meta.knows(ana);
    assert.deepEqual(await post(envelope([ana.text('tem a XY 150? É p/ já \u{1f3cd}\ufe0f')])), {
      status: 200,
      body: 'EVENT_RECEIVED',
    });
    assert.match(await ana.hears(), /XY 150/);
  });

  it('a forged one is refused', async () => {
    const forged = { 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` };
    assert.equal((await post(envelope([world.customer().text('oi')]), forged)).status, 403);
  });

  it('the largest body arrives as it was signed, a larger one is refused', async () => {
    const ana = world.customer();
    world.meta.knows(ana);
    assert.equal((await post(envelope([ana.text('grande')]).padEnd(MAX_BODY))).status, 200);
    assert.match(await ana.hears(), /grande/);
    const headers = { 'content-type': 'application/json', 'content-length': MAX_BODY + 1 };
    assert.equal((await nginx.ask('POST', '/webhook', { headers })).status, 413);
  });

  it('the handshake is answered', async () => {
    const asked = { 'hub.mode': 'subscribe', 'hub.challenge': '1158', 'hub.verify_token': world.meta.verifyToken };
    assert.deepEqual(await nginx.ask('GET', `/webhook?${new URLSearchParams(asked)}`), { status: 200, body: '1158' });
  });

  it('the web chat is answered word by word', async () => {
    const stalled = world.openai.stall(reply('Temos a XY 150 sim, em duas cores, para pronta entrega!'));
    const page = await EventSource.open(`${nginx.url}/api/agent/chat/stream`, {
      headers: { authorization: `Bearer ${CHAT_TOKEN}` },
      json: { message: 'tem a XY 150?' },
      tls: nginx.tls,
    });
    await page.until((event) => event.type === 'content', 'the first words');
    stalled.release();
    await page.untilEnd();
    assert.deepEqual(page.messages, ['Temos a XY 150 sim, em duas cores, para pronta entrega!']);
  });

  it('nothing else than webhooks, spoken answers, the web chat and /health is reached from outside', async () => {
    assert.equal((await nginx.ask('GET', '/health')).status, 200);
    assert.match((await nginx.ask('GET', '/media/audio/none.m4a')).body, /no such audio/);
    for (const path of ['/', '/simulator', '/admin/api/status', '/api/conversations/1/events', '/health/ready', '/webhook/x'])
      assert.equal((await nginx.ask('GET', path)).status, 404, path);
  });

  it('plain http leads to https, except where the certificate is renewed', async () => {
    const { status, headers } = await fetch(`${nginx.plainUrl}/health`, { redirect: 'manual' });
    assert.equal(status, 301);
    assert.match(headers.get('location'), /^https:/);
    const challenges = join(nginx.webroot, '.well-known/acme-challenge');
    await mkdir(challenges, { recursive: true });
    await writeFile(join(challenges, 'token'), 'proof');
    assert.equal(await (await fetch(`${nginx.plainUrl}/.well-known/acme-challenge/token`)).text(), 'proof');
  });
});
