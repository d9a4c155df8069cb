// Builds that are broken on purpose (ATENDE_BROKEN=<name>), each with the short episode that must expose it and the
// counter that must rise. The same episode on a sound build must be clean.

import { fileURLToPath } from 'node:url';

export const BROKEN = process.env.ATENDE_BROKEN_BINARY ?? fileURLToPath(new URL('../../build/release/atende_broken', import.meta.url));

const needsShortLease = ({ leaseMs }) => (leaseMs <= 1000 ? null : 'the binary does not know LEASE_SECONDS');

export const VARIANTS = {
  // A redelivered message is answered again.
  no_dedupe: {
    counter: 'twice',
    traffic: { rate: 60 },
    courier: { duplicates: 0.5 },
    seconds: { full: 3, quick: 2 },
  },
  // Messages leave the inbox when a worker takes them, and die with it.
  pop_at_claim: {
    counter: 'lost',
    traffic: { rate: 100 },
    shop: { model: { time: [150, 400] } },
    faults: { full: 20, quick: 10 },
    does: (nemesis) => nemesis.killReplica(),
  },
  // A send of unknown outcome is repeated: Graph had it already. Echoes are late, or they would say so in time.
  resend_on_recovery: {
    counter: 'sentTwice',
    traffic: { rate: 100 },
    shop: { graph: { time: [200, 500] } },
    echoes: { late: 1, time: [3000, 4000] },
    faults: { full: 20, quick: 10 },
    does: (nemesis) => nemesis.killReplica(),
  },
  // A worker that lost its lease goes on as if nothing had happened. (It loses messages and order, too.)
  no_epoch: {
    counter: 'twice',
    traffic: { rate: 100 },
    shop: { model: { time: [200, 900] } },
    lanes: 2,
    faults: { full: 6, quick: 4 },
    does: (nemesis) => nemesis.stopReplica(),
  },
  // 200 before the message is stored: whoever said so may not be able to store it.
  ack_before_append: {
    counter: 'lost',
    traffic: { rate: 100 },
    faults: { full: 5, quick: 3 },
    does: (nemesis) => nemesis.killRedis(),
  },
  // The person took over while the agent was thinking; the answer is sent all the same.
  plan_without_human_check: {
    counter: 'afterTakeover',
    traffic: { rate: 60, people: 20 },
    shop: { model: { time: [1500, 2500] } },
    seconds: { full: 6, quick: 4 },
    slackMs: 300,
  },
  // Thinking takes longer than the lease: another worker begins the same turn although nobody died.
  no_lease_renewal: {
    counter: 'rethought',
    traffic: { rate: 15, fresh: true },
    shop: { model: { time: [2400, 2600] } },
    seconds: { full: 5, quick: 3 },
    once: true,
    needs: needsShortLease,
  },
};

const SETTLED_WITHIN_MS = 8_000; // a broken build may never come to rest

// The episode of a variant, for the broken build.
export const brokenSpec = (name) => ({ settleMs: SETTLED_WITHIN_MS, resolveMs: 0, ...VARIANTS[name] });
