// Request bodies as strict services read them.

// → { value } or { problem }
export function parseJsonBody(headers, body) {
  const type = headers['content-type'] ?? '';
  if (!/^application\/json(; ?charset=utf-8)?$/i.test(type))
    return { problem: `content-type is "${type}", not application/json` };
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    return { problem: 'body is not valid UTF-8' };
  }
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `body is not JSON: ${error.message}` };
  }
  if (!isObject(value)) return { problem: 'body is not a JSON object' };
  return { value };
}

export function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function unknownKeys(object, known, where) {
  return Object.keys(object)
    .filter((key) => !known.includes(key))
    .map((key) => `unknown field ${where}${key}`);
}

// Half of a UTF-16 pair: JSON can carry it, text cannot.
export function hasLoneSurrogate(text) {
  return /\p{Surrogate}/u.test(text);
}
