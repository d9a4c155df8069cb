// What POST /v1/chat/completions accepts. https://platform.openai.com/docs/api-reference/chat/create
import { hasLoneSurrogate, isObject, unknownKeys } from './json_body.mjs';

// max_tokens, functions, function_call, user and seed are deprecated: we are to use what replaced them.
const KNOWN_FIELDS = `
  model messages tools tool_choice parallel_tool_calls max_completion_tokens temperature top_p n stop stream
  stream_options store metadata response_format frequency_penalty presence_penalty logit_bias logprobs
  top_logprobs modalities audio prediction reasoning_effort verbosity service_tier safety_identifier
  prompt_cache_key prompt_cache_options web_search_options
`.trim().split(/\s+/);
const FIELDS_OF_ROLE = {
  system: ['role', 'content', 'name'],
  developer: ['role', 'content', 'name'],
  user: ['role', 'content', 'name'],
  assistant: ['role', 'content', 'name', 'tool_calls', 'refusal', 'audio'],
  tool: ['role', 'content', 'tool_call_id'],
};
const NAME = /^[a-zA-Z0-9_-]{1,64}$/;

// → what is wrong with the body, empty if nothing
export function problemsOfChatRequest(body) {
  const problems = unknownKeys(body, KNOWN_FIELDS, '');
  if (typeof body.model !== 'string' || body.model === '') problems.push('model is missing');
  problems.push(...problemsOfStream(body), ...problemsOfResponseFormat(body));
  problems.push(...problemsOfNumbers(body), ...problemsOfTools(body));
  if (!Array.isArray(body.messages) || body.messages.length === 0) return [...problems, 'messages is missing or empty'];
  body.messages.forEach((message, i) => problems.push(...problemsOfMessage(message, `messages[${i}].`)));
  if (problems.length === 0) problems.push(...problemsOfOrder(body.messages));
  return problems;
}

function problemsOfStream({ stream, stream_options: options }) {
  if (stream !== undefined && typeof stream !== 'boolean') return ['stream is not a boolean'];
  if (options === undefined) return [];
  if (!stream) return ["stream_options is only allowed when 'stream' is enabled"];
  const problems = unknownKeys(options, ['include_usage', 'include_obfuscation'], 'stream_options.');
  if (Object.values(options).some((value) => typeof value !== 'boolean')) problems.push('stream_options: not booleans');
  return problems;
}

function problemsOfResponseFormat({ response_format: format }) {
  if (format === undefined || format.type === 'text') return [];
  if (format.type !== 'json_schema') return ['response_format: this fake knows text and json_schema alone'];
  const { name, schema, strict } = format.json_schema ?? {};
  const problems = unknownKeys(format.json_schema ?? {}, ['name', 'description', 'schema', 'strict'], 'response_format.');
  if (!NAME.test(name ?? '')) problems.push('response_format.name is wrong');
  return [...problems, ...problemsOfSchema(schema, strict, 'response_format.schema')];
}

// What POST /v1/embeddings accepts, of what we send.
export function problemsOfEmbeddingsRequest(body) {
  const problems = unknownKeys(body, ['model', 'input', 'encoding_format', 'dimensions', 'user'], '');
  if (typeof body.model !== 'string' || body.model === '') problems.push('model is missing');
  if (body.encoding_format !== 'float') problems.push('encoding_format: this fake knows float alone');
  if (!Array.isArray(body.input) || body.input.length === 0 || body.input.length > 2048)
    return [...problems, 'input is not an array of 1 to 2048 texts'];
  if (body.input.some((text) => typeof text !== 'string' || text === '' || hasLoneSurrogate(text)))
    problems.push('input holds what is no text');
  return problems;
}

function problemsOfNumbers({ max_completion_tokens: tokens, temperature, top_p }) {
  const problems = [];
  const outside = (value, min, max) =>
    value !== undefined && !(typeof value === 'number' && value >= min && value <= max);
  if (tokens !== undefined && !(Number.isInteger(tokens) && tokens > 0))
    problems.push('max_completion_tokens is not a positive integer');
  if (outside(temperature, 0, 2)) problems.push('temperature is not in 0..2');
  if (outside(top_p, 0, 1)) problems.push('top_p is not in 0..1');
  return problems;
}

function problemsOfTools({ tools, tool_choice: choice, parallel_tool_calls: parallel }) {
  if (tools === undefined) {
    const needless = [choice !== undefined && 'tool_choice', parallel !== undefined && 'parallel_tool_calls'].filter(
      Boolean,
    );
    return needless.map((field) => `${field} is only allowed when tools are specified`);
  }
  if (!Array.isArray(tools) || tools.length === 0) return ['tools is not an array of at least one'];
  const problems = tools.flatMap((tool, i) => problemsOfTool(tool, `tools[${i}].`));
  const names = tools.map((tool) => tool?.function?.name);
  if (new Set(names).size < names.length) problems.push('two tools have the same name');
  const chosen = isObject(choice)
    ? choice.type === 'function' && names.includes(choice.function?.name)
    : ['none', 'auto', 'required'].includes(choice);
  if (choice !== undefined && !chosen) problems.push(`tool_choice ${JSON.stringify(choice)} is unknown`);
  if (parallel !== undefined && typeof parallel !== 'boolean') problems.push('parallel_tool_calls is not a boolean');
  return problems;
}

function problemsOfTool(tool, where) {
  if (!isObject(tool) || tool.type !== 'function' || !isObject(tool.function))
    return [`${where}type is not "function"`];
  const { name, parameters } = tool.function;
  const problems = unknownKeys(tool, ['type', 'function'], where);
  problems.push(...unknownKeys(tool.function, ['name', 'description', 'parameters', 'strict'], `${where}function.`));
  if (!NAME.test(name ?? '')) problems.push(`${where}function.name ${JSON.stringify(name)} is not ${NAME}`);
  if (parameters !== undefined)
    problems.push(...problemsOfSchema(parameters, tool.function.strict, `${where}function.parameters`));
  return problems;
}

function problemsOfSchema(schema, strict, where) {
  if (!isObject(schema) || schema.type !== 'object') return [`${where} is not a JSON schema of type "object"`];
  const problems = [];
  const properties = schema.properties ?? {};
  const absent = (schema.required ?? []).filter((name) => !(name in properties));
  if (absent.length > 0) problems.push(`${where}.required names unknown properties: ${absent}`);
  for (const [name, property] of Object.entries(properties)) {
    if (property?.type === 'array' && !property.items)
      problems.push(`${where}.properties.${name} is an array without items`);
  }
  if (strict && schema.additionalProperties !== false)
    problems.push(`${where}: strict needs additionalProperties false`);
  if (strict && Object.keys(properties).some((name) => !schema.required?.includes(name))) {
    problems.push(`${where}: strict needs every property in required`);
  }
  return problems;
}

function problemsOfMessage(message, where) {
  const fields = FIELDS_OF_ROLE[message?.role];
  if (!fields) return [`${where}role ${JSON.stringify(message?.role)} is unknown`];
  const problems = unknownKeys(message, fields, where);
  const mayBeNull = message.role === 'assistant' && message.tool_calls !== undefined;
  if (!(mayBeNull && (message.content ?? null) === null)) problems.push(...problemsOfContent(message, where));
  if (message.role === 'tool' && typeof message.tool_call_id !== 'string')
    problems.push(`${where}tool_call_id is missing`);
  if (message.tool_calls !== undefined) problems.push(...problemsOfToolCalls(message.tool_calls, where));
  return problems;
}

function problemsOfContent({ role, content }, where) {
  const parts = Array.isArray(content) ? content : [{ type: 'text', text: content }];
  if (parts.length === 0) return [`${where}content is empty`];
  return parts.flatMap((part) => {
    if (role === 'user' && ['image_url', 'input_audio', 'file'].includes(part?.type))
      return isObject(part[part.type]) ? [] : [`${where}content has an empty ${part.type}`];
    if (part?.type !== 'text' || typeof part.text !== 'string')
      return [`${where}content is neither text nor text parts`];
    return hasLoneSurrogate(part.text) ? [`${where}content is not valid Unicode`] : [];
  });
}

function problemsOfToolCalls(calls, where) {
  if (!Array.isArray(calls) || calls.length === 0) return [`${where}tool_calls is not an array of at least one`];
  return calls.flatMap((call, i) => {
    const at = `${where}tool_calls[${i}].`;
    if (call?.type !== 'function' || !isObject(call.function)) return [`${at}type is not "function"`];
    const problems = unknownKeys(call, ['id', 'type', 'function'], at);
    if (typeof call.id !== 'string' || call.id === '') problems.push(`${at}id is missing`);
    if (!NAME.test(call.function.name ?? '')) problems.push(`${at}function.name is wrong`);
    if (typeof call.function.arguments !== 'string') problems.push(`${at}function.arguments is not a string`);
    return problems;
  });
}

// An assistant message with tool calls is followed at once by one tool message for each of them, and a tool message
// is found nowhere else.
function problemsOfOrder(messages) {
  const problems = [];
  let open = new Set();
  messages.forEach((message, i) => {
    if (message.role === 'tool') {
      if (!open.delete(message.tool_call_id))
        problems.push(`messages[${i}] answers no tool call of the message before: ${message.tool_call_id}`);
      return;
    }
    if (open.size > 0) problems.push(`messages[${i}] comes before the answers to tool calls ${[...open]}`);
    const ids = (message.tool_calls ?? []).map((call) => call.id);
    open = new Set(ids);
    if (open.size < ids.length) problems.push(`messages[${i}] uses a tool call id twice`);
  });
  if (open.size > 0) problems.push(`tool calls without an answer: ${[...open]}`);
  return problems;
}
