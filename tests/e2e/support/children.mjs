// Processes that cannot outlive this one, however it ends: the kernel kills them with their parent.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

const SETPRIV = '/usr/bin/setpriv'; // util-linux, part of every Debian

export function spawnChild(command, args, options) {
  if (!existsSync(SETPRIV)) return spawn(command, args, options);
  return spawn(SETPRIV, ['--pdeathsig', 'KILL', command, ...args], options);
}

export function hasEnded(child) {
  return child.exitCode !== null || child.signalCode !== null;
}
