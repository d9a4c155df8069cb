// The profiles that ship.
import { cp, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROFILES = fileURLToPath(new URL('../../../profiles/', import.meta.url));

export const shippedProfile = (name) => join(PROFILES, name);

export async function shippedProfiles() {
  const entries = await readdir(PROFILES, { withFileTypes: true });
  return entries.filter((one) => one.isDirectory() && one.name !== 'shared').map((one) => one.name);
}

// For a test that changes it: into `folder`; what profiles share goes beside it, where it is looked for.
export async function copyProfile(folder, name = 'motorcycle-dealer') {
  await cp(shippedProfile(name), folder, { recursive: true });
  await cp(join(PROFILES, 'shared'), join(dirname(folder), 'shared'), { recursive: true });
  return folder;
}
