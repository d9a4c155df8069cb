// The auditor's alarm, as a shop owner gets it: the state of a conversation is damaged in Redis, and then repaired.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { runAtende } from './support/atende.mjs';
import { startRedis } from './support/redis.mjs';
import { eventually } from './support/wait.mjs';
import { World } from './support/world.mjs';

const TOKEN = 'an-operators-token';
const SOON = String(Date.now() + 60_000);
const FAR = String(Date.now() + 3_600_000);

// A command that damages, and one that repairs. A conversation waits for its quiet window unless it is `answered`.
const DAMAGES = {
  I1: {
    what: 'a message that is neither answered nor waiting',
    damage: ({ inbox }) => ['LMOVE', inbox, 'lost', 'LEFT', 'LEFT'],
    repair: ({ inbox }) => ['LMOVE', 'lost', inbox, 'LEFT', 'LEFT'],
  },
  I2: {
    what: 'an epoch that went back',
    answered: true,
    damage: ({ state }) => ['HSET', state, 'epoch', '0'],
    repair: ({ state }) => ['HSET', state, 'epoch', FAR], // epochs are times
  },
  I3: {
    what: 'messages that nobody will look at',
    damage: ({ due, member }) => ['ZREM', due, member],
    repair: ({ due, member }) => ['ZADD', due, SOON, member],
  },
  I4: {
    what: 'a send that nobody ends',
    answered: true,
    damage: ({ outbox }) => ['HSET', outbox, 'state:7', 'sending', 'begun:7', '1000'],
    repair: ({ outbox }) => ['DEL', outbox],
  },
  I5: {
    what: 'a turn that is due too late',
    damage: ({ due, member }) => ['ZADD', due, FAR, member],
    repair: ({ due, member }) => ['ZADD', due, SOON, member],
  },
  I6: {
    what: 'an idle conversation that is due',
    answered: true,
    damage: ({ due, member }) => ['ZADD', due, FAR, member],
    repair: ({ due, member }) => ['ZREM', due, member],
  },
};

describe('the auditor', () => {
  const world = new World();
  let redis;
  before(async () => {
    redis = await startRedis();
    const env = {
      ADMIN_TOKEN: TOKEN,
      REDIS_URL: redis.url,
      AUDIT_SECONDS: '1',
      DEBOUNCE_SECONDS: '60',
      DEBOUNCE_MAX_SECONDS: '120',
    };
    Object.assign(world, await World.start({ env }));
  });
  after(async () => {
    await world.end();
    await redis.remove();
  });

  async function atende(...args) {
    const options = { home: world.home, env: { ADMIN_TOKEN: TOKEN } };
    const { code, stdout, stderr } = await runAtende([...args, '--url', world.atende.url], options);
    assert.equal(code, 0, stderr);
    return stdout;
  }
  const invariants = async () => JSON.parse(await atende('status', '--json')).invariants;
  const readiness = async () => {
    const answer = await fetch(`${world.atende.url}/health/ready`);
    assert.equal(answer.status, 200, 'a restart would not help');
    return (await answer.json()).checks.invariants;
  };
  async function untilAuditedAgain(passes) {
    const enough = (await invariants()).passes + passes;
    await eventually(async () => (await invariants()).passes >= enough, `${passes} passes of the auditor`);
  }

  async function keysOf(customer) {
    const member = `ig:${customer.account}:${customer.id}`;
    const state = await redis.command('--scan', '--pattern', `atende:*:c:${member}:h`);
    const conversation = state.slice(0, -':h'.length);
    const due = `${/^atende:\{\d+\}:/.exec(state)[0]}due`;
    return { member, state, due, inbox: `${conversation}:in`, outbox: `${conversation}:out` };
  }

  const victims = new Map(); // by invariant
  const alarms = () => world.atende.lines.filter((line) => /invariant I\d is broken/.test(line));

  it('is content with a healthy shop', async () => {
    for (const [name, { answered }] of Object.entries(DAMAGES)) {
      const customer = world.customer();
      await customer.writes('oi');
      await customer.writes('tem a XY 150?');
      if (answered) {
        await atende('flush', customer.id);
        await customer.hears();
      }
      victims.set(name, await keysOf(customer));
    }
    await world.atende.untilIdle();
    await untilAuditedAgain(3);
    assert.match(await atende('status'), /Invariantes +em ordem \(\d+ rodadas, 6 conversas\)\n/);
    assert.deepEqual(await readiness(), { ok: true, detail: 'hold' });
    assert.deepEqual(alarms(), []);
  });

  it('raises one alarm for each thing that is wrong', async () => {
    for (const [name, { damage }] of Object.entries(DAMAGES)) await redis.command(...damage(victims.get(name)));
    await eventually(
      async () => (await invariants()).violations_total >= 6,
      () => `six violations\n${world.atende.tail()}`,
    );
    for (const [name, { member }] of victims) {
      const said = alarms().filter((line) => line.includes(`${name} is broken for ${member}:`));
      assert.equal(said.length, 1, DAMAGES[name].what);
    }
    assert.ok(alarms().every((line) => /critical/i.test(line)), alarms().join('\n'));
    const { violations, open } = await invariants();
    assert.deepEqual(violations, { I1: 1, I2: 1, I3: 1, I4: 1, I5: 1, I6: 1 });
    assert.equal(open.length, 6);
    assert.deepEqual(await readiness(), {
      ok: false,
      detail: 'violated, see atende status: I1: 1, I2: 1, I3: 1, I4: 1, I5: 1, I6: 1',
    });
    const status = await atende('status');
    assert.match(status, /Invariantes +VIOLADOS/);
    for (const [name, { member }] of victims) assert.match(status, new RegExp(`${name} ${member}: `));
  });

  it('says it once while it lasts', async () => {
    await untilAuditedAgain(3);
    assert.equal(alarms().length, 6);
    assert.equal((await invariants()).violations_total, 6);
  });

  it('is content again when it is repaired, and remembers', async () => {
    for (const [name, { repair }] of Object.entries(DAMAGES)) await redis.command(...repair(victims.get(name)));
    await eventually(async () => (await readiness()).ok, () => 'a healthy shop');
    assert.match(await atende('status'), /Invariantes +em ordem .*desde o início: I1=1 I2=1/);
    assert.deepEqual((await invariants()).open, []);
    assert.equal(alarms().length, 6);
  });
});
