// Shops with a host for the files of their customers, and a profile of their own.
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before } from 'node:test';
import { runAtende } from './atende.mjs';
import { EventSource } from './event_source.mjs';
import { makeHome, removeHome } from './home.mjs';
import { MediaHost } from './media_host.mjs';
import { copyProfile } from './profiles.mjs';
import { World } from './world.mjs';

export const TOKEN = 'an-operators-token';
export const VOCABULARY = ['XY 150', 'Jet 125'];
export const ASKS_TO_WRITE = 'Não entendi o áudio, me escreve?';
export const TOO_LONG = 'Áudio comprido demais, me escreve?';
const TEXTS = `audio_not_understood: "${ASKS_TO_WRITE}"\n  audio_too_long: "${TOO_LONG}"\n  out_of_scope: Isso não é com a gente.`;

// A shop with a host for its customers' files, and a profile of its own. `lines`: more of profile.yaml.
export function shopWith({ env = {}, lines = '' } = {}) {
  const shop = { world: new World(), files: null, folder: null };
  before(async () => {
    shop.folder = await makeHome();
    shop.files = await MediaHost.start();
    const profile = await copyProfile(join(shop.folder, 'profile'));
    const written = await readFile(join(profile, 'profile.yaml'), 'utf8');
    const without = written.replace(/^voice:\n( .*\n)+/m, '').replace(/^scope:\n( .*\n)+/m, '');
    const ours = without.replace(/^ +(audio_not_understood|audio_too_long|out_of_scope): .*\n/gm, '').replace('texts:\n', `texts:\n  ${TEXTS}\n`);
    await writeFile(join(profile, 'profile.yaml'), `${ours}\nvoice: {language: es, vocabulary: [${VOCABULARY}]}\n${lines}`);
    const basics = { ADMIN_TOKEN: TOKEN, PROFILE_DIR: profile, MEDIA_ALLOWED_HOSTS: shop.files.host };
    Object.assign(shop.world, await World.start({ env: { ...basics, ...env } }));
  });
  afterEach(() => {
    shop.world.assertClean();
    shop.files.assertClean();
    shop.world.openai.wordsIn = () => 'palavras ditas';
  });
  after(async () => {
    await shop.world.end();
    await shop.files.stop();
    await removeHome(shop.folder);
  });
  shop.show = async (customer) => {
    const env = { ADMIN_TOKEN: TOKEN };
    const { stdout } = await runAtende(['show', customer.id, '--json', '--url', shop.world.atende.url], { home: shop.folder, env });
    return JSON.parse(stdout);
  };
  shop.follow = (customer) =>
    EventSource.open(`${shop.world.atende.url}/api/conversations/ig:${customer.account}:${customer.id}/events`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
  let kept = 0;
  shop.keep = (bytes, ending) => shop.files.keep(`/note${++kept}${ending ? `.${ending}` : ''}`, bytes, 'video/mp4');
  return shop;
}

// Every file that the product has kept of what customers sent.
export const keptBy = async (world) => {
  const found = await readdir(join(world.home, 'data/media'), { recursive: true, withFileTypes: true }).catch(() => []);
  return found.filter((each) => each.isFile()).map(({ name, path }) => join(path, name));
};
