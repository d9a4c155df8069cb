// Temporary directories in which the binary runs, and the promise that nothing in them survives the test.
import { rmSync } from 'node:fs';
import { mkdtemp, readFile, readdir, readlink, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './wait.mjs';

const homes = new Set();

export async function makeHome() {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'atende-e2e-')));
  homes.add(home);
  return home;
}

// Kills what still runs in it – the binary, and its private Redis, which is our grandchild – and deletes it.
export async function removeHome(home) {
  await eventually(async () => {
    const left = await processesBelow(home);
    for (const { pid } of left) kill(pid);
    return left.length === 0;
  }, `end of the processes in ${home}`);
  rmSync(home, { recursive: true, force: true });
  homes.delete(home);
}

// → [{ pid, command }] of the processes whose working directory is `home` or below it
export async function processesBelow(home) {
  const found = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const directory = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    if (!`${directory}/`.startsWith(`${home}/`)) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    found.push({ pid: Number(pid), command: command.replaceAll('\0', ' ').trim() });
  }
  return found;
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

// The test runner ends an interrupted file with a signal.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(name, async () => {
    for (const home of homes) await removeHome(home);
    process.exit(1);
  });
}
