// What goes wrong. Every fault is announced on the log with the time since the start, so that a run can be followed
// and, with the same seed, asked for again.
import { closeSync, existsSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MODES } from './gate.mjs';
import { SWEEP_MS } from './product.mjs';

export class Nemesis {
  counts = {};
  #redisIsBusy = false;

  // `say` prints one line.
  constructor({ shop, random, say }) {
    Object.assign(this, { shop, random, say });
  }

  get faults() {
    return Object.entries(this.counts)
      .map(([what, count]) => `${count} ${what}`)
      .join(', ');
  }

  #does(what, detail) {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
    this.say(`${what} ${detail}`);
  }

  pause(from, to) {
    return sleep(this.random.between(from, to));
  }

  // A replica to which nothing else is being done; null if there is none.
  #victim() {
    const free = this.shop.replicas.filter((replica) => !replica.busy);
    return free.length > 0 ? this.random.pick(free) : null;
  }

  async #with(use) {
    const replica = this.#victim();
    if (!replica) return this.pause(5, 20);
    replica.busy = true;
    try {
      await use(replica);
    } finally {
      replica.busy = false;
    }
  }

  // Crash, and a supervisor that starts it again.
  killReplica() {
    return this.#with(async (replica) => {
      this.#does('kill -9', replica.name);
      await replica.kill();
      await this.pause(0, 80);
      await replica.start();
      await this.pause(20, 180);
    });
  }

  // Paused for longer than its lease: others take its work over, then it wakes and believes it is still its own.
  stopReplica() {
    return this.#with(async (replica) => {
      const ms = this.shop.knobs.leaseMs + SWEEP_MS + this.random.between(300, 1300);
      this.#does('SIGSTOP', `${replica.name} for ${ms} ms`);
      replica.freeze();
      await sleep(ms);
      replica.thaw();
      await this.pause(50, 400);
    });
  }

  async killRedis() {
    const ms = this.random.between(0, 400);
    this.#does('Redis kill -9', `down ${ms} ms`);
    await this.shop.redis.kill();
    await sleep(ms);
    await this.shop.redis.start();
    await this.pause(300, 900);
  }

  // For a moment there are two primaries, and the processes are at the one that will be forgotten.
  async failOver() {
    const ms = this.random.between(0, 400);
    this.#does('failover', `after ${ms} ms of two primaries`);
    await this.shop.failOver(ms);
    await this.pause(300, 900);
  }

  async rollingRestart() {
    for (const replica of this.shop.replicas) {
      this.#does('SIGTERM', replica.name);
      await replica.stop();
      await replica.start();
      await this.pause(50, 150);
    }
  }

  // A bad network between one replica and one service.
  gateFault(services = ['redis', 'graph', 'model']) {
    return this.#with(async (replica) => {
      const service = this.random.pick(services);
      const mode = this.random.pick(MODES);
      const ms = this.random.between(200, Math.min(2500, 2 * this.shop.knobs.leaseMs));
      const holds = mode === 'blackhole' || mode === 'answers_lost';
      const resetting = service !== 'redis' || this.random.chance(0.5);
      const options = { ms: this.random.between(20, 300), bytes: this.random.between(1, 400) };
      this.#does('gate', `${replica.name} → ${service}: ${mode} for ${ms} ms${holds && !resetting ? ', then all of it' : ''}`);
      const gate = this.shop.gates.get(replica.name)[service];
      await gate.set(mode, options);
      await sleep(ms);
      await gate.heal({ reset: resetting });
      await this.pause(50, 300);
    });
  }

  // The disk under Redis and the replicas is full. With appendfsync always Redis ends itself then.
  async fillDisk() {
    const ms = this.random.between(300, 1200);
    const ballast = join(this.shop.disk, 'ballast');
    this.#does('disk full', `for ${ms} ms`);
    fill(ballast);
    await sleep(ms);
    rmSync(ballast);
    if (this.shop.redis.ended) this.say('Redis ended itself; started again');
    if (this.shop.redis.ended) await this.shop.redis.start();
    await this.pause(500, 1200);
  }

  // One Redis at most is killed at a time: the lanes share it.
  async anything() {
    const draw = this.random.next();
    if (draw < 0.5) return this.killReplica();
    if (draw < 0.65) return this.stopReplica();
    if (draw < 0.9 || this.#redisIsBusy) return this.gateFault();
    this.#redisIsBusy = true;
    await this.killRedis();
    this.#redisIsBusy = false;
  }

  // A replica whose clock is an hour wrong.
  shiftClock() {
    return this.#with(async (replica) => {
      const shift = this.random.pick(['+3600s', '-3600s']);
      this.#does('clock', `${replica.name} ${shift}`);
      await replica.kill();
      await replica.start(shiftedClock(shift));
      await this.pause(400, 900);
    });
  }
}

function fill(path) {
  const file = openSync(path, 'w');
  try {
    for (let size = 1 << 20; size > 0; size >>= 1) {
      const block = Buffer.alloc(size);
      try {
        for (;;) writeSync(file, block);
      } catch (error) {
        if (error.code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    closeSync(file);
  }
}

// Variables that put a process' wall clock off, or null without libfaketime. Timers go by the monotonic clock, which
// no real clock change moves either.
export function shiftedClock(shift) {
  const library = readdirSync('/usr/lib')
    .map((name) => join('/usr/lib', name, 'faketime/libfaketime.so.1'))
    .find((path) => existsSync(path));
  if (!library) return null;
  return { LD_PRELOAD: library, FAKETIME: shift, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}
