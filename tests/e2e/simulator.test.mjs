// The simulator's page in a real browser, on the real binary with nothing configured: a newcomer's first two minutes.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startAtende } from './support/atende.mjs';
import { makeHome, removeHome } from './support/home.mjs';
import { PATIENCE_MS, eventually } from './support/wait.mjs';

const ARTEFACTS = fileURLToPath(new URL('./artefacts/', import.meta.url));
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const QUIET_WINDOW = '1.5'; // what is typed below in a row is one burst, on a slow machine too
const MARKUP = [
  '<img src=x onerror="window.attacked = true">',
  '<script>window.attacked = true</script>',
  '"><svg onload=window.attacked=true>',
  '<a href="javascript:window.attacked = true">oi</a>',
  '<iframe srcdoc="<script>parent.attacked = true</script>"></iframe>',
  '${window.attacked = true} {{constructor.constructor("window.attacked = true")()}}',
];

describe('the simulator page', () => {
  let home;
  let atende;
  let browser;
  let page;
  let problems; // whatever a healthy page never reports

  before(async () => {
    home = await makeHome();
    atende = await startAtende({ home, env: { DEBOUNCE_SECONDS: QUIET_WINDOW } });
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  });

  after(async () => {
    await browser?.close();
    await atende?.stop();
    await removeHome(home);
  });

  beforeEach(() => { problems = []; });
  afterEach(async () => {
    await page?.context().close();
    assert.deepEqual(problems, []);
  });

  async function open(path = '/', { server = atende, ...options } = {}) {
    const context = await browser.newContext({ locale: 'pt-BR', viewport: { width: 1280, height: 800 }, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    page = await context.newPage();
    await page.exposeFunction('reportProblem', (problem) => problems.push(problem));
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) =>
        window.reportProblem(`content security policy: ${event.violatedDirective} ${event.blockedURI}`));
    });
    page.on('pageerror', (error) => problems.push(`exception: ${error.message}`));
    page.on('dialog', (dialog) => problems.push(`dialog: ${dialog.message()}`));
    page.on('response', (response) => {
      if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(server.url + path);
    await page.waitForFunction(() => document.querySelector('#fact-profile').textContent !== '–');
  }

  async function write(...texts) {
    for (const text of texts) {
      await page.fill('#composer-text', text);
      await page.press('#composer-text', 'Enter');
    }
  }

  const answers = () => page.locator('.message.answer .bubble');
  const ownBubbles = () => page.locator('.message.own .bubble');
  const stages = (turn) =>
    turn.locator('.step').evaluateAll((steps) => steps.map((step) => step.dataset.stage));
  const newestTurn = () => page.locator('.turn').first();
  const visible = (locator) => locator.waitFor({ state: 'visible' });

  async function untilTurns(ended) {
    await page.waitForFunction((count) => document.querySelectorAll('.turn.ended').length >= count, ended);
  }

  // Whoever wrote earlier would have been answered by then.
  async function untilSomebodyElseIsAnswered() {
    const contact = `sim_bystander${Date.now()}`;
    const api = `${atende.url}/simulator/api`;
    const sent = await fetch(`${api}/messages`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ contact, text: 'oi' }),
    });
    assert.equal(sent.status, 202);
    await eventually(async () => {
      const { events } = await (await fetch(`${api}/events?contact=${contact}&wait=0`)).json();
      return events.some((event) => event.kind === 'answer');
    }, 'answer to somebody else');
  }

  it('answers a burst once, saves the lead and shows the way there', async () => {
    await open();
    await write('oi', 'tem a XY 150?', 'Ana Souza', '(81) 99876-5432');
    await visible(page.locator('.step[data-stage="sent"]'));

    assert.deepEqual(await ownBubbles().allTextContents(), ['oi', 'tem a XY 150?', 'Ana Souza', '(81) 99876-5432']);
    assert.match(await answers().first().textContent(), /Ana/);
    const lead = await page.locator('.lead-card').innerText();
    assert.match(lead, /Lead salvo/);
    assert.match(lead, /Ana Souza/);
    assert.match(lead, /99876-?5432/);
    assert.match(lead, /XY 150/);

    const shown = await stages(newestTurn());
    assert.deepEqual(shown.slice(0, 3), ['received', 'waiting', 'thinking']);
    assert.ok(shown.includes('tool'), `stages: ${shown}`);
    assert.equal(shown.at(-1), 'sent');
    assert.equal(await newestTurn().locator('.step .name').first().textContent(), '4 mensagens recebidas');
    const tool = await newestTurn().locator('.step[data-stage="tool"]').innerText();
    assert.match(tool, /add_lead_to_nocodb/);
    assert.match(tool, /SUCESSO/);
    const times = await newestTurn().locator('time').allTextContents();
    for (const time of times) assert.match(time, /^\d\d:\d\d:\d\d\.\d{3}$/);
    assert.deepEqual(times, [...times].sort(), 'steps are in the order of their times');

    await mkdir(ARTEFACTS, { recursive: true });
    await page.screenshot({ path: `${ARTEFACTS}simulator.png` });

    // A second answer to the burst would be among these.
    await write('obrigada!');
    await untilTurns(2);
    assert.equal(await answers().count(), 2);
  });

  it('plays the demonstration', async () => {
    await open();
    await page.click('#demo');
    await visible(page.locator('.lead-card'));
    await untilTurns(1);
    assert.equal(await answers().count(), 1);
  });

  it('keeps markup inert, wherever it comes from', async () => {
    await open();
    await write(...MARKUP);
    await page.waitForFunction((count) => document.querySelectorAll('.own .bubble').length === count, MARKUP.length);
    assert.deepEqual(await ownBubbles().allTextContents(), MARKUP);

    await page.click('#owner');
    await write(MARKUP[0]);
    await visible(page.locator('.message.human'));
    assert.equal(await page.locator('.message.human .bubble').textContent(), MARKUP[0]);

    assert.equal(await page.locator('.bubble *, .step img, .step script').count(), 0, 'text became elements');
    assert.equal(await page.evaluate(() => window.attacked), undefined);
  });

  it('makes links of web addresses alone, and offers no greeting twice', async () => {
    await open();
    const suggested = page.locator('.suggestions button:visible');
    assert.equal((await suggested.allTextContents())[0], 'oi');
    await page.click('#owner');
    const words = 'Chama: https://wa.me/5581998765432?text=oi%20loja, wa.me/558133334444 ou http://a.example/b). '
      + 'Não: javascript:alert(1) data:text/html,x https://"onclick=x (81) 99876-5432.';
    await write(words);
    await visible(page.locator('.message.human'));
    const bubble = page.locator('.message.human .bubble');
    assert.equal(await bubble.textContent(), words);
    const links = await bubble.locator('a').evaluateAll((all) => all.map((a) => [a.href, a.target, a.rel].join(' ')));
    const hrefs = ['https://wa.me/5581998765432?text=oi%20loja', 'https://wa.me/558133334444', 'http://a.example/b'];
    assert.deepEqual(links, hrefs.map((href) => `${href} _blank noopener noreferrer`));
    assert.equal((await suggested.allTextContents()).includes('oi'), false);
  });

  it('forbids the page itself to make markup of text', async () => {
    await open();
    const outcome = await page.evaluate(() => {
      try {
        document.body.innerHTML = '<b>oi</b>';
        return 'allowed';
      } catch {
        return 'refused';
      }
    });
    assert.equal(outcome, 'refused');
    const isReport = (problem) => problem.startsWith('content security policy: require-trusted-types-for');
    await eventually(() => problems.some(isReport), 'report of the violation');
    problems = problems.filter((problem) => !isReport(problem));
  });

  it('edits and unsends what the customer wrote', async () => {
    await open();
    await write('tem a XZ?', 'esquece');
    await visible(ownBubbles().nth(1));
    await page.locator('.own .more').first().click();
    await page.locator('.own .edit').first().click();
    assert.equal(await page.inputValue('#composer-text'), 'tem a XZ?');
    await write('tem a XY 150?');
    await visible(page.getByText('Editada', { exact: true }));
    assert.equal(await ownBubbles().first().textContent(), 'tem a XY 150?');

    await page.locator('.own .more').nth(1).press('Enter');
    await page.locator('.own .unsend').nth(1).press('Enter');
    await visible(page.getByText('Você cancelou o envio de uma mensagem'));
    assert.deepEqual(await ownBubbles().allTextContents(), ['tem a XY 150?']);
  });

  it('keeps quiet once the owner answers in the app', async () => {
    await open();
    await page.click('#owner');
    await write('Oi, aqui é o Zé, dono da loja!');
    await visible(page.locator('.message.human'));
    await visible(page.locator('.step[data-stage="paused"]').first());
    await write('oi', 'tem a XY 150?');
    await visible(ownBubbles().nth(1));
    await untilSomebodyElseIsAnswered();
    assert.equal(await answers().count(), 0);
  });

  it('says that the breaker tripped, not that a person answers', async (t) => {
    const ownHome = await makeHome();
    const env = { DEBOUNCE_SECONDS: '0', MAX_ANSWERS_PER_10_MINUTES: '1' };
    const strict = await startAtende({ home: ownHome, env });
    t.after(async () => {
      await strict.stop();
      await removeHome(ownHome);
    });
    await open('/', { server: strict });
    await write('oi');
    await visible(answers().first());
    await write('e agora?');
    const paused = page.locator('.step[data-stage="paused"]').first();
    await visible(paused);
    const said = await paused.innerText();
    assert.match(said, /respostas demais/);
    assert.match(said, /limite de respostas em 10 minutos/);
    assert.doesNotMatch(said, /está atendendo/);
  });

  it('shows the same conversation after a reload, and none of it to a new customer', async () => {
    await open();
    await write('oi');
    await untilTurns(1);
    await page.reload();
    await visible(answers().first());
    assert.equal(await ownBubbles().count(), 1);
    await page.click('#new-customer');
    assert.equal(await page.locator('.message').count(), 0);
    await write('bom dia');
    await visible(answers().first());
    assert.deepEqual(await ownBubbles().allTextContents(), ['bom dia']);
  });

  it('says that the connection is lost, and goes on when it is back', async () => {
    await open();
    await page.route('**/simulator/api/events*', (route) => route.abort());
    await write('oi'); // ends the poll under way
    await visible(page.getByText('Sem conexão com o Atende. Tentando de novo…'));
    await page.unroute('**/simulator/api/events*');
    await visible(answers().first());
    assert.equal(await page.locator('#notice').isVisible(), false);
  });

  it('gives an undelivered message back to its writer', async () => {
    await open();
    await page.route('**/simulator/api/messages', (route) => route.abort());
    await write('está aí?');
    await visible(page.locator('#notice'));
    assert.equal(await page.inputValue('#composer-text'), 'está aí?');
  });

  it('says in its own language that a message was refused', async () => {
    await open();
    const body = JSON.stringify({ error: { message: 'the webhook did not answer' } });
    await page.route('**/simulator/api/messages', (route) =>
      route.fulfill({ status: 502, contentType: 'application/json', body }));
    await write('está aí?');
    await visible(page.locator('#notice'));
    assert.match(await page.locator('#notice').textContent(), /^A mensagem não foi entregue/);
    assert.doesNotMatch(await page.locator('#notice').textContent(), /webhook/);
    assert.deepEqual(problems.splice(0), [`502 ${atende.url}/simulator/api/messages`]);
  });

  for (const [how, path, options] of [
    ['when asked', '/?lang=en', {}],
    ['to a browser that prefers it', '/', { locale: 'en-US' }],
  ]) {
    it(`speaks English ${how}`, async () => {
      await open(path, options);
      assert.equal(await page.getAttribute('html', 'lang'), 'en');
      await visible(page.getByRole('button', { name: 'New customer' }));
      await write('oi');
      await visible(page.locator('.step[data-stage="sent"]').getByText('Sent', { exact: true }));
      const untranslated = await page.evaluate(() => document.body.innerText.match(/undefined|Recebida|Enviada|Pensando/));
      assert.equal(untranslated, null);
    });
  }

  it('fits a phone, with what happened folded away', async () => {
    await open('/', { viewport: { width: 390, height: 844 }, hasTouch: true, colorScheme: 'dark' });
    for (const name of ['Ver demonstração', 'Novo cliente', 'Dono responde pelo app'])
      await visible(page.getByRole('button', { name, exact: true }));
    await write('oi');
    await visible(answers().first());
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), true);
    assert.equal(await newestTurn().isVisible(), false);
    await page.click('#happened-toggle');
    await visible(newestTurn());
    await page.screenshot({ path: `${ARTEFACTS}simulator-phone.png` });
  });
});
