// What a run found, for the terminal and for docs/guarantees.md.
import { readFileSync, writeFileSync } from 'node:fs';
import { loadAverage, machine } from '../../bench/driver/processes.mjs';

const COLUMNS = {
  Episode: (row) => row.episode,
  Faults: (row) => row.faults,
  Acknowledged: (row) => row.acked,
  Lost: (row) => row.lost,
  'Answered twice': (row) => row.twice,
  'Sent twice': (row) => row.sentTwice,
  'Out of order': (row) => row.order,
  'After takeover': (row) => `${row.afterTakeover} of ${row.takeovers}`,
  'Leads wrong': (row) => row.leads,
  Other: (row) => row.other + row.rethought,
  'Unknown: all/arrived/not arrived/open': (row) => row.unknown,
  'Set aside': (row) => row.dead,
  'Recovered in': (row) => (row.settled === null ? 'never' : `${(row.settled / 1000).toFixed(1)} s`),
  Seed: (row) => row.seed,
};

export function table(rows) {
  const cells = [Object.keys(COLUMNS), ...rows.map((row) => Object.values(COLUMNS).map((show) => String(show(row))))];
  const widths = cells[0].map((_, i) => Math.max(...cells.map((line) => [...line[i]].length)));
  const line = (texts) => `| ${texts.map((text, i) => text + ' '.repeat(widths[i] - [...text].length)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  const [head, ...body] = cells.map(line);
  return [head, rule, ...body].join('\n');
}

export function conditions(began) {
  const minutes = ((Date.now() - began) / 60_000).toFixed(1);
  const date = new Date(began).toISOString().slice(0, 16).replace('T', ' ');
  return `${date} UTC, ${minutes} min, load average ${loadAverage()}.  \n${machine()}.`;
}

export function variantsLine(caught) {
  const told = caught.map(({ name, counter, count }) => `${name} (${counter}: ${count})`);
  return told.length > 0 ? `Broken on purpose and caught: ${told.join(', ')}.` : '';
}

const BEGIN = '<!-- last run -->';
const END = '<!-- end of last run -->';

export function keep(document, text) {
  const [head, rest] = readFileSync(document, 'utf8').split(BEGIN);
  if (!rest?.includes(END)) throw new Error(`${document} has lost the marks of the last run`);
  writeFileSync(document, `${head}${BEGIN}\n${text}\n${END}${rest.split(END)[1]}`);
}
