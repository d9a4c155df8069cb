// A voice note recorded on the simulator's page, in a real browser with a microphone that others speak into.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { chromium } from 'playwright-core';
import { speech } from './support/speech.mjs';
import { eventually, PATIENCE_MS } from './support/wait.mjs';
import { World } from './support/world.mjs';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

describe('the simulator page', () => {
  let world, browser, folder, page;
  const problems = [];

  before(async () => {
    world = await World.start();
    folder = await mkdtemp(join(tmpdir(), 'atende-microphone-'));
    const microphone = join(folder, 'said.wav');
    await writeFile(microphone, await speech('Oi, eu queria saber o preço da moto.', 'wav', ['-ar', '48000']));
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        '--no-sandbox', '--disable-dev-shm-usage', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream',
        `--use-file-for-fake-audio-capture=${microphone}`,
      ],
    });
    const context = await browser.newContext({ locale: 'pt-BR', permissions: ['microphone'] });
    context.setDefaultTimeout(PATIENCE_MS);
    page = await context.newPage();
    await page.exposeFunction('reportProblem', (problem) => problems.push(problem));
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) =>
        window.reportProblem(`content security policy: ${event.violatedDirective} ${event.blockedURI}`));
    });
    page.on('pageerror', (error) => problems.push(`exception: ${error.message}`));
    page.on('response', (response) => {
      if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(world.atende.url);
  });
  after(async () => {
    await browser?.close();
    await world?.end();
    await rm(folder, { recursive: true, force: true });
  });

  const record = () => page.getByRole('button', { name: 'Gravar áudio' });
  const finish = () => page.getByRole('button', { name: 'Enviar áudio' });
  // Resolves when the microphone has heard a second of speech: what is recorded before may be silence.
  const speaks = () =>
    page.evaluate(async () => {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      const context = new AudioContext();
      const analyser = context.createAnalyser();
      context.createMediaStreamSource(stream).connect(analyser);
      const samples = new Float32Array(analyser.fftSize);
      let loud = 0;
      for (let last = context.currentTime; loud < 1; last = context.currentTime) {
        await new Promise(requestAnimationFrame);
        analyser.getFloatTimeDomainData(samples);
        if (samples.some((sample) => Math.abs(sample) > 0.02)) loud += context.currentTime - last;
      }
      stream.getTracks().forEach((track) => track.stop());
      await context.close();
    });

  it('records a voice note, which is heard and answered, and can be played', async () => {
    world.openai.wordsIn = () => 'Oi, eu queria saber o preço da moto.';
    await record().click();
    await finish().waitFor();
    await speaks();
    await finish().click();
    const answer = page.locator('.message.answer .bubble').first();
    await answer.waitFor();
    assert.equal(await answer.textContent(), 'Resposta: [áudio] Oi, eu queria saber o preço da moto.');
    assert.match(await page.locator('.step[data-stage="heard"]').innerText(), /Áudio ouvido[^]*preço da moto/);

    const [heard] = world.openai.heard;
    assert.match(heard.filename, /^voice\.(webm|m4a|wav)$/);
    const player = page.locator('.message.own audio');
    const seconds = await player.evaluate(async (audio) => {
      audio.muted = true;
      await audio.play();
      await new Promise((resolve) => audio.addEventListener('timeupdate', resolve, { once: true }));
      return audio.currentTime;
    });
    assert.ok(seconds >= 0);
    assert.deepEqual(problems, []);
  });

  it('takes a recording back, and with it the file', async () => {
    const source = await page.locator('.message.own audio').getAttribute('src');
    assert.equal((await fetch(world.atende.url + source)).status, 200);
    await page.locator('.own .more').click();
    assert.equal(await page.locator('.own .edit').isVisible(), false);
    await page.locator('.own .unsend').click();
    await page.getByText('Você cancelou o envio de uma mensagem').waitFor();
    assert.equal((await fetch(world.atende.url + source)).status, 404);
  });

  it('drops a recording on Esc', async () => {
    const before = world.openai.heard.length;
    await record().click();
    await finish().waitFor();
    await page.keyboard.press('Escape');
    await record().waitFor();
    assert.equal(await page.locator('.message.own audio').count(), 0);
    assert.equal(world.openai.heard.length, before);
    await eventually(async () => (await page.locator('#notice').isVisible()) === false, 'end of the notice');
  });
});
