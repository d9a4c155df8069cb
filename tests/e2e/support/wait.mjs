// Waiting for a condition with a deadline: the only way these tests wait.
import { AssertionError } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';

// Long, because it is only reached by a failing test and machines are slow at times.
export const PATIENCE_MS = 20_000;

// Resolves with the first truthy result of `probe`. `what` (text, or a function giving it) says what was missing.
export async function eventually(probe, what, within = PATIENCE_MS) {
  const deadline = Date.now() + within;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > deadline) {
      const missing = typeof what === 'function' ? what() : what;
      throw new AssertionError({ message: `after ${within} ms still no ${missing}` });
    }
    await sleep(5);
  }
}
