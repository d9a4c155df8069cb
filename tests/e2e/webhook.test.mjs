// POST and GET /webhook, as Meta and as an attacker use them.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { forgeriesAreRefused } from './checks.mjs';
import { envelope, signature } from './support/meta_webhook.mjs';
import { RawConnection, requestText } from './support/raw_http.mjs';
import { filesBelow } from './support/files.mjs';
import { eventually } from './support/wait.mjs';
import { sharedWorld } from './support/world.mjs';

const SAMPLES = new URL('../data/instagram/', import.meta.url);
const OTHER_SECRET = 'facebook-login-secret';
const MAX_BODY = 1 << 20;

describe('the webhook', () => {
  const world = sharedWorld({
    env: { INSTAGRAM_APP_SECRET: `${OTHER_SECRET}, app-secret-canary-77aa` },
    meta: { accounts: ['17841400000000001', '17841400000000002'] },
  });

  async function stillAnswers() {
    const ana = world.customer();
    await ana.writes('ainda está aí?');
    assert.match(await ana.hears(), /ainda/);
  }

  describe('handshake', () => {
    const ask = (challenge, token = world.meta.verifyToken, mode = 'subscribe') =>
      fetch(
        `${world.meta.webhookUrl}?${new URLSearchParams({ 'hub.mode': mode, 'hub.challenge': challenge, 'hub.verify_token': token })}`,
      );

    it('gives the challenge back, bare', async () => {
      const response = await ask('1158201444');
      assert.equal(response.status, 200);
      assert.equal(await response.text(), '1158201444');
      assert.match(response.headers.get('content-type'), /^text\/plain/);
    });
    it('refuses a wrong token', async () => assert.equal((await ask('1', 'guess')).status, 403));
    it('refuses an empty token', async () => assert.equal((await ask('1', '')).status, 403));
    it('refuses another mode', async () =>
      assert.equal((await ask('1', world.meta.verifyToken, 'unsubscribe')).status, 403));
    it('refuses a request without parameters', async () =>
      assert.equal((await fetch(world.meta.webhookUrl)).status, 403));
    it('never reflects markup', async () => {
      const response = await ask('<script>alert(1)</script>');
      assert.notEqual(response.status, 200);
      assert.doesNotMatch(await response.text(), /<script>/);
    });
  });

  describe('signature', () => {
    const wrong = {
      missing: () => null,
      empty: () => '',
      'without sha256=': (right) => right.slice('sha256='.length),
      'as sha1=': (right) => right.replace('sha256', 'sha1'),
      'in upper case': (right) => 'sha256=' + right.slice(7).toUpperCase(),
      'one digit short': (right) => right.slice(0, -1),
      'one digit long': (right) => right + '0',
      'with a space': (right) => right.replace('=', '= '),
      'not hexadecimal': (right) => right.slice(0, -1) + 'g',
      'with one bit changed': (right) => right.slice(0, -1) + (right.endsWith('0') ? '1' : '0'),
    };
    for (const [name, make] of Object.entries(wrong)) {
      it(`${name} is refused`, async () => {
        const eve = world.customer();
        const body = envelope([eve.text('FORJADA')]);
        const headers = { 'x-hub-signature-256': make(signature(world.meta.appSecret, body)) };
        assert.equal((await world.meta.post(body, { headers })).status, 403);
      });
    }

    it('of another secret or another body is refused', () => forgeriesAreRefused(world));

    it('of the old SHA-1 kind alone is refused', async () => {
      const body = envelope([world.customer().text('FORJADA')]);
      const headers = { 'x-hub-signature-256': null, 'x-hub-signature': 'sha1=' + '0'.repeat(40) };
      assert.equal((await world.meta.post(body, { headers })).status, 403);
    });

    it('that is refused leaves nothing behind', async () => {
      await world.customer().writes('GENUINA');
      await world.quiet();
      const stored = filesBelow(world.home).map((file) => readFileSync(file, 'latin1'));
      assert.ok(
        stored.some((bytes) => bytes.includes('GENUINA')),
        'a genuine message is in the data',
      );
      assert.ok(!stored.some((bytes) => bytes.includes('FORJADA')), 'a forged message is in the data');
      assert.deepEqual(world.openai.askedAbout('FORJADA'), []);
    });

    it('of any configured secret is accepted', async () => {
      const ana = world.customer();
      const body = envelope([ana.text('com o outro segredo')]);
      const headers = { 'x-hub-signature-256': signature(OTHER_SECRET, body) };
      assert.equal((await world.meta.post(body, { headers })).status, 200);
      assert.match(await ana.hears(), /outro segredo/);
    });
  });

  describe('HTTP', () => {
    const signed = (body, more) =>
      requestText(
        'POST',
        '/webhook',
        { 'content-type': 'application/json', 'x-hub-signature-256': signature(world.meta.appSecret, body), ...more },
        body,
      );

    async function answerTo(...bytes) {
      const connection = await RawConnection.open(world.atende.url);
      for (const part of bytes) connection.send(part);
      const answer = await connection.answer();
      connection.destroy();
      return answer;
    }
    const statusOf = async (...bytes) => (await answerTo(...bytes)).status;

    // A client that never finishes what it began; checked last, so that the other tests pass the time.
    let slow;
    before(async () => {
      slow = await RawConnection.open(world.atende.url);
      slow.send('POST /webhook HTTP/1.1\r\nHost: localhost\r\nX-Slow:');
    });

    it('refuses a body over 1 MB by its announced length', async () => {
      const headers = { 'content-type': 'application/json', 'content-length': MAX_BODY + 1 };
      assert.equal(await statusOf(requestText('POST', '/webhook', headers)), 413);
    });
    it('refuses a body that grows over 1 MB in chunks', async () => {
      const head = requestText('POST', '/webhook', {
        'content-type': 'application/json',
        'transfer-encoding': 'chunked',
      });
      const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`;
      assert.equal(await statusOf(head, ...Array(MAX_BODY / 0x10000).fill(chunk), chunk), 413);
    });
    it('takes a body of 1 MB', async () => {
      const ana = world.customer();
      const body = envelope([ana.text('grande')]).padEnd(MAX_BODY);
      assert.equal((await world.meta.post(body)).status, 200);
      assert.match(await ana.hears(), /grande/);
    });
    it('holds no more than 64 MB of bodies that never end', async () => {
      const head = { 'content-type': 'application/json', 'content-length': MAX_BODY };
      const most = requestText('POST', '/webhook', head) + ' '.repeat(MAX_BODY - 1);
      const slow = await Promise.all(Array.from({ length: 80 }, () => RawConnection.open(world.atende.url)));
      const refused = [];
      for (const connection of slow) {
        connection.send(most);
        connection.answer().then(({ status }) => refused.push(status), () => {});
      }
      await eventually(() => refused.length >= 16, () => `refusal of 16 bodies, only of ${refused.length}`);
      assert.ok(refused.every((status) => status === 503), refused.join());
      slow.forEach((connection) => connection.destroy());
      await stillAnswers();
    });
    it('takes a chunked body', async () => {
      const ana = world.customer();
      world.meta.knows(ana);
      const body = envelope([ana.text('em pedaços')]);
      const head = signed(body, { 'transfer-encoding': 'chunked' }).slice(0, -body.length);
      const chunks = [body.slice(0, 20), body.slice(20)].map((part) => `${part.length.toString(16)}\r\n${part}\r\n`);
      assert.equal(await statusOf(head, ...chunks, '0\r\n\r\n'), 200);
      assert.match(await ana.hears(), /pedaços/);
    });
    it('refuses a header over 16 KB', async () => {
      assert.equal(await statusOf(requestText('GET', '/health', { 'x-long': 'x'.repeat(20 << 10) })), 431);
    });
    it('names the allowed methods', async () => {
      const { status, headers } = await answerTo(requestText('PUT', '/webhook', {}, '{}'));
      assert.equal(status, 405);
      assert.match(headers.allow, /GET/);
      assert.match(headers.allow, /POST/);
    });
    it('knows no other path', async () => assert.equal(await statusOf(requestText('GET', '/webhooks')), 404));
    it('refuses another content type', async () =>
      assert.equal(await statusOf(signed('{}', { 'content-type': 'text/plain' })), 415));
    it('refuses compressed bodies', async () =>
      assert.equal(await statusOf(signed('{}', { 'content-encoding': 'gzip' })), 415));
    it('refuses a request that is not HTTP', async () => assert.equal(await statusOf('nonsense\r\n\r\n'), 400));
    it('refuses two ideas of where the body ends', async () => {
      assert.equal(await statusOf(signed('{}', { 'transfer-encoding': 'chunked', 'content-length': 2 })), 400);
      const twice = requestText(
        'POST',
        '/webhook',
        { 'content-type': 'application/json', 'content-length': 2, 'Content-Length': 3 },
        '{}',
      );
      assert.equal(await statusOf(twice), 400);
    });
    it('answers two requests in one packet, in order', async () => {
      const [ana, bia] = [world.customer(), world.customer()];
      [ana, bia].forEach((someone) => world.meta.knows(someone));
      const connection = await RawConnection.open(world.atende.url);
      connection.send(
        signed(envelope([ana.text('primeira')])) +
          requestText('GET', '/health') +
          signed(envelope([bia.text('segunda')])),
      );
      const answers = [await connection.answer(), await connection.answer(), await connection.answer()];
      connection.destroy();
      assert.deepEqual(
        answers.map(({ status }) => status),
        [200, 200, 200],
      );
      assert.deepEqual(JSON.parse(answers[1].body), { status: 'ok' });
      assert.match(await ana.hears(), /primeira/);
      assert.match(await bia.hears(), /segunda/);
    });
    it('keeps a connection for the next request', async () => {
      const connection = await RawConnection.open(world.atende.url);
      for (let i = 0; i < 3; ++i) {
        connection.send(requestText('GET', '/health'));
        assert.equal((await connection.answer()).status, 200);
      }
      assert.equal(connection.closed, false);
      connection.destroy();
    });
    it('closes a connection whose header never ends', () => slow.untilClosed());
    after(() => slow?.destroy());
  });

  describe('hostile JSON', () => {
    const bodies = {
      broken: '{"object":',
      nothing: '',
      'a hundred thousand brackets': '['.repeat(100_000),
      'deep nesting': '{"a":'.repeat(2_000) + '1' + '}'.repeat(2_000),
      'fifty thousand keys': JSON.stringify(
        Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, 1])),
      ),
      'a key twice': '{"object":"instagram","object":"page","entry":[]}',
      'an array of 20,000': JSON.stringify({ object: 'instagram', entry: Array(20_000).fill({}) }),
      'a string of 300 KB': JSON.stringify({ object: 'instagram', entry: [], x: 'x'.repeat(300 << 10) }),
      'half an emoji': '{"object":"instagram","entry":[{"id":"1","messaging":[{"message":{"text":"\\ud83d"}}]}]}',
      'invalid UTF-8': Buffer.concat([Buffer.from('{"object":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
      'a second value': '{"object":"instagram","entry":[]} {}',
    };
    for (const [name, body] of Object.entries(bodies)) {
      it(`${name} is refused`, async () => assert.equal((await world.meta.post(body)).status, 400));
    }
    it('has done no harm', stillAnswers);
  });

  describe('every known shape', () => {
    const samples = readdirSync(SAMPLES).filter((name) => name.endsWith('.json') && !/^(_|send_|profile_)/.test(name));
    it('is in the samples', () => assert.ok(samples.length >= 45, `only ${samples.length}`));
    for (const name of samples) {
      it(name, async () => assert.equal((await world.meta.post(readFileSync(new URL(name, SAMPLES)))).status, 200));
    }
    it('has done no harm', stillAnswers);
  });
});
