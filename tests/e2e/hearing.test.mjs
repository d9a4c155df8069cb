// The simulator's page plays the shop's spoken answers, in a real browser.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startAtende } from './support/atende.mjs';
import { makeHome, removeHome } from './support/home.mjs';
import { FakeOpenAi, reply } from './support/openai.mjs';
import { copyProfile } from './support/profiles.mjs';
import { PATIENCE_MS } from './support/wait.mjs';

const ARTEFACTS = fileURLToPath(new URL('./artefacts/', import.meta.url));
const WORDS = 'Temos sim, pode vir conhecer!';

describe('the simulator page', () => {
  let home;
  let openai;
  let browser;
  let atende;
  let page;
  const problems = [];

  before(async () => {
    home = await makeHome();
    openai = await FakeOpenAi.start({ otherwise: () => reply(WORDS) });
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--autoplay-policy=no-user-gesture-required'],
    });
  });
  afterEach(async () => {
    await page?.close(); // before its server: what it polls must not fail
    await atende?.stop();
  });
  after(async () => {
    await browser?.close();
    await openai?.stop();
    await removeHome(home);
    assert.deepEqual(problems, []);
  });

  async function open(env) {
    const profile = await copyProfile(join(home, 'profiles/shop'));
    const file = join(profile, 'profile.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace(/^voice:$/m, 'voice:\n  reply: always'));
    atende = await startAtende({ home, openai, env: { DEBOUNCE_SECONDS: '0.3', PROFILE_DIR: profile, ...env } });
    page = await (await browser.newContext({ locale: 'pt-BR' })).newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await page.goto(atende.url);
  }

  async function write(words) {
    await page.fill('#composer-text', words);
    await page.press('#composer-text', 'Enter');
  }

  it('plays an answer, which needs no public address', async () => {
    await open({ ENABLE_INSTAGRAM_AUDIO_REPLY: 'true' });
    await write('tem a moto?');
    const player = page.locator('.message.answer audio');
    await player.waitFor({ state: 'visible' });
    assert.equal(await player.getAttribute('aria-label'), 'Resposta em áudio');
    const heard = await player.evaluate(async (audio) => {
      await audio.play();
      await new Promise((resolve) => audio.addEventListener('timeupdate', resolve, { once: true }));
      audio.currentTime = audio.duration / 2; // which asks for a range
      await new Promise((resolve) => audio.addEventListener('seeked', resolve, { once: true }));
      return { duration: audio.duration, at: audio.currentTime, failure: audio.error?.message ?? null };
    });
    assert.equal(heard.failure, null);
    assert.ok(heard.duration > 1 && heard.at > 0.5, JSON.stringify(heard));
    assert.equal(await page.locator('.message.answer').count(), 1, 'the words are not written as well');
    await mkdir(ARTEFACTS, { recursive: true });
    await page.screenshot({ path: join(ARTEFACTS, 'simulator-audio.png') });
  });

  it('shows text where nobody can speak', async () => {
    await open({ ENABLE_INSTAGRAM_AUDIO_REPLY: 'true', AI_DRY_RUN: 'true' });
    await write('oi');
    await page.locator('.message.answer .bubble').first().waitFor({ state: 'visible' });
    assert.equal(await page.locator('audio').count(), 0);
  });
});
