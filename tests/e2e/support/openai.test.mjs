// The fake OpenAI is as strict as OpenAI: every rule bites.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { FakeOpenAi, badKey, callTool, error, hang, reply, reset, truncated } from './openai.mjs';

const user = (content) => ({ role: 'user', content });
const asks = (...ids) => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })),
});
const result = (tool_call_id) => ({ role: 'tool', tool_call_id, content: 'SUCESSO: ok' });
const toolOf = (definition) => ({
  type: 'function',
  function: { name: 'f', parameters: { type: 'object', properties: {} }, ...definition },
});
const chat = (messages, more) => ({ model: 'gpt-4o-mini', messages, ...more });
const hello = chat([user('oi')]);

describe('fake speech', () => {
  let openai;
  before(async () => (openai = await FakeOpenAi.start()));
  after(() => openai.stop());

  const say = (body) =>
    fetch(`${openai.baseUrl}/audio/speech`, {
      method: 'POST',
      headers: { authorization: `Bearer ${openai.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4o-mini-tts', voice: 'alloy', input: 'oi', response_format: 'wav', ...body }),
    });

  it('speaks', async () => {
    const response = await say();
    assert.equal(response.headers.get('content-type'), 'audio/wav');
    const bytes = Buffer.from(await response.arrayBuffer());
    assert.equal(bytes.subarray(0, 4).toString(), 'RIFF');
    assert.ok(bytes.length > 10_000);
    openai.assertClean();
  });

  const wrong = {
    'a text that is too long': [{ input: 'a'.repeat(4097) }, /4096/],
    'no text': [{ input: ' ' }, /input is missing/],
    'no voice': [{ voice: undefined }, /voice is missing/],
    'another format': [{ response_format: 'ogg' }, /response_format/],
    'an unknown field': [{ language: 'pt' }, /language/],
  };
  for (const [what, [body, complaint]] of Object.entries(wrong)) {
    it(`refuses ${what}`, async () => {
      assert.equal((await say(body)).status, 400);
      assert.match(openai.takeViolations().join(), complaint);
    });
  }
});

describe('fake Chat Completions', () => {
  let openai;
  before(async () => (openai = await FakeOpenAi.start()));
  after(() => openai.stop());
  afterEach(() => openai.assertClean());

  function call(body, { path = '/chat/completions', method = 'POST', headers = {} } = {}) {
    const all = { authorization: `Bearer ${openai.key}`, 'content-type': 'application/json', ...headers };
    return fetch(openai.baseUrl + path, {
      method,
      headers: all,
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  const right = {
    'a plain question': hello,
    'text parts': chat([user([{ type: 'text', text: 'oi' }])]),
    'a system prompt and history': chat([
      { role: 'system', content: 's' },
      user('a'),
      { role: 'assistant', content: 'b' },
      user('c'),
    ]),
    'two tool calls, answered in any order': chat([user('a'), asks('1', '2'), result('2'), result('1')]),
    'two rounds of tool calls': chat([user('a'), asks('1'), result('1'), asks('2'), result('2')]),
    'a tool': chat([user('a')], {
      tools: [toolOf({})],
      tool_choice: 'auto',
      parallel_tool_calls: true,
      max_completion_tokens: 500,
    }),
  };
  for (const [name, body] of Object.entries(right)) {
    it(`takes ${name}`, async () => assert.equal((await call(body)).status, 200));
  }

  const shaped = (json_schema) => chat([user('a')], { response_format: { type: 'json_schema', json_schema } });
  const list = { type: 'array', items: { type: 'string' } };
  const strict = { type: 'object', properties: { list }, required: ['list'], additionalProperties: false };

  it('answers in the shape that was asked for', async () => {
    const answer = await call(shaped({ name: 'notes', strict: true, schema: strict }));
    assert.equal(answer.status, 200);
    assert.deepEqual(JSON.parse((await answer.json()).choices[0].message.content), { list: [] });
  });

  const inside = { ...strict, properties: { list: { type: 'array', items: { ...strict, required: [] } } } };
  const wrong = {
    'a shape that is not strict': [/strict is not true/, shaped({ name: 'notes', schema: strict })],
    'a shape without a name': [/name undefined/, shaped({ strict: true, schema: strict })],
    'a shape that leaves a member out': [
      /every property in required/,
      shaped({ name: 'notes', strict: true, schema: { ...strict, required: [] } }),
    ],
    'a shape with an open object inside': [
      /items: strict needs every property/,
      shaped({ name: 'notes', strict: true, schema: inside }),
    ],
    'a shape that allows other members': [
      /additionalProperties false/,
      shaped({ name: 'notes', strict: true, schema: { ...strict, additionalProperties: true } }),
    ],
    'another format': [/json_schema alone/, chat([user('a')], { response_format: { type: 'json_object' } })],
    'no model': [/model/, { messages: [user('a')] }],
    'no messages': [/messages/, chat([])],
    'an unknown field': [/unknown field conversation/, chat([user('a')], { conversation: 'x' })],
    max_tokens: [/unknown field max_tokens/, chat([user('a')], { max_tokens: 5 })],
    'tokens as text': [/max_completion_tokens/, chat([user('a')], { max_completion_tokens: '5' })],
    'a hot temperature': [/temperature/, chat([user('a')], { temperature: 3 })],
    'an unknown role': [/role "bot"/, chat([{ role: 'bot', content: 'x' }])],
    'a foreign field of a role': [
      /unknown field messages\[0\]\.tool_call_id/,
      chat([{ ...user('a'), tool_call_id: '1' }]),
    ],
    'a user without content': [/neither text/, chat([user(null)])],
    'a number as content': [/neither text/, chat([user(5)])],
    'an assistant without content': [/neither text/, chat([user('a'), { role: 'assistant', content: null }])],
    'half an emoji': [/Unicode/, chat([user('\ud83d')])],
    'an unanswered tool call': [/without an answer: 2/, chat([user('a'), asks('1', '2'), result('1')])],
    'a user between call and answer': [/before the answers/, chat([user('a'), asks('1'), user('b'), result('1')]), 2],
    'an orphan tool message': [/answers no tool call/, chat([user('a'), result('1')])],
    'a call answered twice': [/answers no tool call/, chat([user('a'), asks('1'), result('1'), result('1')])],
    'one call id twice': [/twice/, chat([user('a'), asks('1', '1'), result('1')])],
    'empty tool_calls': [/at least one/, chat([user('a'), { role: 'assistant', content: 'x', tool_calls: [] }])],
    'arguments as an object': [
      /arguments is not a string/,
      chat([
        { ...asks('1'), tool_calls: [{ id: '1', type: 'function', function: { name: 'f', arguments: {} } }] },
        result('1'),
      ]),
    ],
    'no tools in tools': [/at least one/, chat([user('a')], { tools: [] })],
    'a tool of another type': [/type is not "function"/, chat([user('a')], { tools: [{ type: 'magic' }] })],
    'a name with a space': [/function\.name/, chat([user('a')], { tools: [toolOf({ name: 'a b' })] })],
    'a name of 65 letters': [/function\.name/, chat([user('a')], { tools: [toolOf({ name: 'a'.repeat(65) })] })],
    'the same tool twice': [/same name/, chat([user('a')], { tools: [toolOf({}), toolOf({})] })],
    'parameters that are no object': [
      /type "object"/,
      chat([user('a')], { tools: [toolOf({ parameters: { type: 'string' } })] }),
    ],
    'a required stranger': [
      /unknown properties: x/,
      chat([user('a')], { tools: [toolOf({ parameters: { type: 'object', properties: {}, required: ['x'] } })] }),
    ],
    'a loose strict schema': [/additionalProperties/, chat([user('a')], { tools: [toolOf({ strict: true })] })],
    'tool_choice without tools': [/only allowed/, chat([user('a')], { tool_choice: 'auto' })],
    'an unknown tool_choice': [/tool_choice/, chat([user('a')], { tools: [toolOf({})], tool_choice: 'any' })],
    'stream options without a stream': [/stream_options/, chat([user('a')], { stream_options: { include_usage: true } })],
    'an unknown stream option': [/stream_options/, chat([user('a')], { stream: true, stream_options: { x: true } })],
    'broken JSON': [/not JSON/, '{'],
  };
  for (const [name, [complaint, body, count = 1]] of Object.entries(wrong)) {
    it(`refuses ${name}`, async () => {
      const response = await call(body);
      assert.equal(response.status, 400);
      assert.equal((await response.json()).error.type, 'invalid_request_error');
      const violations = openai.takeViolations();
      assert.equal(violations.length, count, violations.join('; '));
      assert.match(violations[0], complaint);
    });
  }

  it('refuses a wrong key, another path and another content type', async () => {
    assert.equal((await call(hello, { headers: { authorization: 'Bearer sk-other' } })).status, 401);
    assert.equal((await call(hello, { path: '/completions' })).status, 404);
    assert.equal((await call(hello, { headers: { 'content-type': 'text/plain' } })).status, 400);
    assert.equal(openai.takeViolations().length, 3);
  });

  it('answers from the script in order, then with the words it heard', async () => {
    openai.answerNext(reply('um'), callTool('f', { a: 1 }));
    const first = await (await call(hello)).json();
    assert.equal(first.choices[0].message.content, 'um');
    assert.ok(first.usage.total_tokens > 0);
    const { finish_reason, message } = (await (await call(hello)).json()).choices[0];
    assert.equal(finish_reason, 'tool_calls');
    assert.deepEqual(message.tool_calls[0].function, { name: 'f', arguments: '{"a":1}' });
    assert.match((await (await call(hello)).json()).choices[0].message.content, /oi/);
  });

  it('answers in pieces when asked for a stream', async () => {
    openai.answerNext(reply('Olá, tudo bem?'), callTool('f', { a: 1 }));
    const options = { stream: true, stream_options: { include_usage: true } };
    const response = await call(chat([user('a')], options));
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    const events = (await response.text()).split('\n\n').filter((text) => text.startsWith('data: {'));
    const chunks = events.map((text) => JSON.parse(text.slice(6)));
    const words = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '');
    assert.equal(words.join(''), 'Olá, tudo bem?');
    assert.ok(words.filter(Boolean).length > 2);
    assert.equal(chunks.at(-2).choices[0].finish_reason, 'stop');
    assert.deepEqual([chunks.at(-1).choices.length, chunks.at(-1).usage.total_tokens > 0], [0, true]);
    const called = await (await call(chat([user('a')], { stream: true }))).text();
    assert.match(called, /"name":"f","arguments":""/);
    assert.ok(called.endsWith('data: [DONE]\n\n') && !called.includes('total_tokens'));
  });

  it('tells what was heard since the last answer', async () => {
    await call(chat([user('a'), { role: 'assistant', content: 'b' }, user('c'), asks('1'), result('1')]));
    const request = openai.requests.at(-1);
    assert.equal(request.heard, 'c');
    assert.deepEqual(request.toolResults, ['SUCESSO: ok']);
  });

  it('fails as it is told', async () => {
    openai.answerNext(
      error(429, 'rate_limit_exceeded', 'slow down', { 'retry-after': '1' }),
      badKey(),
      reset(),
      truncated('muito texto'),
    );
    const limited = await call(hello);
    assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '1']);
    assert.equal((await (await call(hello)).json()).error.code, 'invalid_api_key');
    await assert.rejects(call(hello));
    await assert.rejects(call(hello).then((response) => response.json()));
  });

  it('never answers when told to hang', async () => {
    openai.answerNext(hang());
    const giveUp = new AbortController();
    const asked = fetch(`${openai.baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${openai.key}`, 'content-type': 'application/json' },
      body: JSON.stringify(hello),
      signal: giveUp.signal,
    });
    const count = openai.requests.length;
    while (openai.requests.length === count) await new Promise(setImmediate);
    giveUp.abort();
    await assert.rejects(asked, { name: 'AbortError' });
  });
});

describe('fake transcriptions', () => {
  let openai;
  before(async () => (openai = await FakeOpenAi.start()));
  after(() => openai.stop());
  afterEach(() => openai.assertClean());

  const ogg = Buffer.from('OggS and so on');
  const right = { model: 'gpt-4o-mini-transcribe', language: 'pt', prompt: 'XY 150', response_format: 'json' };
  const file = (bytes, name, type) => [new Blob([bytes], { type }), name];
  const voice = file(ogg, 'voice.ogg', 'audio/ogg');

  function transcribe(fields, sound = voice) {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    if (sound) form.append('file', ...sound);
    const headers = { authorization: `Bearer ${openai.key}` };
    return fetch(`${openai.baseUrl}/audio/transcriptions`, { method: 'POST', headers, body: form });
  }

  it('takes a right one and says what was said', async () => {
    openai.wordsIn = ({ bytes }) => `${bytes.length} bytes`;
    assert.equal((await (await transcribe(right)).json()).text, `${ogg.length} bytes`);
    const [{ bytes, ...heard }] = openai.heard;
    assert.deepEqual(heard, { model: right.model, language: 'pt', prompt: 'XY 150', filename: 'voice.ogg' });
    assert.ok(bytes.equals(ogg));
  });

  const wrong = {
    'an unknown field': [/unknown field store/, { ...right, store: 'false' }],
    'a model that does not hear': [/does not transcribe/, { ...right, model: 'gpt-4o-mini' }],
    'a format the model does not know': [/response_format/, { ...right, response_format: 'srt' }],
    'a language by name': [/ISO 639-1/, { ...right, language: 'Portuguese' }],
    'an empty prompt': [/prompt/, { ...right, prompt: '' }],
    'no file': [/file is missing/, right, null],
    'an empty file': [/0 bytes|something else/, right, file('', 'voice.ogg', 'audio/ogg')],
    'a name without an ending': [/unsupported file format/, right, file(ogg, 'voice', 'audio/ogg')],
    'amr': [/unsupported file format/, right, file('#!AMR', 'voice.amr', 'audio/amr')],
    'a file that is another': [/something else/, right, file(ogg, 'voice.mp3', 'audio/mpeg')],
    'another type': [/sent as/, right, file(ogg, 'voice.ogg', 'text/plain')],
    'too large a file': [/bytes/, right, file(Buffer.concat([ogg, Buffer.alloc(25 << 20)]), 'voice.ogg', 'audio/ogg')],
  };
  for (const [name, [complaint, fields, sound = voice]] of Object.entries(wrong)) {
    it(`refuses ${name}`, async () => {
      assert.equal((await transcribe(fields, sound)).status, 400);
      assert.match(openai.takeViolations().join('\n'), complaint);
    });
  }

  it('refuses what is no multipart form', async () => {
    const headers = { authorization: `Bearer ${openai.key}`, 'content-type': 'multipart/form-data; boundary=x' };
    for (const body of ['', '--x--', '--x\nContent-Disposition: form-data; name="model"\n\nwhisper-1\n--x--\n']) {
      const answer = await fetch(`${openai.baseUrl}/audio/transcriptions`, { method: 'POST', headers, body });
      assert.equal(answer.status, 400);
      assert.ok(openai.takeViolations().length > 0);
    }
  });
});
