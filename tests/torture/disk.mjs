// A disk of its own, small enough to be filled. Mounting needs root.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

export class SmallDisk {
  // → null, with the reason told to `say`, where mounting is not allowed
  static mount(path, megabytes, say) {
    mkdirSync(path, { recursive: true });
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'none', path], { stdio: 'pipe' });
    } catch (error) {
      say(`no disk can be mounted here: ${String(error.stderr ?? error.message).trim()}`);
      return null;
    }
    return Object.assign(new SmallDisk(), { path });
  }

  unmount() {
    execFileSync('umount', ['-l', this.path], { stdio: 'ignore' });
  }
}
