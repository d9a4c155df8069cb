// All this harness knows of the product's insides: names of variables, log lines and Redis keys. What changes there
// changes here and nowhere else.
import { runAtende } from '../e2e/support/atende.mjs';

const SHARDS = 64;
const shards = Array.from({ length: SHARDS }, (_, shard) => `atende:{${shard}}`);
const LATER_MS = 60_000; // what is due after this long waits for a person, not for a worker

// What the binary makes of the variables it knows; one it does not know has the value built in.
export async function knobsInForce(binary, home, env) {
  const { stdout } = await runAtende(['config'], { home, env, binary });
  const value = (name, builtIn) => {
    const [, known] = new RegExp(`^${name}=(.*)$`, 'm').exec(stdout) ?? [];
    return known === undefined ? builtIn : Number(known || env[name]);
  };
  return {
    leaseMs: value('LEASE_SECONDS', 15) * 1000,
    echoHoldMs: value('ECHO_HOLD_SECONDS', 0) * 1000,
    humanPauseMs: value('HUMAN_PAUSE_MINUTES', 30) * 60_000,
  };
}

export const SWEEP_MS = 1000; // how long an orphaned conversation stays unnoticed, beyond its lease

export function conversationOf(contact, account) {
  return `ig:${account}:${contact}`;
}

function shardOf(conversation) {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(conversation)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return `atende:{${hash % BigInt(SHARDS)}}`;
}

// What the product itself says about the send that is on the wire with this text: { id, begun }, or null.
export async function sendOnTheWire(probe, conversation, text) {
  const [fields] = await probe.ask([['HGETALL', `${shardOf(conversation)}:c:${conversation}:out`]]);
  const known = asObject(fields);
  const id = Object.keys(known)
    .filter((field) => field.startsWith('text:') && known[field] === text)
    .map((field) => Number(field.slice('text:'.length)))
    .at(-1);
  return id === undefined ? null : { id, begun: Number(known[`begun:${id}`]) || null };
}

// Conversations that somebody has to look at soon: a worker has them, or something is to be answered, sent or decided.
// One that is only in `due` because a send of unknown outcome is still looked for is not among them.
export async function pendingWork(probe) {
  const until = String(Date.now() + LATER_MS);
  const lists = await probe.ask(shards.map((shard) => ['ZRANGEBYSCORE', `${shard}:due`, '-inf', until]));
  const due = lists.flat().map((conversation) => `${shardOf(conversation)}:c:${conversation}`);
  const parts = await probe.ask(due.map((key) => ['EXISTS', `${key}:in`, `${key}:queue`, `${key}:held`]));
  const states = await probe.ask(due.map((key) => ['HGET', `${key}:h`, 'state']));
  return due.filter((_, i) => parts[i] > 0 || states[i] === 'run').length;
}

// Sends that are not known to have arrived: [{ conversation, id, text (null if forgotten), missing }]; `missing`: the
// product says that they did not.
export async function unconfirmedSends(probe) {
  return [...(await listed(probe, 'ambiguous', false)), ...(await listed(probe, 'missing', true))];
}

async function listed(probe, list, missing) {
  const lists = await probe.ask(shards.map((shard) => ['ZRANGE', `${shard}:${list}`, '0', '-1']));
  const all = lists.flat().map((name) => {
    const [conversation, id] = name.split('#');
    return { conversation, id: Number(id) };
  });
  const outbox = ({ conversation }) => `${shardOf(conversation)}:c:${conversation}:out`;
  const texts = await probe.ask(all.map((one) => ['HGET', outbox(one), `text:${one.id}`]));
  return all.map((one, i) => ({ ...one, text: texts[i], missing }));
}

// Messages the product gave up on and keeps for the operator: their ids.
export async function deadLetters(probe) {
  const lists = await probe.ask(shards.map((shard) => ['HVALS', `${shard}:dead`]));
  return lists.flat().map((text) => JSON.parse(text).item.split('\n', 1)[0]);
}

const EVENTS = {
  unknown: /outcome unknown, will not be repeated/,
  interrupted: /(\d+) sends of an interrupted process/,
  found: /#(?<send>\d+) had been delivered after all/,
  person: /\] (ig:\S+) a person wrote from the shop's account/,
  setAside: /(\d+) message\(s\) set aside/,
};

// What a log line reports, if it is of interest: { what, conversation, count }.
export function eventIn(line) {
  for (const [what, pattern] of Object.entries(EVENTS)) {
    const found = pattern.exec(line);
    if (!found) continue;
    const send = Number(found.groups?.send) || null;
    return { what, count: send ? 1 : Number(found[1]) || 1, conversation: /ig:\S+/.exec(line)?.[0], send };
  }
  return null;
}

function asObject(list) {
  const object = {};
  for (let i = 0; i + 1 < list.length; i += 2) object[list[i]] = list[i + 1];
  return object;
}
