// A Chat Completions server that checks every request and answers from a script.
import { FakeServer } from './fake_server.mjs';
import { parseJsonBody } from './json_body.mjs';
import { parseMultipart } from './multipart.mjs';
import { problemsOfChatRequest, problemsOfEmbeddingsRequest, problemsOfSpeechRequest } from './openai_rules.mjs';
import { streamedSpeech } from './speech.mjs';
import { problemsOfTranscription } from './transcription_rules.mjs';

// --- answers for `answerNext` and `hold`; `more` may add { after: milliseconds } ---------------------------------

export const reply = (text, more) => choice({ role: 'assistant', content: text, refusal: null }, 'stop', more);
export const refuse = (why) => choice({ role: 'assistant', content: null, refusal: why }, 'stop');
export const cutShort = (text) => choice({ role: 'assistant', content: text, refusal: null }, 'length');
export const filtered = () => choice({ role: 'assistant', content: null, refusal: null }, 'content_filter');
export const hang = () => ({ fault: 'hang' });
export const reset = () => ({ fault: 'reset' });
export const truncated = (text) => ({ ...reply(text), fault: 'truncate' });
export const error = (status, code, message, headers) => ({
  status,
  headers,
  body: { error: { message, type: status < 500 ? 'invalid_request_error' : 'server_error', param: null, code } },
});
export const badKey = () => error(401, 'invalid_api_key', 'Incorrect API key provided.');

// Arguments: an object, or a string for what a model may get wrong.
export const callTool = (name, args, more) => callTools([[name, args]], more);
export const callTools = (calls, more) =>
  choice({ role: 'assistant', content: null, refusal: null, tool_calls: calls.map(toolCall) }, 'tool_calls', more);

let calls = 0;
function toolCall([name, args]) {
  const text = typeof args === 'string' ? args : JSON.stringify(args);
  return { id: `call_${String(++calls).padStart(24, '0')}`, type: 'function', function: { name, arguments: text } };
}

function choice(message, finish_reason, more) {
  return { choice: { index: 0, message, logprobs: null, finish_reason }, ...more };
}

// --- requests ----------------------------------------------------------------------------------------------------

const MODEL = /^\/v1\/models\/([^/]+)$/;

export class ChatRequest {
  constructor({ at, headers }, body) {
    Object.assign(this, { at, headers, body });
  }

  get messages() {
    return this.body.messages;
  }

  // What the customer said since the bot's last answer.
  get heard() {
    const last = this.messages.map((message) => message.role === 'assistant' && !message.tool_calls).lastIndexOf(true);
    return this.#textOf('user', this.messages.slice(last + 1));
  }

  get toolResults() {
    return this.messages.filter((message) => message.role === 'tool').map((message) => message.content);
  }

  get shape() {
    return this.body.response_format?.json_schema.schema;
  }

  get toolNames() {
    return (this.body.tools ?? []).map((tool) => tool.function.name);
  }

  #textOf(role, messages) {
    const parts = messages
      .filter((message) => message.role === role)
      .flatMap(({ content }) => (Array.isArray(content) ? content : [{ text: content }]));
    return parts.map((part) => part.text ?? '').join('\n');
  }
}

export class FakeOpenAi extends FakeServer {
  key = 'sk-canary-9c4e';
  requests = []; // every valid one, as ChatRequest
  shaped = []; // those that ask for an answer of a shape, which are in no script
  answerInShape = ({ shape }) => emptyOf(shape); // what they are answered, as it is written into JSON
  embedded = []; // every text that a vector was asked for
  vectorOf = () => [1, 0, 0]; // of a text
  embeddingsFail = false;
  spoken = []; // every body that speech was asked for by
  speechAnswers = []; // instead of speech, first in, first out
  heard = []; // every valid request to transcribe: { model, language, prompt, filename, bytes }
  // What is said in a file, as text; or an answer such as `error(…)`; or a promise of one of them.
  wordsIn = () => 'palavras ditas';
  models = ['gpt-4o-mini', 'gpt-4o-mini-transcribe', 'gpt-4o-mini-tts']; // that it tells of
  keepsRequests = true; // false for runs too long to remember all of them
  // What is answered when the script is empty; the customer's own words make mix-ups visible.
  otherwise = (request) => reply(`Resposta: ${request.heard}`);

  // https://platform.openai.com/docs/api-reference/embeddings/create
  #embed(request) {
    const { value, problem } = parseJsonBody(request.headers, request.body);
    const problems = problem ? [problem] : problemsOfEmbeddingsRequest(value);
    problems.forEach((text) => this.violation(text));
    if (problems.length > 0) return error(400, null, problems.join('; '));
    if (this.embeddingsFail) return error(503, null, 'The server is overloaded.');
    this.embedded.push(...value.input);
    const data = value.input.map((text, index) => ({ object: 'embedding', index, embedding: this.vectorOf(text) }));
    const usage = { prompt_tokens: 1, total_tokens: 1 };
    return { body: { object: 'list', data: data.reverse(), model: value.model, usage } }; // `index` is the order
  }

  #inShape(asked) {
    const answer = this.answerInShape(asked);
    return answer.status || answer.fault || answer.choice ? answer : reply(JSON.stringify(answer));
  }

  // https://platform.openai.com/docs/api-reference/audio/createSpeech
  async #speak(request) {
    const { value, problem } = parseJsonBody(request.headers, request.body);
    const problems = problem ? [problem] : problemsOfSpeechRequest(value);
    if (!problem && value.response_format !== 'wav') problems.push('response_format: this fake speaks wav alone');
    problems.forEach((text) => this.violation(text));
    if (problems.length > 0) return error(400, null, problems.join('; '));
    this.spoken.push(value);
    const instead = this.speechAnswers.shift();
    return instead ?? { headers: { 'content-type': 'audio/wav' }, body: await streamedSpeech(value.input) };
  }

  async #transcribe(request) {
    const { parts, problems } = parseMultipart(request.headers, request.body);
    if (problems.length === 0) problems.push(...problemsOfTranscription(parts));
    problems.forEach((text) => this.violation(text));
    if (problems.length > 0) return error(400, null, problems.join('; '));
    const { model, language, prompt, file } = Object.fromEntries(parts);
    const heard = {
      model: model.value,
      language: language?.value,
      prompt: prompt?.value,
      filename: file.filename,
      bytes: file.bytes,
    };
    this.heard.push(heard);
    const said = await this.wordsIn(heard);
    return typeof said === 'string' ? { body: { text: said, usage: { type: 'duration', seconds: 1 } } } : said;
  }

  #describe(id) {
    if (this.models.includes(id)) return { body: { id, object: 'model', created: 1_700_000_000, owned_by: 'system' } };
    return error(404, 'model_not_found', `The model '${id}' does not exist or you do not have access to it.`);
  }

  static async start(options = {}) {
    const openai = Object.assign(new FakeOpenAi('OpenAI'), options);
    await openai.comeBack();
    return openai;
  }

  get baseUrl() {
    return `${this.url}/v1`;
  }

  // Requests in which the customer's latest words contain `text`.
  askedAbout(text) {
    return this.requests.filter((request) => request.heard.includes(text));
  }

  async answer(request) {
    if (request.headers.authorization !== `Bearer ${this.key}`) {
      this.violation(`${request.method} ${request.path}: wrong bearer token`);
      return badKey();
    }
    const [, model] = MODEL.exec(request.path) ?? [];
    if (request.method === 'GET' && model) return this.#describe(decodeURIComponent(model));
    if (request.method === 'POST' && request.path === '/v1/embeddings') return this.#embed(request);
    if (request.method === 'POST' && request.path === '/v1/audio/speech') return this.#speak(request);
    if (request.method === 'POST' && request.path === '/v1/audio/transcriptions') return this.#transcribe(request);
    if (request.method !== 'POST' || request.path !== '/v1/chat/completions') {
      this.violation(`${request.method} ${request.path} does not exist`);
      return error(404, 'unknown_url', `Unknown request URL: ${request.method} ${request.path}.`);
    }
    const { value, problem } = parseJsonBody(request.headers, request.body);
    const problems = problem ? [problem] : problemsOfChatRequest(value);
    if (problems.length > 0) {
      problems.forEach((text) => this.violation(text));
      return error(400, null, problems.join('; '));
    }
    const asked = new ChatRequest(request, value);
    if (this.keepsRequests) (asked.shape ? this.shaped : this.requests).push(asked);
    const answer = asked.shape ? this.#inShape(asked) : (this.takeScripted(asked) ?? this.otherwise(asked));
    if (!answer.choice) return answer;
    const whole = completion(asked, answer.choice);
    if (!value.stream) return { ...answer, body: whole };
    const body = inPieces(whole, value.stream_options?.include_usage);
    return { ...answer, headers: { 'content-type': 'text/event-stream', ...answer.headers }, body };
  }
}

function emptyOf({ type, properties = {}, enum: choices }) {
  if (choices) return choices[0];
  if (type === 'array') return [];
  if (type !== 'object') return type === 'string' ? '' : 0;
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, emptyOf(schema)]));
}

let completions = 0;
function completion({ at, body }, choice) {
  const prompt = Math.ceil(JSON.stringify(body.messages).length / 4);
  const written = Math.ceil(JSON.stringify(choice.message).length / 4);
  return {
    id: `chatcmpl-${++completions}`,
    object: 'chat.completion',
    created: Math.floor(at / 1000),
    model: `${body.model}-2024-07-18`,
    choices: [choice],
    usage: {
      prompt_tokens: prompt,
      completion_tokens: written,
      total_tokens: prompt + written,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
    },
    service_tier: 'default',
    system_fingerprint: 'fp_fake',
  };
}

// The same completion as the server-sent events of a stream.
function inPieces({ choices: [{ message, finish_reason }], usage, ...head }, withUsage) {
  const chunk = (delta, finish = null) => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...(withUsage && { usage: null }),
  });
  const words = message.content?.match(/\s*\S+\s*?/g) ?? [];
  const calls = (message.tool_calls ?? []).flatMap(({ id, type, function: { name, arguments: args } }, index) => [
    { tool_calls: [{ index, id, type, function: { name, arguments: '' } }] },
    ...(args.match(/.{1,7}/gs) ?? []).map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
  ]);
  const chunks = [
    chunk({ role: 'assistant', content: message.content === null ? null : '', refusal: null }),
    ...words.map((content) => chunk({ content })),
    ...(message.refusal ? [chunk({ refusal: message.refusal })] : []),
    ...calls.map((delta) => chunk(delta)),
    chunk({}, finish_reason),
    ...(withUsage ? [{ ...chunk({}), choices: [], usage }] : []),
  ];
  return `${chunks.map((one) => `data: ${JSON.stringify(one)}\n\n`).join('')}data: [DONE]\n\n`;
}
