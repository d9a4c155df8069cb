// The torture of the real binary: see README.md.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BINARY } from '../e2e/support/atende.mjs';
import { Episode } from './episode.mjs';
import { EPISODES } from './episodes.mjs';
import { COUNTERS } from './oracle.mjs';
import { conditions, keep, table, variantsLine } from './report.mjs';
import { BROKEN, VARIANTS, brokenSpec } from './variants.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = join(ROOT, 'build/torture');

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    seed: { type: 'string' },
    only: { type: 'string' },
    variant: { type: 'string' },
    variants: { type: 'boolean' },
    sound: { type: 'boolean' },
    keep: { type: 'boolean' },
    list: { type: 'boolean' },
  },
});

const say = (text) => process.stdout.write(`${text}\n`);
const size = options.quick ? 'quick' : 'full';
const seed = options.seed ? Number(options.seed) : (Math.random() * 2 ** 31) | 0;
const run = { seed, size, folder: FOLDER, say, binary: BINARY };

function chosen(names, all, what) {
  for (const name of names) if (!all[name]) throw new Error(`no ${what} "${name}"; there are ${Object.keys(all).join(', ')}`);
  return names;
}

function episodesToRun() {
  if (options.variant || options.variants) return [];
  if (options.only) return chosen(options.only.split(','), EPISODES, 'episode');
  const happens = ({ faults = {}, seconds = {} }) => (faults[size] ?? 0) + (seconds[size] ?? 0) > 0;
  return Object.keys(EPISODES).filter((name) => happens(EPISODES[name]));
}

function variantsToRun() {
  if (options.variant) return chosen([options.variant], VARIANTS, 'variant');
  return options.variants || !options.only ? Object.keys(VARIANTS) : [];
}

function tell(name, violations) {
  for (const { counter, conversation, text, log = [] } of violations.slice(0, 40)) {
    say(`VIOLATION ${counter}, ${name}, seed ${seed}${conversation ? `, ${conversation}` : ''}: ${text}`);
    for (const line of log) say(`    ${line}`);
  }
  if (violations.length > 40) say(`… and ${violations.length - 40} more`);
}

async function playEpisode(name, spec, more = {}) {
  say(`--- ${name}, ${size}, seed ${seed}`);
  const told = (text) => say(`${name} ${text}`);
  const { row, violations, missing } = await new Episode(name, spec, { ...run, say: told, ...more }).play();
  if (missing) say(`SKIPPED ${name}: ${missing}`);
  if (!row) return null;
  const { acked, sends, takeovers, posts, refused, slowest, settled, unknown, arrived } = row;
  told(
    `${acked} acknowledged, ${posts} webhooks (${refused} repeated), ${sends} sends, ${takeovers} takeovers, ` +
      `slowest answer ${slowest} ms, settled in ${settled} ms, unknown ${unknown} (all/arrived/not/open); ${arrived} of those not confirmed had arrived`,
  );
  return { row, violations };
}

// A sound build must come out of a variant's episode clean, the broken one must not.
async function playVariant(name) {
  if (options.sound) {
    const { violations = [], row } = (await playEpisode(`sound_${name}`, VARIANTS[name])) ?? {};
    tell(`sound_${name}`, violations);
    return { name, row, failed: violations.length > 0 };
  }
  const { counter } = VARIANTS[name];
  const played = await playEpisode(`broken_${name}`, brokenSpec(name), { binary: BROKEN, variant: name });
  if (!played) return { name, skipped: true };
  const count = played.row[counter];
  const others = COUNTERS.filter((other) => other !== counter && played.row[other] > 0);
  say(`${count > 0 ? 'caught' : 'MISSED'} ${name}: ${counter} ${count}${others.map((o) => `, ${o} ${played.row[o]}`).join('')}`);
  return { name, counter, count, failed: count === 0 };
}

async function playEpisodes() {
  const rows = [];
  let failed = false;
  for (const name of episodesToRun()) {
    const played = await playEpisode(name, EPISODES[name]);
    if (!played) continue;
    tell(name, played.violations);
    failed ||= played.violations.length > 0;
    rows.push(played.row);
  }
  return { rows, failed };
}

async function playVariants() {
  const names = variantsToRun();
  if (names.length === 0) return [];
  if (!options.sound && !existsSync(BROKEN)) {
    if (process.env.CI || options.variant || options.variants) throw new Error(`${BROKEN} is not built`);
    say(`SKIPPED the broken variants: ${BROKEN} is not built`);
    return [];
  }
  const played = [];
  for (const name of names) played.push(await playVariant(name));
  return played;
}

async function main() {
  if (options.list) return say([...Object.keys(EPISODES), ...Object.keys(VARIANTS)].join('\n'));
  const began = Date.now();
  say(`seed ${seed}`);
  // Mostly they wait: CI plays both at once. Whoever measures how long answers take wants the machine to itself.
  const [episodes, variants] = options.quick
    ? await Promise.all([playEpisodes(), playVariants()])
    : [await playEpisodes(), await playVariants()];
  const rows = [...episodes.rows, ...variants.flatMap(({ row }) => row ?? [])];
  const failed = episodes.failed || variants.some((variant) => variant.failed);
  const command = `./dev torture ${process.argv.slice(2).join(' ')}`.trim();
  const caught = variantsLine(variants.filter(({ count }) => count > 0));
  const text = `\`${command}\`, ${conditions(began)}\n\n${rows.length > 0 ? table(rows) : ''}\n\n${caught}`.trimEnd();
  say(`\n${text}`);
  if (options.keep) keep(join(ROOT, 'docs/guarantees.md'), text);
  process.exitCode = failed ? 1 : 0;
}

// home.mjs tidies up when interrupted; if that takes too long, what runs dies with this process anyway.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(name, () => setTimeout(() => process.exit(1), 5_000));

await main();
process.exit();
