// Voice notes: what customers say reaches the agent as words, wherever it goes wrong on the way there.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { runAtende } from './support/atende.mjs';
import { EventSource } from './support/event_source.mjs';
import { makeHome, removeHome } from './support/home.mjs';
import { MediaHost } from './support/media_host.mjs';
import { error, reply } from './support/openai.mjs';
import { copyProfile } from './support/profiles.mjs';
import { speech } from './support/speech.mjs';
import { eventually } from './support/wait.mjs';
import { World } from './support/world.mjs';

const TOKEN = 'an-operators-token';
const VOCABULARY = ['XY 150', 'Jet 125'];
const ASKS_TO_WRITE = 'Não entendi o áudio, me escreve?';
const TOO_LONG = 'Áudio comprido demais, me escreve?';
const TEXTS = `audio_not_understood: "${ASKS_TO_WRITE}"\n  audio_too_long: "${TOO_LONG}"\n  out_of_scope: Isso não é com a gente.`;

// A shop with a host for its customers' files, and a profile of its own. `lines`: more of profile.yaml.
function shopWith({ env = {}, lines = '' } = {}) {
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
const keptBy = async (world) => {
  const found = await readdir(join(world.home, 'data/media'), { recursive: true, withFileTypes: true }).catch(() => []);
  return found.filter((each) => each.isFile()).map(({ name, path }) => join(path, name));
};

describe('voice notes on a channel that is left to people', () => {
  const shop = shopWith({ lines: 'channels: [web]' });
  const { world } = shop;

  it('are not listened to, nor those that wait while a person answers', async () => {
    const note = shop.keep(await speech('bom dia', 'm4a'));
    const leftAlone = (who) => world.atende.untilLogged(new RegExp(`\\[BLOCK\\] ig:\\d+:${who.id} the profile does not answer`));
    const [ana, bia] = [world.customer(), world.customer()];
    await ana.writes('oi');
    await leftAlone(ana);
    await world.meta.deliver(ana.echo('deixa comigo'));
    await world.atende.untilLogged(new RegExp(`\\[BLOCK\\] ig:\\d+:${ana.id} the bot is silent`));
    await ana.speaks(note);
    await bia.speaks(note);
    await leftAlone(bia);
    assert.deepEqual(shop.files.requests, []);
    assert.deepEqual(world.openai.heard, []);
  });
});

describe('voice notes with MEDIA_RETENTION_DAYS', () => {
  const shop = shopWith({ env: { MEDIA_RETENTION_DAYS: '30' } });
  const { world } = shop;

  it('are kept as they came, also if nobody understood them, until they are taken back', async () => {
    const ana = world.customer();
    const note = await speech('bom dia', 'm4a');
    const said = ana.sound(shop.keep(note));
    await world.meta.deliver(said);
    await ana.hears();
    const [file, ...others] = await keptBy(world);
    assert.deepEqual(others, []);
    assert.match(file, new RegExp(`media/ig:${ana.account}:${ana.id}/\\w+-0\\.m4a$`));
    assert.ok((await readFile(file)).equals(note));

    world.openai.wordsIn = () => '';
    const murmured = ana.sound(shop.keep(note));
    await world.meta.deliver(murmured);
    await ana.hears();
    assert.equal((await keptBy(world)).length, 2);
    await world.meta.deliver(ana.unsend(murmured));
    assert.deepEqual(await keptBy(world), [file]);
  });

  it('that are taken back while they are listened to are not kept', async () => {
    const bia = world.customer();
    const before = await keptBy(world);
    const said = bia.sound(shop.keep(await speech('não devia ter dito', 'ogg')));
    world.openai.wordsIn = async () => {
      await world.meta.deliver(bia.unsend(said));
      return 'não devia ter dito';
    };
    await world.meta.deliver(said, bia.text('oi'));
    await bia.hears();
    assert.deepEqual(await keptBy(world), before);
  });

  it('go when the contact is forgotten', async () => {
    const caio = world.customer();
    await caio.speaks(shop.keep(await speech('bom dia', 'ogg')));
    await caio.hears();
    const before = await keptBy(world);
    const args = ['forget', caio.id, '--url', world.atende.url];
    assert.equal((await runAtende(args, { home: shop.folder, env: { ADMIN_TOKEN: TOKEN } })).code, 0);
    assert.equal((await keptBy(world)).length, before.length - 1);
  });

  it('of a contact who is forgotten while they are listened to are not kept, nor told', async () => {
    const dora = world.customer();
    const before = await keptBy(world);
    await world.meta.deliver(dora.echo('#pausa'));
    const watcher = await shop.follow(dora);
    world.openai.wordsIn = async () => {
      const args = ['forget', dora.id, '--url', world.atende.url];
      assert.equal((await runAtende(args, { home: shop.folder, env: { ADMIN_TOKEN: TOKEN } })).code, 0);
      return 'um segredo';
    };
    await dora.speaks(shop.keep(await speech('um segredo', 'ogg')));
    await world.atende.untilLogged(new RegExp(`\\[AUDIO\\] heard .*${dora.id}`));
    await world.quiet();
    watcher.leave();
    assert.doesNotMatch(JSON.stringify(watcher.events), /segredo/);
    assert.deepEqual(await keptBy(world), before);
    assert.doesNotMatch(JSON.stringify(await shop.show(dora)), /segredo/);
  });
});

describe('voice notes', () => {
  const shop = shopWith();
  const { world } = shop;

  it('stand as words where they were said, among the texts', async () => {
    const ana = world.customer();
    const note = await speech('Quanto custa a XY cento e cinquenta?', 'm4a');
    world.openai.wordsIn = () => '  Quanto custa a XY 150?\n';
    await world.meta.deliver(ana.text('oi, tudo bem?'), ana.sound(shop.keep(note)), ana.text('é pra hoje'));
    await ana.hears();
    const [asked] = world.openai.askedAbout('é pra hoje');
    assert.equal(asked.heard, 'oi, tudo bem?\n[áudio] Quanto custa a XY 150?\né pra hoje');
    const [sent] = world.openai.heard.splice(0);
    assert.deepEqual(
      { ...sent, bytes: sent.bytes.equals(note) },
      { model: 'gpt-4o-mini-transcribe', language: 'es', prompt: VOCABULARY.join(', '), filename: 'voice.m4a', bytes: true },
    );
    assert.deepEqual(await keptBy(world), [], 'a file was kept');
    const { history } = await shop.show(ana);
    assert.ok(history.some(({ who, text }) => who === 'customer' && text === '[áudio] Quanto custa a XY 150?'));
  });

  it('are decoded by another program: the server has no decoder', async () => {
    const ana = world.customer();
    world.openai.wordsIn = () => 'bom dia';
    await ana.speaks(shop.keep(await speech('bom dia', 'm4a')));
    await ana.hears();
    const maps = await readFile(`/proc/${world.atende.pid}/maps`, 'utf8');
    assert.match(maps, /\/libcurl\.so/);
    assert.doesNotMatch(maps, /\/lib(av|sw|opus)/);
  });

  it('of one turn are heard at the same time, and keep their order', async () => {
    const ana = world.customer();
    const notes = [await speech('primeiro', 'ogg'), await speech('agora o segundo', 'ogg')];
    let second;
    const secondIsThere = new Promise((resolve) => (second = resolve));
    world.openai.wordsIn = async ({ bytes }) => {
      if (bytes.equals(notes[1])) return second(), 'agora o segundo';
      await secondIsThere; // would never come, were they heard one after the other
      return 'primeiro';
    };
    await world.meta.deliver(...notes.map((note) => ana.sound(shop.keep(note))));
    await ana.hears();
    assert.equal(world.openai.askedAbout('primeiro').at(-1).heard, '[áudio] primeiro\n[áudio] agora o segundo');
  });

  for (const [ending, filename, more] of [
    ['ogg', 'voice.ogg', ['-c:a', 'libopus']],
    ['mp3', 'voice.mp3'],
    ['webm', 'voice.webm'],
    ['wav', 'voice.wav', ['-ar', '16000']],
    ['amr-nb', 'voice.wav'],
    ['3gp', 'voice.wav', ['-c:a', 'aac']],
    ['aac', 'voice.wav'],
  ])
    it(`are understood as ${ending}, whatever the server calls them`, async () => {
      const ana = world.customer();
      world.openai.heard.splice(0);
      await ana.speaks(shop.keep(await speech('Vocês abrem no sábado?', ending, more)));
      assert.equal(await ana.hears(), 'Resposta: [áudio] palavras ditas');
      assert.equal(world.openai.heard.at(-1).filename, filename);
    });

  it('a film gives what is said in it; one without sound is just a film', async () => {
    const ana = world.customer();
    const picture = ['-f', 'lavfi', '-i', 'color=c=blue:s=64x64:d=2', '-c:v', 'mpeg4', '-shortest'];
    await ana.speaks(shop.keep(await speech('olha essa moto aqui', 'mp4', picture)), 'video');
    assert.equal(await ana.hears(), 'Resposta: [vídeo] palavras ditas');
    await ana.speaks(shop.keep(await speech('nada', 'mp4', [...picture, '-an'])), 'video');
    assert.equal(await ana.hears(), 'Resposta: [o cliente enviou um vídeo]');
  });

  it('are asked for again when the server stumbles, and sent as WAV when it cannot read them', async () => {
    const ana = world.customer();
    world.openai.heard.splice(0);
    const answers = [error(503, null, 'overloaded', { 'retry-after-ms': '1' }), 'depois de tropeçar'];
    world.openai.wordsIn = () => answers.shift();
    await ana.speaks(shop.keep(await speech('oi', 'm4a')));
    assert.equal(await ana.hears(), 'Resposta: [áudio] depois de tropeçar');
    assert.deepEqual(world.openai.heard.map(({ filename }) => filename), ['voice.m4a', 'voice.m4a']);

    world.openai.heard.splice(0);
    answers.push(error(400, 'invalid_value', 'The audio file could not be decoded or its format is not supported.'), 'em WAV');
    await ana.speaks(shop.keep(await speech('oi', 'm4a')));
    assert.equal(await ana.hears(), 'Resposta: [áudio] em WAV');
    assert.deepEqual(world.openai.heard.map(({ filename }) => filename), ['voice.m4a', 'voice.wav']);
  });

  it('that nobody understands: the customer is asked to write, once', async () => {
    const ana = world.customer();
    const asked = world.openai.requests.length;
    await ana.speaks(shop.keep(randomBytes(5_000)));
    assert.equal(await ana.hears(), ASKS_TO_WRITE);
    assert.equal(world.openai.requests.length, asked, 'the model has nothing to say to that');
    await ana.speaks(shop.keep(Buffer.from('#EXTM3U\nfile:///etc/passwd\n')));
    await world.quiet();
    assert.deepEqual(ana.inbox, [ASKS_TO_WRITE], 'not again so soon');
    await ana.writes('então escrevo: tem a Jet 125?');
    assert.match(await ana.hears(), /^Resposta: .*tem a Jet 125\?$/s);
  });

  it('that nobody understands do not cost the texts beside them their answer', async () => {
    const ana = world.customer();
    world.openai.answerNext(reply('Temos sim!'));
    await world.meta.deliver(ana.text('tem a Jet 125?'), ana.sound(shop.keep(randomBytes(900))));
    assert.equal(await ana.hears(), `Temos sim!\n\n${ASKS_TO_WRITE}`);
  });

  it('are followed live: what was heard, and why something was not', async () => {
    const ana = world.customer();
    const watcher = await shop.follow(ana);
    const note = await ana.speaks(shop.keep(await speech('oi', 'm4a')));
    const isStage = (name) => (event) => event.data.stage === name;
    const heard = await watcher.until(isStage('heard'), 'heard');
    assert.equal(heard.data.words, 'palavras ditas');
    assert.equal(heard.data.of, note.body.message.mid);
    await ana.hears();
    await ana.speaks(`${shop.files.url}/gone`);
    assert.match((await watcher.until(isStage('not_heard'), 'not heard')).data.reason, /download: HTTP 404/);
    assert.equal(await ana.hears(), ASKS_TO_WRITE);
    watcher.leave();
    const { history } = await shop.show(ana);
    assert.deepEqual(history.map(({ not_heard }) => not_heard).filter(Boolean), ['download: HTTP 404'], 'nor later');
    await ana.writes('então escrevo');
    await ana.hears();
    assert.doesNotMatch(JSON.stringify(world.openai.requests.at(-1).body), /HTTP 404/, 'the model was told');
  });

  it('are fetched from nowhere that is not allowed, also not by a redirect', async () => {
    const canary = await MediaHost.start();
    const note = await speech('oi', 'm4a');
    canary.keep('/note', note);
    const redirect = (to, status = 302) => ({ status, headers: { location: to } });
    const links = [
      `${canary.url}/note`,
      `http://localhost:${new URL(shop.files.url).port}/note1`,
      'http://169.254.169.254/latest/meta-data/',
      'file:///etc/passwd',
      shop.files.put('/away', redirect(`${canary.url}/note`)),
      shop.files.put('/metadata', redirect('http://169.254.169.254/')),
      shop.files.put('/loop', redirect('/loop')),
      shop.files.put('/b', redirect('file:///etc/passwd')) && shop.files.put('/a', redirect('/b')),
    ];
    for (const link of links) {
      const somebody = world.customer();
      await somebody.speaks(link);
      assert.equal(await somebody.hears(), ASKS_TO_WRITE, link);
    }
    assert.deepEqual(canary.requests, []);
    assert.equal(shop.files.requests.filter((path) => path === '/loop').length, 4);
    shop.files.keep('/there', note);
    [301, 302, 307].forEach((status, i) => shop.files.put(`/hop${i}`, redirect(i < 2 ? `hop${i + 1}` : './there', status)));
    const ana = world.customer();
    await ana.speaks(`${shop.files.url}/hop0`);
    assert.equal(await ana.hears(), 'Resposta: [áudio] palavras ditas');
    await canary.stop();
  });

  it('are fetched again when the host stumbles', async () => {
    const ana = world.customer();
    const note = await speech('oi', 'm4a');
    const answers = [{ status: 503 }, { fault: 'reset' }, { body: note }];
    await ana.speaks(shop.files.put('/stumbles', () => answers.shift()));
    assert.equal(await ana.hears(), 'Resposta: [áudio] palavras ditas');
  });

  it('that have to wait for a person are heard at once and answered by nobody; once, also if the bot comes back', async () => {
    const ana = world.customer();
    await world.meta.deliver(ana.echo('#pausa'));
    const watcher = await shop.follow(ana);
    world.openai.heard.splice(0);
    const link = shop.keep(await speech('quero uma moto', 'm4a'));
    const note = await ana.speaks(link);
    const heard = await watcher.until(({ data }) => data.stage === 'heard', 'heard');
    assert.equal(heard.data.words, 'palavras ditas');
    assert.equal(heard.data.of, note.body.message.mid);
    watcher.leave();
    await world.quiet();
    assert.deepEqual(ana.inbox, []);
    assert.equal((await shop.show(ana)).state, 'paused');

    await world.meta.deliver(ana.echo('#bot'));
    assert.equal(await ana.hears(), 'Resposta: [áudio] palavras ditas');
    assert.equal(world.openai.heard.length, 1);
    assert.equal(shop.files.requests.filter((path) => link.endsWith(path)).length, 1);
  });

  it('that a person answers are known when the bot is back, though the server was restarted meanwhile', async () => {
    const ana = world.customer();
    await world.meta.deliver(ana.echo('#pausa'));
    const watcher = await shop.follow(ana);
    world.openai.heard.splice(0);
    const link = shop.keep(await speech('quero uma moto', 'm4a'));
    await ana.speaks(link);
    await watcher.until(({ data }) => data.stage === 'heard', 'heard');
    watcher.leave();
    await world.atende.stop();
    await world.startAtende();
    await world.meta.deliver(ana.echo('Temos a Jet 125!'));
    await eventually(async () => (await shop.show(ana)).inbox.length === 0, 'takeover');
    await world.meta.deliver(ana.echo('#bot'));
    await ana.writes('e aceita troca?');
    assert.equal(await ana.hears(), 'Resposta: e aceita troca?');
    const said = world.openai.requests.at(-1).body.messages.filter(({ role }) => role !== 'system');
    assert.deepEqual(said.map(({ content }) => content), ['[áudio] palavras ditas', '[atendente humano] Temos a Jet 125!', 'e aceita troca?']);
    assert.equal(world.openai.heard.length, 1);
    assert.equal(shop.files.requests.filter((path) => link.endsWith(path)).length, 1);
  });

  for (const [how, says] of [
    ['', (who, link) => who.sound(link)],
    [', also if Meta announced them without their content', (who, link) => who.announcement('', link)],
  ])
    it(`are heard once, however often the turn is thought${how}`, async () => {
      const ana = world.customer();
      world.openai.heard.splice(0);
      const thinking = world.openai.hold(reply('esquecida'));
      await world.meta.deliver(says(ana, shop.keep(await speech('quero uma moto', 'm4a'))));
      await thinking.taken;
      await ana.writes('vermelha');
      thinking.release();
      assert.equal(await ana.hears(), 'Resposta: [áudio] palavras ditas\nvermelha');
      assert.equal(world.openai.heard.length, 1);
    });

  it('that are taken back are forgotten', async () => {
    const ana = world.customer();
    world.openai.wordsIn = () => 'um segredo';
    const thinking = world.openai.hold(reply('esquecida'));
    const note = await ana.speaks(shop.keep(await speech('um segredo', 'm4a')));
    await thinking.taken;
    await world.meta.deliver(ana.unsend(note), ana.text('deixa pra lá'));
    thinking.release();
    assert.equal(await ana.hears(), 'Resposta: deixa pra lá');
    assert.doesNotMatch(JSON.stringify(await shop.show(ana)), /um segredo/);
  });
});

describe('voice notes beyond the limits', () => {
  const shop = shopWith({ env: { MAX_TRANSCRIPTION_AUDIO_SECONDS: '3', MAX_TRANSCRIPTION_AUDIO_MB: '1' } });
  const { world } = shop;

  it('are not sent anywhere; the customer is told so', async () => {
    const [ana, bia] = [world.customer(), world.customer()];
    await ana.speaks(shop.keep(await speech('oi '.repeat(20), 'm4a')));
    assert.equal(await ana.hears(), TOO_LONG);
    await bia.speaks(shop.keep(Buffer.alloc(1_100_000)));
    assert.equal(await bia.hears(), TOO_LONG);
    assert.deepEqual(world.openai.heard, []);
  });
});

describe('voice notes without end', () => {
  const shop = shopWith({ env: { MAX_CONTACT_AUDIO_MINUTES: '1' } });
  const { world } = shop;

  it('are not even fetched once the contact has used up its hour; others are heard', async () => {
    const [ana, bia] = [world.customer(), world.customer()];
    await ana.speaks(shop.keep(await speech('oi', 'm4a', ['-af', 'apad', '-t', '61'])));
    assert.equal(await ana.hears(), 'Resposta: [áudio] palavras ditas');
    const fetched = shop.files.requests.length;
    const watcher = await shop.follow(ana);
    const note = await speech('oi', 'm4a');
    await ana.speaks(shop.keep(note));
    const isUnheard = (event) => event.data.stage === 'not_heard';
    assert.match((await watcher.until(isUnheard, 'not heard')).data.reason, /more audio of one contact/);
    watcher.leave();
    assert.equal(await ana.hears(), ASKS_TO_WRITE);
    await ana.speaks(shop.keep(note));
    await world.quiet();
    assert.equal(ana.inbox.length, 2, 'asked to write once more');
    assert.equal(shop.files.requests.length, fetched);
    await bia.speaks(shop.keep(note));
    assert.equal(await bia.hears(), 'Resposta: [áudio] palavras ditas');
  });
});

describe('voice notes without a model', () => {
  const shop = shopWith({ env: { AI_DRY_RUN: 'true' } });

  it('are answered with the wish to read', async () => {
    const ana = shop.world.customer();
    await ana.speaks(`${shop.files.url}/note`);
    assert.equal(await ana.hears(), ASKS_TO_WRITE);
    assert.deepEqual(shop.files.requests, []);
  });
});

describe('the scope', () => {
  const about = 'scope: {ask: always, about: "{{shop_name}}: motos e peças.", in_words: [moto], out_words: [loteria]}\n';
  const shop = shopWith({ lines: about });
  const { world } = shop;
  const OUT = 'Isso não é com a gente.';
  const verdictOf = async (customer) => (await shop.show(customer)).history.at(-1).scope;

  it('is asked in one small question, and its verdict is kept with the answer', async () => {
    const [ana, bia] = [world.customer(), world.customer()];
    world.openai.answerInShape = () => ({ scope: 'out' });
    await ana.writes('me faz uma redação sobre a Revolução Francesa');
    assert.equal(await ana.hears(), OUT);
    const asked = world.openai.shaped.at(-1).body;
    assert.deepEqual(world.openai.requests, [], 'and nothing else is');
    assert.equal(asked.response_format.json_schema.strict, true);
    assert.match(asked.messages[0].content, /Moto Norte Shineray: motos e peças\./);
    assert.equal(asked.tools, undefined);
    assert.equal(await verdictOf(ana), 'out');

    world.openai.answerInShape = () => ({ scope: 'in' });
    world.openai.answerNext(reply('Abrimos às 8h.'));
    await bia.writes('que horas abre?');
    assert.equal(await bia.hears(), 'Abrimos às 8h.');
    assert.equal(await verdictOf(bia), 'in');
  });

  it('is known by its words without asking, and in doubt the shop answers', async () => {
    const [ana, bia, eva] = [world.customer(), world.customer(), world.customer()];
    const before = world.openai.shaped.length;
    await ana.writes('qual o resultado da LOTERIA?');
    assert.equal(await ana.hears(), OUT);
    assert.equal(world.openai.shaped.length, before);
    await bia.writes('quero uma moto pra jogar na loteria');
    assert.match(await bia.hears(), /^Resposta/);
    for (const odd of [reply('talvez'), error(400, 'invalid_value', 'no such parameter')]) {
      world.openai.answerInShape = () => odd;
      world.openai.answerNext(reply('Claro!'));
      await eva.writes('me ajuda?');
      assert.equal(await eva.hears(), 'Claro!');
    }
    assert.equal(await verdictOf(eva), 'in');
  });
});

describe('the scope, where its verdict matters to nobody', () => {
  const shop = shopWith({ lines: 'scope: {about: motos}\n' });

  it('is not paid for', async () => {
    const ana = shop.world.customer();
    await ana.writes('me faz uma redação?');
    await ana.hears();
    assert.deepEqual(shop.world.openai.shaped, []);
    assert.equal((await shop.show(ana)).history.at(-1).scope, undefined);
  });
});
