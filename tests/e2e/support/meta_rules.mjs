// What Meta accepts at POST /<account>/messages.
// https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/messaging-api
import { hasLoneSurrogate, isObject, unknownKeys } from './json_body.mjs';

export const MAX_TEXT_BYTES = 1000;
const SENDER_ACTIONS = ['typing_on', 'typing_off', 'mark_seen'];

// → what is wrong with the body, empty if nothing
export function problemsOfSend(body) {
  const problems = unknownKeys(body, ['recipient', 'message', 'sender_action'], '');
  problems.push(...problemsOfRecipient(body.recipient));
  const hasAction = 'sender_action' in body;
  if (hasAction === 'message' in body) problems.push('exactly one of message and sender_action is needed');
  if (hasAction && !SENDER_ACTIONS.includes(body.sender_action)) {
    problems.push(`sender_action ${JSON.stringify(body.sender_action)} does not exist`);
  }
  if ('message' in body) problems.push(...problemsOfMessage(body.message));
  return problems;
}

function problemsOfRecipient(recipient) {
  if (!isObject(recipient)) return ['recipient is not an object'];
  const problems = unknownKeys(recipient, ['id'], 'recipient.');
  if (typeof recipient.id !== 'string' || !/^\d+$/.test(recipient.id)) {
    problems.push(`recipient.id ${JSON.stringify(recipient.id)} is not a string of digits`);
  }
  return problems;
}

function problemsOfMessage(message) {
  if (!isObject(message)) return ['message is not an object'];
  const problems = unknownKeys(message, ['text'], 'message.');
  if (typeof message.text !== 'string') return [...problems, 'message.text is not a string'];
  if (message.text.trim() === '') problems.push('message.text is empty');
  if (hasLoneSurrogate(message.text)) problems.push('message.text is not valid Unicode');
  const bytes = Buffer.byteLength(message.text);
  if (bytes > MAX_TEXT_BYTES) problems.push(`message.text has ${bytes} bytes, more than ${MAX_TEXT_BYTES}`);
  return problems;
}
