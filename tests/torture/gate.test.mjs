// The bad network is bad in the ways it says.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { RawConnection } from '../e2e/support/raw_http.mjs';
import { eventually } from '../e2e/support/wait.mjs';
import { Gate } from './gate.mjs';

// Answers each chunk with itself, and remembers it.
async function echoServer() {
  const heard = [];
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      heard.push(chunk.toString());
      socket.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { heard, port: server.address().port, stop: () => server.close() };
}

async function visitor(port) {
  const connection = await RawConnection.open(`http://127.0.0.1:${port}`);
  const got = [];
  connection.socket.on('data', (chunk) => got.push(chunk.toString()));
  return { connection, heard: () => got.join(''), send: (text) => connection.send(text) };
}

describe('the gate', () => {
  let service;
  let gate;
  let ana;

  beforeEach(async () => {
    service = await echoServer();
    gate = await Gate.before(service.port);
    ana = await visitor(gate.port);
    ana.send('oi');
    await eventually(() => ana.heard() === 'oi', 'echo');
  });
  afterEach(async () => {
    ana.connection.destroy();
    await gate.stop();
    service.stop();
  });

  it('holds everything back in a black hole and delivers it when healed', async () => {
    await gate.set('blackhole');
    ana.send('1');
    const bia = await visitor(gate.port);
    bia.send('2');
    await gate.heal();
    await eventually(() => ana.heard() === 'oi1' && bia.heard() === '2', 'late answers');
    bia.connection.destroy();
  });

  it('lets requests through when only answers are lost', async () => {
    await gate.set('answers_lost');
    ana.send('1');
    await eventually(() => service.heard.join('') === 'oi1', 'request');
    assert.equal(ana.heard(), 'oi');
    await gate.heal({ reset: true });
    await ana.connection.untilClosed();
    assert.equal(ana.heard(), 'oi');
  });

  it('cuts into small pieces without changing a byte', async () => {
    await gate.set('slice', { bytes: 3 });
    ana.send('abcdefghij');
    await eventually(() => ana.heard() === 'oiabcdefghij', 'all bytes');
  });

  for (const mode of ['reset', 'close', 'refuse'])
    it(`ends connections by ${mode}, and is as before when healed`, async () => {
      await gate.set(mode);
      await ana.connection.untilClosed();
      await gate.heal();
      const bia = await visitor(gate.port);
      bia.send('x');
      await eventually(() => bia.heard() === 'x', 'echo');
      bia.connection.destroy();
    });

  it('refuses connections', async () => {
    await gate.set('refuse');
    await assert.rejects(visitor(gate.port), { code: 'ECONNREFUSED' });
  });
});
