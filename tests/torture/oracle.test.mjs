// The judge convicts what is wrong and nothing else.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COUNTERS, Oracle } from './oracle.mjs';
import { answerText, readAnswer } from './words.mjs';

// Ana's messages, acknowledged one after the other.
function story({ messages = 2, takeover = null } = {}) {
  const ana = { number: 1, customer: { id: '77', account: '1' }, takeover };
  if (takeover) takeover.contact = ana;
  const all = Array.from({ length: messages }, (_, i) => ({
    name: `1.${i + 1}`,
    number: i + 1,
    contact: ana,
    mid: `mid${i + 1}`,
    writtenAt: 100 * i,
    postedAt: 100 * i + 10,
    ackedAt: 100 * i + 20,
  }));
  const traffic = {
    contacts: [ana],
    messages: new Map(all.map((message) => [message.name, message])),
    takeovers: takeover ? [takeover] : [],
    contactOf: () => ana,
  };
  const calls = Array.from({ length: 9 }, () => ({ messages: ['1.1'], at: 0 }));
  return new Oracle({ traffic, calls, allowed: { echoHoldMs: 0, humanPauseMs: 60_000, slackMs: 50 } });
}

let mids = 0;
function send(oracle, text, { at = 1000, ...wire } = {}) {
  const mid = `sent${++mids}`;
  Object.assign(oracle.accepted({ to: '77', at, text, mid }), { id: mids, begun: at, ...wire });
}

function verdict(oracle, more = {}) {
  const { counts } = oracle.judge({ unknown: [], dead: new Set(), rows: [], at: 5000, ...more });
  return Object.fromEntries(COUNTERS.filter((name) => counts[name] > 0).map((name) => [name, counts[name]]));
}

const parts = (text) => text.split('\n\n');

describe('the oracle', () => {
  it('finds nothing where nothing is wrong', () => {
    const oracle = story();
    for (const part of parts(answerText(1, ['1.1', '1.2'], 3))) send(oracle, part);
    assert.deepEqual(verdict(oracle), {});
  });

  it('reads hundreds of names in one answer, in their order, whatever the length of its parts', () => {
    const names = [9, 8, ...Array.from({ length: 400 }, (_, i) => 100 + i), 7].map((number) => `113.${number}`);
    for (const count of [1, 3]) {
      const sent = parts(answerText(1, names, count));
      assert.ok(sent.every((part) => Buffer.byteLength(part) < 1000));
      assert.deepEqual(sent.map(readAnswer), sent.map((_, i) => ({ answer: 1, messages: names, part: i + 1, parts: count, saved: false })));
    }
  });

  it('misses a message that nobody answered', () => {
    const oracle = story();
    send(oracle, answerText(1, ['1.1'], 1));
    assert.deepEqual(verdict(oracle), { lost: 1 });
  });

  it('does not miss one that was set aside, or is in a send reported as unknown', () => {
    const oracle = story();
    const unknown = [{ conversation: 'ig:1:77', id: 4, text: answerText(1, ['1.1'], 1) }];
    assert.deepEqual(verdict(oracle, { unknown, dead: new Set(['mid2']) }), {});
  });

  it('convicts a wrong verdict about a send of unknown outcome', () => {
    const called = (missing, id, text) => ({ unknown: [{ conversation: 'ig:1:77', id, text, missing }] });
    const arrived = story({ messages: 1 });
    send(arrived, answerText(1, ['1.1'], 1), { id: 4 });
    assert.deepEqual(verdict(arrived, called(true, 4, null)), { other: 1 });
    const open = story({ messages: 1 });
    send(open, answerText(1, ['1.1'], 1), { id: 4 });
    assert.deepEqual(verdict(open, called(false, 4, null)), {});
    assert.deepEqual(verdict(story({ messages: 1 }), called(true, 4, answerText(1, ['1.1'], 1))), {});
    const found = [{ conversation: 'ig:1:77', id: 4 }];
    const real = story({ messages: 1 });
    send(real, answerText(1, ['1.1'], 1), { id: 4 });
    assert.deepEqual(verdict(real, { found }), {});
    const invented = story({ messages: 1 });
    send(invented, answerText(1, ['1.1'], 1), { id: 5 });
    assert.deepEqual(verdict(invented, { found }), { other: 1 });
  });

  it('sees a poisoned message that is not set aside, and another one that is', () => {
    const poisoned = story({ messages: 2 });
    poisoned.traffic.poison = 0.5;
    poisoned.traffic.messages.get('1.1').poison = true;
    send(poisoned, answerText(1, ['1.2'], 1));
    assert.deepEqual(verdict(poisoned, { dead: new Set(['mid1']) }), {});
    assert.deepEqual(verdict(poisoned, { dead: new Set(['mid2']) }), { lost: 1, other: 2 });
  });

  it('misses a part of a long answer', () => {
    const oracle = story({ messages: 1 });
    const [first, , third] = parts(answerText(1, ['1.1'], 3));
    send(oracle, first);
    send(oracle, third);
    assert.deepEqual(verdict(oracle), { lost: 1 });
  });

  it('sees a message answered twice, and one text sent twice', () => {
    const oracle = story({ messages: 1 });
    send(oracle, answerText(1, ['1.1'], 1));
    send(oracle, answerText(1, ['1.1'], 1));
    send(oracle, answerText(2, ['1.1'], 1));
    assert.deepEqual(verdict(oracle), { twice: 1, sentTwice: 1 });
  });

  it('sees parts, turns and messages out of order', () => {
    const oracle = story({ messages: 1 });
    const [first, second] = parts(answerText(1, ['1.1'], 2));
    send(oracle, second);
    send(oracle, first);
    assert.deepEqual(verdict(oracle), { order: 1 });
    const turns = story();
    send(turns, answerText(1, ['1.2'], 1));
    send(turns, answerText(2, ['1.1'], 1));
    assert.deepEqual(verdict(turns), { order: 1 });
    const messages = story();
    send(messages, answerText(1, ['1.2', '1.1'], 1));
    assert.deepEqual(verdict(messages), { order: 1 });
  });

  it('leaves a late send out of the order if it was reported as unknown', () => {
    const oracle = story({ messages: 1 });
    const [first, second] = parts(answerText(1, ['1.1'], 2));
    send(oracle, second, { id: 8 });
    send(oracle, first, { id: 7 });
    const unknown = [{ conversation: 'ig:1:77', id: 7, text: null }];
    assert.deepEqual(verdict(oracle, { unknown }), {});
    for (const [at, found] of [[950, {}], [1300, { order: 1 }]]) {
      const settled = story({ messages: 1 });
      send(settled, second, { id: 8, at: 1000 });
      send(settled, first, { id: 7, begun: 900, at: 1200 });
      assert.deepEqual(verdict(settled, { named: [{ conversation: 'ig:1:77', at }] }), found);
    }
  });

  it('sees a send that began after a takeover, not one that began before', () => {
    const late = story({ messages: 1, takeover: { postedAt: 200, ackedAt: 210 } });
    send(late, answerText(1, ['1.1'], 1), { at: 900, begun: 900 });
    assert.deepEqual(verdict(late), { afterTakeover: 1 });
    const before = story({ messages: 1, takeover: { postedAt: 200, ackedAt: 210 } });
    send(before, answerText(1, ['1.1'], 1), { at: 900, begun: 190 });
    assert.deepEqual(verdict(before), {});
  });

  it('leaves to the person what was not answered', () => {
    assert.deepEqual(verdict(story({ takeover: { postedAt: 200, ackedAt: 210 } })), {});
  });

  it('sees leads doubled, and leads promised but not there', () => {
    const oracle = story({ messages: 1 });
    send(oracle, answerText(1, ['1.1'], 1, true));
    const row = { 'ID do contato': '77' };
    assert.deepEqual(verdict(oracle, { rows: [row, row] }), { leads: 1 });
    const promised = story({ messages: 1 });
    send(promised, answerText(1, ['1.1'], 1, true));
    assert.deepEqual(verdict(promised), { leads: 1 });
  });
});
