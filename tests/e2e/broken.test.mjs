// Builds that are broken on purpose: the checks of the ordinary tests must notice, or they prove nothing.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'node:test';
import * as checks from './checks.mjs';
import { reply } from './support/openai.mjs';
import { startRedis } from './support/redis.mjs';
import { World } from './support/world.mjs';

const BINARY = process.env.ATENDE_BROKEN_BINARY ?? fileURLToPath(new URL('../../build/release/atende_broken', import.meta.url));
const skip = !existsSync(BINARY) && !process.env.CI && `${BINARY} is not built`;

// name of the variant → the check, and what it must complain about
const variants = {
  no_dedupe: [checks.redeliveriesAreAnsweredOnce, /redelivered/],
  signature_always_equal: [checks.forgeriesAreRefused, /was answered 200/],
  answer_echo: [(world) => checks.ownEchoesAreNotAnswered(world, 'after'), /answered its own echo/],
  forget_remembers: [checks.forgottenIsGone, /was told to the model/],
  split_by_characters: [(world) => checks.longAnswersFitAndKeepTheirWords(world, reply), /was refused/],
};

async function inWorld(variant, use, env = {}) {
  const world = await World.start({ binary: BINARY, env: { ...env, ...(variant && { ATENDE_BROKEN: variant }) } });
  try {
    await use(world);
  } finally {
    await world.demolish();
  }
}

async function onRedisOfItsOwn(variant, use) {
  const redis = await startRedis();
  try {
    const env = { REDIS_URL: redis.url, SPOOL_AFTER_SECONDS: '0.2' };
    await inWorld(variant, (world) => use(world, redis), env);
  } finally {
    await redis.remove();
  }
}

describe('a broken build is noticed', { skip }, () => {
  it('spool_forgets', () =>
    onRedisOfItsOwn('spool_forgets', (world, redis) =>
      assert.rejects(() => checks.spooledMessagesAreAnsweredOnce(world, redis), {
        name: 'AssertionError',
        message: /was answered 0 times/,
      }),
    ));
  it('spool_forgets, switched off, is not', () => onRedisOfItsOwn(null, checks.spooledMessagesAreAnsweredOnce));
  for (const [variant, [check, complaint]] of Object.entries(variants)) {
    it(variant, () =>
      inWorld(variant, (world) => assert.rejects(() => check(world), { name: 'AssertionError', message: complaint })),
    );
    it(`${variant}, switched off, is not`, () => inWorld(null, check));
  }
});
