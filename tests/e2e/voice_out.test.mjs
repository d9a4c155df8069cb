// Answers that are spoken: who writes by voice hears the shop, and whatever fails on the way, nobody hears silence.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { makeHome, removeHome } from './support/home.mjs';
import { MediaHost } from './support/media_host.mjs';
import { acceptedThenReset, sendError } from './support/meta.mjs';
import { error, reply } from './support/openai.mjs';
import { copyProfile } from './support/profiles.mjs';
import { speech } from './support/speech.mjs';
import { sharedWorld, worldFor } from './support/world.mjs';

const HOST = 'loja.example';
const files = await MediaHost.start(); // of the customers' voice notes
after(() => files.stop());
const NOTE = files.keep('/note.m4a', await speech('vocês têm a moto?', 'm4a'), 'audio/mp4');
const SPOKEN = {
  ENABLE_INSTAGRAM_AUDIO_REPLY: 'true',
  PUBLIC_BASE_URL: `https://${HOST}/`,
  MEDIA_ALLOWED_HOSTS: files.host,
};
const WORDS = 'Temos sim, pode vir conhecer!';
const run = promisify(execFile);

const isAudio = (heard) => Buffer.isBuffer(heard);

// A world whose shop is at HOST, behind a proxy that ends TLS.
function opened(world) {
  world.meta.publicHosts[HOST] = () => world.atende.url;
  world.openai.otherwise = () => reply(WORDS);
  return world;
}

async function probed(bytes, home) {
  const file = join(home, 'heard');
  await writeFile(file, bytes);
  const shown = ['-v', 'error', '-of', 'json', '-show_entries', 'stream=codec_name:format=format_name,duration'];
  return JSON.parse((await run('ffprobe', [...shown, file])).stdout);
}

describe('a spoken answer', () => {
  const world = sharedWorld({ env: SPOKEN });
  before(() => opened(world));

  it('goes to who wrote by voice, as a file that Instagram plays, and is recognised when it comes back', async () => {
    world.meta.echoes = 'before';
    const customer = world.customer();
    await customer.speaks(NOTE);
    const heard = await customer.hears();
    assert.ok(isAudio(heard), `not spoken: ${heard}`);
    const { streams, format } = await probed(heard, world.home);
    assert.equal(streams[0].codec_name, 'aac');
    assert.match(format.format_name, /mp4/);
    assert.ok(heard.indexOf('moov') < heard.indexOf('mdat'), 'the index comes first');
    assert.equal(world.openai.spoken.at(-1).input, WORDS);

    await world.quiet();
    world.meta.echoes = null;
    assert.equal(customer.inbox.length, 1, 'the words are not written as well');
    await customer.writes('obrigado');
    assert.equal(await customer.hears(), WORDS, 'our audio was taken for a person, or text is answered by voice');
  });

  it('is not paid for twice', async () => {
    const before = world.openai.spoken.length;
    const customer = world.customer();
    await customer.speaks(NOTE);
    assert.ok(isAudio(await customer.hears()));
    assert.equal(world.openai.spoken.length, before);
  });

  it('with a price or a link is also written', async () => {
    const text = 'Custa R$ 497 à vista: https://loja.example/motos';
    world.openai.answerNext(reply(text));
    const customer = world.customer();
    await customer.speaks(NOTE);
    assert.ok(isAudio(await customer.hears()));
    assert.equal(await customer.hears(), text);
    assert.doesNotMatch(world.openai.spoken.at(-1).input, /https/);
  });

  it('that is long is written', async () => {
    const text = 'muito bem, '.repeat(80).trim();
    world.openai.answerNext(reply(text));
    const customer = world.customer();
    await customer.speaks(NOTE);
    assert.equal(await customer.hears(), text);
  });

  it('that cannot be spoken is written', async () => {
    const text = 'Essa voz falhou.';
    world.openai.answerNext(reply(text));
    world.openai.speechAnswers.push(error(400, 'invalid_value', 'no such voice'));
    const customer = world.customer();
    await customer.speaks(NOTE);
    assert.equal(await customer.hears(), text);
    await world.atende.untilLogged(/the answer is sent as text: speech: HTTP 400/);
  });

  it('survives a moment in which nobody can speak', async () => {
    world.openai.answerNext(reply('Um momento de silêncio.'));
    world.openai.speechAnswers.push(error(503, null, 'overloaded'));
    const customer = world.customer();
    await customer.speaks(NOTE);
    assert.ok(isAudio(await customer.hears()));
  });

  it('that Meta refuses is written', async () => {
    world.meta.answerNext(sendError('attachment_not_fetched'));
    const customer = world.customer();
    await customer.speaks(NOTE);
    assert.equal(await customer.hears(), WORDS);
  });

  it('of unknown outcome is not repeated, and written', async () => {
    world.meta.answerNext(acceptedThenReset());
    const customer = world.customer();
    await customer.speaks(NOTE);
    assert.ok(isAudio(await customer.hears()), 'Meta shows it, though we cannot know');
    assert.equal(await customer.hears(), WORDS);
    await world.quiet();
    assert.equal(customer.inbox.length, 2);
  });

  it('is the last that is heard when a person takes over meanwhile', async () => {
    const held = world.meta.hold({});
    const customer = world.customer();
    world.openai.answerNext(reply('Custa R$ 10'));
    await customer.speaks(NOTE);
    await held.taken;
    await world.meta.deliver(customer.echo('deixa comigo'));
    await world.atende.untilLogged(/a person's in/);
    held.release();
    await world.quiet();
    assert.equal(customer.inbox.length, 1, 'what was on the wire, and nothing after it');
  });
});

describe('without an https address', () => {
  const world = sharedWorld({ env: { ...SPOKEN, PUBLIC_BASE_URL: 'http://loja.example' } });
  before(() => opened(world));

  it('answers are written, and the log and /health/ready say why', async () => {
    const customer = world.customer();
    await customer.speaks(NOTE);
    assert.equal(await customer.hears(), WORDS);
    assert.deepEqual(world.openai.spoken, [], 'nor is anybody paid to speak');
    assert.deepEqual(world.openai.shaped, [], 'or to judge the scope');
    assert.match(world.atende.log, /PUBLIC_BASE_URL is not https/);
    const ready = await fetch(`${world.atende.url}/health/ready`);
    assert.equal(ready.status, 200);
    assert.match((await ready.json()).checks.spoken_answers.detail, /PUBLIC_BASE_URL is not https/);
  });
});

it('nothing is spoken unless it is switched on', async (test) => {
  const world = opened(await worldFor(test, { env: { ...SPOKEN, ENABLE_INSTAGRAM_AUDIO_REPLY: 'false' } }));
  const customer = world.customer();
  await customer.speaks(NOTE);
  assert.equal(await customer.hears(), WORDS);
  assert.deepEqual(world.openai.spoken, []);
});

it('models, voice, kind of file and length are those of the configuration', async (test) => {
  const chosen = {
    AUDIO_TRANSCRIPTION_MODEL: 'whisper-1',
    AUDIO_REPLY_MODEL: 'tts-1',
    AUDIO_REPLY_VOICE: 'nova',
    AUDIO_REPLY_FORMAT: 'wav',
    MAX_AUDIO_REPLY_CHARS: String(WORDS.length),
  };
  const world = opened(await worldFor(test, { env: { ...SPOKEN, ...chosen } }));
  const customer = world.customer();
  await customer.speaks(NOTE);
  const heard = await customer.hears();
  assert.ok(isAudio(heard), `not spoken: ${heard}`);
  assert.match((await probed(heard, world.home)).format.format_name, /wav/);
  assert.equal(world.openai.heard[0].model, 'whisper-1');
  const [{ model, voice }] = world.openai.spoken;
  assert.deepEqual([model, voice], ['tts-1', 'nova']);

  world.openai.answerNext(reply(`${WORDS}!`));
  await customer.speaks(NOTE);
  assert.equal(await customer.hears(), `${WORDS}!`, 'one character too many is written');
});

it('a crash while the audio is on the wire leaves one audio at most, and the words', async (test) => {
  const world = opened(await worldFor(test, { env: { ...SPOKEN, LEASE_SECONDS: '1' } }));
  const held = world.meta.hold({});
  const customer = world.customer();
  await customer.speaks(NOTE);
  await held.taken;
  await world.atende.kill();
  held.release();
  await world.startAtende();
  const heard = [];
  while (!heard.includes(WORDS)) heard.push(await customer.hears());
  await world.quiet();
  assert.ok(customer.inbox.filter(isAudio).length <= 1);
  assert.equal(world.meta.sent.filter((send) => send.to === customer.id && send.url).length, 1, 'it was sent again');
  assert.equal(customer.inbox.filter((one) => one === WORDS).length, 1);
});

// A shop whose profile says when answers are spoken; `change` does so while it serves.
async function shopReplying(test, when) {
  const home = await makeHome();
  test.after(() => removeHome(home));
  const profile = await copyProfile(join(home, 'profiles/shop'));
  const file = join(profile, 'profile.yaml');
  const shop = await readFile(file, 'utf8');
  const write = (reply) => writeFile(file, shop.replace(/^voice:$/m, `voice:\n  reply: ${reply}`));
  await write(when);
  const world = opened(await worldFor(test, { env: { ...SPOKEN, PROFILE_DIR: profile } }));
  const change = async (reply) => {
    await write(reply);
    await world.atende.untilLogged(/serves from the next turn on/);
  };
  return { world, change };
}

it('the profile may have every answer spoken, and changes that while it serves', async (test) => {
  const { world, change } = await shopReplying(test, 'always');
  const customer = world.customer();
  await customer.writes('oi');
  assert.ok(isAudio(await customer.hears()), 'always');

  await change('never');
  await customer.speaks(NOTE);
  assert.equal(await customer.hears(), WORDS);
  assert.deepEqual(world.openai.shaped, [], 'the scope would have changed neither');
});

it('the scope is asked for where an answer may be spoken for it, from the next turn on', async (test) => {
  const { world, change } = await shopReplying(test, 'mirror');
  const customer = world.customer();
  await customer.writes('oi');
  await customer.hears();
  assert.deepEqual(world.openai.shaped, []);

  await change('[mirror, out_of_scope]');
  world.openai.answerInShape = () => ({ scope: 'out' });
  await customer.writes('me faz uma redação?');
  assert.ok(isAudio(await customer.hears()));
  assert.equal(world.openai.shaped.length, 1);
});
