// Webhooks exactly as Meta writes and signs them.
// https://developers.facebook.com/docs/messenger-platform/webhooks
import { createHmac } from 'node:crypto';

// Meta escapes everything outside ASCII and these few characters, and signs that form.
export function metaJson(value) {
  return JSON.stringify(value).replace(/[/<%@\u007f-\uffff]/g, (unit) => {
    if (unit === '/') return '\\/';
    const code = unit.charCodeAt(0).toString(16).padStart(4, '0');
    return '\\u' + (unit < '\x80' ? code.toUpperCase() : code);
  });
}

export function signature(secret, body) {
  return 'sha256=' + createHmac('sha256', secret).update(body).digest('hex');
}

// One webhook body for `events` ({ account, list, body }), in their order, one entry per run of the same account.
export function envelope(events) {
  const entry = [];
  for (const { account, list, body } of events) {
    if (entry.at(-1)?.id !== account) entry.push({ time: Date.now(), id: account });
    (entry.at(-1)[list] ??= []).push(body);
  }
  return metaJson({ object: 'instagram', entry });
}

// Message ids have the real ones' length and alphabet, and never repeat.
let messages = 0;
export function newMessageId() {
  const serial = Buffer.from(`${process.pid}:${Date.now()}:${++messages}`).toString('base64url');
  return (
    'aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOjE3ODQxNDAwMDAwMDAwMDAxOjM0MDI4MjM2Njg0MTcxMDMwMDk0OTEyODAwMDAwMDAw' +
    serial +
    'ZD'
  );
}

// Strictly increasing: people's messages have an order even when tests write faster than the clock ticks.
let lastTime = 0;
export function nextTimestamp() {
  lastTime = Math.max(lastTime + 1, Date.now());
  return lastTime;
}
