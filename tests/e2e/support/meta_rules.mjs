// What Meta accepts at POST /<account>/messages.
// https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/messaging-api
import { hasLoneSurrogate, isObject, unknownKeys } from './json_body.mjs';

export const MAX_TEXT_BYTES = 1000;
export const MAX_AUDIO_BYTES = 25 << 20;
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
  const problems = unknownKeys(message, ['text', 'attachment'], 'message.');
  if ('attachment' in message) {
    if ('text' in message) problems.push('message has both a text and an attachment');
    return [...problems, ...problemsOfAttachment(message.attachment)];
  }
  if (typeof message.text !== 'string') return [...problems, 'message.text is not a string'];
  if (message.text.trim() === '') problems.push('message.text is empty');
  if (hasLoneSurrogate(message.text)) problems.push('message.text is not valid Unicode');
  const bytes = Buffer.byteLength(message.text);
  if (bytes > MAX_TEXT_BYTES) problems.push(`message.text has ${bytes} bytes, more than ${MAX_TEXT_BYTES}`);
  return problems;
}

function problemsOfAttachment(attachment) {
  const at = 'message.attachment.';
  if (!isObject(attachment)) return [`${at.slice(0, -1)} is not an object`];
  const problems = unknownKeys(attachment, ['type', 'payload'], at);
  if (attachment.type !== 'audio') problems.push(`${at}type is ${JSON.stringify(attachment.type)}, not "audio"`);
  if (!isObject(attachment.payload)) return [...problems, `${at}payload is not an object`];
  problems.push(...unknownKeys(attachment.payload, ['url'], `${at}payload.`));
  const { url } = attachment.payload;
  if (typeof url !== 'string' || !URL.canParse(url) || new URL(url).protocol !== 'https:')
    problems.push(`${at}payload.url ${JSON.stringify(url)} is not an https URL`);
  return problems;
}

// The media types that an audio may have, and how such a file begins.
const AUDIO = {
  'audio/mp4': (bytes) => bytes.subarray(4, 8).toString() === 'ftyp',
  'audio/wav': (bytes) => bytes.subarray(0, 4).toString() === 'RIFF',
};

// → what is wrong with a file that Meta has fetched to send it as audio, empty if nothing
export function problemOfAudio({ status, type, bytes }) {
  if (status !== 200) return `its URL answers ${status}`;
  if (!(type in AUDIO)) return `its content type is ${type}`;
  if (bytes.length > MAX_AUDIO_BYTES) return `it has ${bytes.length} bytes`;
  return AUDIO[type](bytes) ? '' : `it is no ${type}`;
}
