// Redis is away for long: webhooks are kept on our disk, and lose nothing by it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import * as checks from './checks.mjs';
import { filesBelow } from './support/files.mjs';
import { envelope } from './support/meta_webhook.mjs';
import { startRedis } from './support/redis.mjs';
import { eventually } from './support/wait.mjs';
import { worldFor } from './support/world.mjs';

async function onRedisOfItsOwn(t) {
  const redis = await startRedis();
  t.after(() => redis.remove());
  const world = await worldFor(t, { env: { REDIS_URL: redis.url, SPOOL_AFTER_SECONDS: '0.2' } });
  return { redis, world };
}

const spoolOf = (world) => filesBelow(join(world.home, 'data/spool'));

describe('without Redis for long', { concurrency: true }, () => {
  it('webhooks are accepted, and every customer is answered exactly once', async (t) => {
    const { redis, world } = await onRedisOfItsOwn(t);
    await checks.spooledMessagesAreAnsweredOnce(world, redis);
    assert.deepEqual(spoolOf(world), [], 'the spool was not removed');
  });

  it('a crash loses none of them', async (t) => {
    const { redis, world } = await onRedisOfItsOwn(t);
    const ana = world.customer();
    await redis.kill();
    for (const text of ['vocês abrem sábado?', 'e domingo?']) {
      const body = envelope([ana.text(text)]);
      await eventually(
        async () => (await world.meta.post(body)).status === 200,
        () => `200 without Redis\n${world.atende.tail()}`,
      );
    }
    await world.atende.kill();
    assert.equal(spoolOf(world).length, 1);
    await redis.start();
    await world.startAtende();
    await ana.hears();
    await world.quiet();
    assert.equal(ana.inbox.length, 1, ana.inbox.join(' | '));
    const [request] = world.openai.askedAbout('sábado');
    assert.match(request.heard, /sábado[^]*domingo/, 'the messages were not read together and in order');
  });
});
