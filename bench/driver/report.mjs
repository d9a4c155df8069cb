// Figures against their limits: one table, for the terminal and for docs/performance.md.
import { readFileSync, writeFileSync } from "node:fs";

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const medianOf = (rounds, name) => median(rounds.map((round) => round[name]));

export const fixed = (value, digits = 1) => (Number.isFinite(value) ? value.toFixed(digits) : "–");

// `ok` undefined: a figure to read the others by, without a limit of its own.
export function row(target, limit, figure, ok, beside = "") {
  return { target, limit, figure, verdict: ok === undefined ? "" : ok ? "ok" : "MISS", beside };
}

const headings = { target: "Target", limit: "Limit", figure: "Measured", verdict: "", beside: "Beside it" };

export function table(rows) {
  const all = [headings, ...rows];
  const widths = Object.keys(headings).map((name) => Math.max(...all.map((each) => [...each[name]].length)));
  const line = (cells) => `| ${cells.map((cell, i) => cell + " ".repeat(widths[i] - [...cell].length)).join(" | ")} |`;
  const [head, ...body] = all.map((each) => line(Object.keys(headings).map((name) => each[name])));
  return [head, `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...body].join("\n");
}

const begin = "<!-- last run: written by ./dev bench -->";
const end = "<!-- end of last run -->";

export function keep(document, text) {
  const before = readFileSync(document, "utf8");
  const [head, rest] = before.split(begin);
  if (rest === undefined || !rest.includes(end)) throw new Error(`${document} has lost the marks of the last run`);
  writeFileSync(document, `${head}${begin}\n${text}\n${end}${rest.split(end)[1]}`);
}
