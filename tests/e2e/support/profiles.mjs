// The shipped profile, for a test that changes it.
import { cp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROFILES = fileURLToPath(new URL('../../../profiles/', import.meta.url));

// Into `folder`; what profiles share goes beside it, where it is looked for.
export async function copyProfile(folder) {
  await cp(join(PROFILES, 'motorcycle-dealer'), folder, { recursive: true });
  await cp(join(PROFILES, 'shared'), join(dirname(folder), 'shared'), { recursive: true });
  return folder;
}
