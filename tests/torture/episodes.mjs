// The episodes, each with the load it needs and its number of faults: `full` for the release gate, `quick` for CI.
import { existsSync } from 'node:fs';
import { BINARY } from '../e2e/support/atende.mjs';
import { shiftedClock } from './nemesis.mjs';
import { BROKEN } from './variants.mjs';

const withoutBroken = () => (existsSync(BROKEN) ? null : `${BROKEN} is not built`);

const RATE = 150; // messages a second
const PEOPLE = 0.7; // takeovers a second
const traffic = { rate: RATE, people: PEOPLE };
const AFTER_REDIS_MS = 60_000; // the product promises to have recovered by then

const killRedis = (fsync) => ({
  traffic,
  shop: { fsync },
  faults: { full: 100, quick: 3 },
  does: (nemesis) => nemesis.killRedis(),
  settleMs: AFTER_REDIS_MS,
});

const disk = (fsync) => ({
  traffic,
  disk: 64,
  shop: { fsync },
  faults: { full: 25, quick: 1 },
  does: (nemesis) => nemesis.fillDisk(),
  settleMs: AFTER_REDIS_MS,
});

export const EPISODES = {
  calm: { traffic, seconds: { full: 20, quick: 3 } },
  kill_replicas: {
    traffic,
    faults: { full: 1000, quick: 40 },
    does: (nemesis) => nemesis.killReplica(),
  },
  kill_while_sending: {
    // Long in the model and at Graph, so that processes die in the middle of both.
    traffic,
    shop: { model: { time: [100, 400] }, graph: { time: [50, 250] } },
    echoes: { late: 0.5, time: [1000, 4000] },
    faults: { full: 200, quick: 12 },
    does: (nemesis) => nemesis.killReplica(),
  },
  stop_replicas: {
    traffic,
    shop: { model: { time: [20, 300] }, graph: { time: [10, 150] } },
    lanes: 2,
    faults: { full: 200, quick: 6 },
    does: (nemesis) => nemesis.stopReplica(),
  },
  kill_redis_always: killRedis('always'),
  kill_redis_everysec: killRedis('everysec'),
  rolling_restart: {
    traffic,
    faults: { full: 20, quick: 1 },
    does: (nemesis) => nemesis.rollingRestart(),
  },
  bad_network: {
    traffic,
    shop: { gates: true },
    lanes: 2,
    faults: { full: 120, quick: 8 },
    does: (nemesis) => nemesis.gateFault(),
    settleMs: 120_000, // a model out of reach is asked again after 15 s, then 30 s
  },
  graph_resets: {
    // Graph takes the message and never says so.
    traffic,
    shop: { graph: { time: [2, 40], resets: 0.1 } },
    seconds: { full: 30, quick: 4 },
  },
  takeovers: {
    // The bot comes back when the person's pause is over, and answers what was written meanwhile.
    traffic: { rate: 80, people: 8 },
    shop: { env: { HUMAN_PAUSE_MINUTES: '0.05' }, model: { time: [20, 400] } },
    needs: ({ humanPauseMs }) => (humanPauseMs < 10_000 ? null : 'the binary does not know HUMAN_PAUSE_MINUTES'),
    slackMs: 500,
    seconds: { full: 30, quick: 4 },
  },
  disk_full_always: disk('always'),
  disk_full_everysec: disk('everysec'),
  clock_shift: {
    traffic,
    impossible: () => (shiftedClock('+1s') ? null : 'libfaketime is not installed (package faketime)'),
    faults: { full: 20, quick: 2 },
    does: (nemesis) => nemesis.shiftClock(),
  },
  failover: {
    // Redis' replica takes over without the last writes.
    traffic,
    shop: { standby: true, env: { REDIS_WAIT_REPLICAS: '1' } },
    faults: { full: 50, quick: 0 },
    does: (nemesis) => nemesis.failOver(),
    settleMs: AFTER_REDIS_MS,
  },
  poison: {
    // Whoever reads one of a hundred messages dies. A message set aside that is not one of those is lost.
    traffic: { rate: 25, poison: 0.01 },
    shop: { crashes: true, env: { ATENDE_BROKEN: 'poison' } },
    binary: BROKEN,
    impossible: withoutBroken,
    seconds: { full: 60, quick: 0 },
    settleMs: 60_000,
  },
  two_versions: {
    // One of three replicas does not know what the other two write. All are killed now and then.
    traffic,
    shop: {
      binaries: [
        { binary: BINARY, env: {} },
        { binary: BROKEN, env: { ATENDE_BROKEN: 'next_format' } },
        { binary: BROKEN, env: { ATENDE_BROKEN: 'next_format' } },
      ],
    },
    impossible: withoutBroken,
    faults: { full: 60, quick: 0 },
    does: (nemesis) => nemesis.killReplica(),
    settleMs: 60_000,
  },
  everything: {
    traffic,
    shop: { gates: true, graph: { time: [2, 60], resets: 0.02 }, model: { time: [5, 150] } },
    lanes: 2,
    faults: { full: 250, quick: 0 },
    does: (nemesis) => nemesis.anything(),
    settleMs: 120_000,
  },
};
