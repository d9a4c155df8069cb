// The fake Meta is as strict as Meta: every rule bites.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, afterEach, before, describe, it } from 'node:test';
import { FakeMeta, acceptedThenReset, sendError } from './meta.mjs';
import { envelope, metaJson, signature } from './meta_webhook.mjs';

const PATH = '/v25.0/me/messages';
const ANA = '5500000000000001';

describe('Graph API of the fake', () => {
  let meta;
  let inbox; // the webhook side: { headers, body } of what Meta delivered
  let sink;
  let ana;

  before(async () => {
    inbox = [];
    sink = http.createServer(async (request, response) => {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      inbox.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.end();
    });
    await new Promise((resolve) => sink.listen(0, '127.0.0.1', resolve));
    meta = await FakeMeta.start({ webhookUrl: `http://127.0.0.1:${sink.address().port}/webhook` });
    ana = meta.customer({ id: ANA });
    await ana.writes('oi');
  });
  after(async () => {
    await meta.stop();
    sink.close();
    sink.closeAllConnections();
  });
  afterEach(() => {
    meta.assertClean();
    meta.echoes = null;
  });

  function call(body, { path = PATH, method = 'POST', headers = {} } = {}) {
    const all = { authorization: `Bearer ${meta.token}`, 'content-type': 'application/json', ...headers };
    const bytes = typeof body === 'object' && !Buffer.isBuffer(body) ? JSON.stringify(body) : body;
    return fetch(meta.url + path, { method, headers: all, body: method === 'GET' ? undefined : bytes });
  }
  const message = (text) => ({ recipient: { id: ANA }, message: { text } });

  async function refused(status, complaint, ...request) {
    const response = await call(...request);
    assert.equal(response.status, status);
    assert.ok((await response.json()).error.code);
    const violations = meta.takeViolations();
    assert.equal(violations.length, 1, violations.join('; '));
    assert.match(violations[0], complaint);
  }

  describe('of an audio', () => {
    const audio = (url, more) => ({
      recipient: { id: bia.id },
      message: { attachment: { type: 'audio', payload: { url } }, ...more },
    });
    let bia;
    let files;
    let file;

    before(async () => {
      files = http.createServer((request, response) => {
        response.writeHead(file.status ?? 200, {
          'content-type': file.type,
          'content-length': file.bytes.length,
          'x-content-type-options': 'nosniff',
        });
        response.end(file.bytes);
      });
      await new Promise((resolve) => files.listen(0, '127.0.0.1', resolve));
      bia = meta.customer();
      await bia.writes('oi');
      meta.publicHosts['loja.example'] = () => `http://127.0.0.1:${files.address().port}`;
    });
    after(() => {
      files.close();
      files.closeAllConnections();
    });

    it('fetches the file before it takes the message', async () => {
      file = { type: 'audio/wav', bytes: 'RIFFxxxxWAVE' };
      assert.equal((await call(audio('https://loja.example/a.wav'))).status, 200);
      assert.deepEqual(bia.inbox.at(-1), Buffer.from(file.bytes));
    });

    const unfit = {
      'that is gone': { status: 404, type: 'audio/wav', bytes: 'RIFF' },
      'of another type': { type: 'audio/mpeg', bytes: 'ID3' },
      'that is not what its type says': { type: 'audio/mp4', bytes: 'RIFFxxxxWAVE' },
    };
    for (const [what, one] of Object.entries(unfit)) {
      it(`refuses a file ${what}`, async () => {
        file = one;
        const response = await call(audio('https://loja.example/a.wav'));
        assert.equal(response.status, 400);
        assert.equal((await response.json()).error.error_subcode, 2018008);
      });
    }

    it('refuses what is not by the rules', async () => {
      await refused(400, /not an https URL/, audio('http://loja.example/a.wav'));
      await refused(400, /both a text and an attachment/, audio('https://loja.example/a.wav', { text: 'oi' }));
      const video = audio('https://loja.example/a.wav');
      video.message.attachment.type = 'video';
      await refused(400, /not "audio"/, video);
    });
  });

  it('takes a message and shows it to its customer', async () => {
    const response = await call(message('olá'));
    assert.equal(response.status, 200);
    const { recipient_id, message_id } = await response.json();
    assert.equal(recipient_id, ana.id);
    assert.equal(message_id, meta.sent.at(-1).mid);
    assert.equal(await ana.hears(), 'olá');
  });

  it('takes 1000 bytes', async () => assert.equal((await call(message('é'.repeat(500)))).status, 200));
  it('takes a sender action', async () => {
    assert.equal((await call({ recipient: { id: ana.id }, sender_action: 'typing_on' })).status, 200);
    assert.equal(meta.actions.at(-1).action, 'typing_on');
  });

  const cases = {
    'a wrong token': [401, /token/, message('x'), { headers: { authorization: 'Bearer nope' } }],
    'a token in lower-case scheme': [
      401,
      /token/,
      message('x'),
      { headers: { authorization: 'bearer IGAAtoken-canary-5f1d' } },
    ],
    GET: [400, /does not exist/, '', { method: 'GET' }],
    'a field no message has': [
      400,
      /field \(text\)/,
      '',
      { method: 'GET', path: `/v25.0/${'m'.repeat(40)}?fields=text` },
    ],
    'another path': [400, /does not exist/, message('x'), { path: '/v25.0/me/message' }],
    'no version': [400, /does not exist/, message('x'), { path: '/me/messages' }],
    'a foreign account': [400, /does not exist/, message('x'), { path: '/v25.0/123/messages' }],
    'a query': [400, /query/, message('x'), { path: `${PATH}?access_token=x` }],
    'a form': [400, /content-type/, 'a=b', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    'bytes that are not UTF-8': [400, /UTF-8/, Buffer.from([0x7b, 0xff, 0x7d])],
    'broken JSON': [400, /not JSON/, '{'],
    'an array': [400, /not a JSON object/, '[]'],
    'a number as id': [400, /string of digits/, { recipient: { id: 5 }, message: { text: 'x' } }],
    'letters as id': [400, /string of digits/, { recipient: { id: 'sim_1' }, message: { text: 'x' } }],
    'a stranger': [400, /nobody with id 42/, { recipient: { id: '42' }, message: { text: 'x' } }],
    'an unknown field': [400, /unknown field tag/, { ...message('x'), tag: 'HUMAN_AGENT' }],
    'an unknown field in message': [
      400,
      /unknown field message\.metadata/,
      { recipient: { id: ANA }, message: { text: 'x', metadata: 'y' } },
    ],
    'an unknown field in recipient': [
      400,
      /unknown field recipient\.phone/,
      { recipient: { id: ANA, phone: 'x' }, message: { text: 'x' } },
    ],
    'neither message nor action': [400, /exactly one/, { recipient: { id: ANA } }],
    'message and action': [
      400,
      /exactly one/,
      { recipient: { id: ANA }, message: { text: 'x' }, sender_action: 'typing_on' },
    ],
    'an unknown action': [400, /does not exist/, { recipient: { id: ANA }, sender_action: 'typing' }],
    'an empty text': [400, /empty/, { recipient: { id: ANA }, message: { text: ' \n' } }],
    'no text': [400, /not a string/, { recipient: { id: ANA }, message: {} }],
    '1001 bytes': [400, /1001 bytes/, { recipient: { id: ANA }, message: { text: 'é'.repeat(500) + '.' } }],
    'half an emoji': [400, /Unicode/, '{"recipient":{"id":"5500000000000001"},"message":{"text":"\\ud83d"}}'],
  };
  for (const [name, args] of Object.entries(cases)) it(`refuses ${name}`, () => refused(...args));

  it('tells the words of a message it announced without them', async () => {
    const event = ana.announcement('oi?');
    const read = () => call('', { method: 'GET', path: `/v25.0/${event.body.message_edit.mid}?fields=message,from` });
    assert.deepEqual(await (await read()).json(), {
      id: event.body.message_edit.mid,
      message: 'oi?',
      from: { id: ANA },
    });
    meta.withheld.clear();
    assert.equal((await read()).status, 400);
  });

  it('answers as scripted, once', async () => {
    meta.answerNext(sendError('rate_limited'));
    const response = await call(message('x'));
    assert.equal(response.status, 400);
    assert.equal((await response.json()).error.code, 613);
    assert.equal(meta.sent.at(-1).accepted, false);
    assert.equal((await call(message('y'))).status, 200);
  });

  it('can accept a message and lose the answer', async () => {
    meta.answerNext(acceptedThenReset());
    await assert.rejects(call(message('perdida')));
    assert.equal(ana.inbox.at(-1), 'perdida');
  });

  it('holds an answer until it is released', async () => {
    const held = meta.hold({});
    const response = call(message('espera'));
    assert.equal((await held.taken).text, 'espera');
    held.release();
    assert.equal((await response).status, 200);
  });

  it('fails a test whose script was not used up', () => {
    meta.answerNext({});
    assert.throws(() => meta.assertClean(), /nobody asked for/);
  });

  for (const when of ['before', 'after']) {
    it(`echoes ${when} the response`, async () => {
      meta.echoes = when;
      inbox.length = 0;
      const { message_id } = await (await call(message(`eco ${when}`))).json();
      assert.equal(inbox.length === 1, when === 'before');
      await meta.settled();
      const [{ body }] = inbox;
      const echo = JSON.parse(body).entry[0].messaging[0];
      assert.deepEqual(echo.message, { mid: message_id, text: `eco ${when}`, is_echo: true });
      assert.deepEqual([echo.sender.id, echo.recipient.id], [ana.account, ana.id]);
    });
  }

  it('refuses connections while it is down', async () => {
    await meta.goDown();
    await assert.rejects(call(message('x')));
    await meta.comeBack();
    assert.equal((await call(message('x'))).status, 200);
  });

  it('signs the exact bytes it delivers', async () => {
    inbox.length = 0;
    await ana.writes('tênis 😀?');
    const [{ headers, body }] = inbox;
    assert.match(body, /t\\u00eanis \\ud83d\\ude00\?/);
    assert.equal(headers['x-hub-signature-256'], signature(meta.appSecret, body));
    assert.equal(JSON.parse(body).entry[0].messaging[0].message.text, 'tênis 😀?');
  });
});

describe('webhook bodies', () => {
  it('are signed like the published vector', () => {
    assert.equal(
      signature("It's a Secret to Everybody", 'Hello, World!'),
      'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    );
  });
  it('escape what Meta escapes', () =>
    assert.equal(metaJson('äöå 😀 / < % @'), '"\\u00e4\\u00f6\\u00e5 \\ud83d\\ude00 \\/ \\u003C \\u0025 \\u0040"'));
  it('keep the order and the accounts of their events', () => {
    const event = (account, text) => ({ account, list: 'messaging', body: { message: { text } } });
    const { entry } = JSON.parse(envelope([event('1', 'a'), event('1', 'b'), event('2', 'c')]));
    assert.deepEqual(
      entry.map(({ id, messaging }) => [id, messaging.length]),
      [
        ['1', 2],
        ['2', 1],
      ],
    );
  });
});
