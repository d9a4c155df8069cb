// Voice notes: what customers say reaches the agent as words, wherever it goes wrong on the way there.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { MediaHost } from './support/media_host.mjs';
import { error, reply } from './support/openai.mjs';
import { speech } from './support/speech.mjs';
import { ASKS_TO_WRITE, VOCABULARY, keptBy, shopWith } from './support/voice_shop.mjs';
import { eventually } from './support/wait.mjs';

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
