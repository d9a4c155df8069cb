// Every way a send can fail: repeated when it surely did not happen, never when it may have.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { acceptedThenHang, acceptedThenReset, sendError } from './support/meta.mjs';
import { reply } from './support/openai.mjs';
import { LONG_ANSWER } from './checks.mjs';
import { eventually } from './support/wait.mjs';
import { World, sharedWorld, worldFor } from './support/world.mjs';

const RETRIED_WITHIN_MS = 60_000; // delays between tries are the product's business

describe('sending', () => {
  const world = sharedWorld();
  const attempts = (customer, text) =>
    world.meta.sent.filter((send) => send.to === customer.id && send.text.includes(text));

  // A customer whose answer meets `outcome` at Meta.
  async function answerMeets(outcome, text) {
    const ana = world.customer();
    world.meta.answerNext(outcome);
    await ana.writes(text);
    return ana;
  }

  // The conversation goes on, and what went before is settled: answers of one conversation keep their order.
  async function goesOn(customer) {
    await customer.writes('e aí, deu certo?');
    await eventually(
      () => customer.inbox.at(-1)?.includes('deu certo'),
      () => `second answer\n${world.atende.tail()}`,
      RETRIED_WITHIN_MS,
    );
  }

  const surelyNotSent = {
    'a rate limit (613)': sendError('rate_limited'),
    'an application limit (4)': { status: 400, body: { error: { message: 'limit', type: 'OAuthException', code: 4 } } },
  };
  for (const [name, outcome] of Object.entries(surelyNotSent)) {
    it(`is repeated after ${name}, until it is delivered once`, async () => {
      const ana = await answerMeets(outcome, 'repete por favor');
      await ana.hears(RETRIED_WITHIN_MS);
      assert.deepEqual(
        attempts(ana, 'repete').map(({ accepted }) => accepted),
        [false, true],
      );
    });
  }

  it('is repeated when Meta could not be reached', async () => {
    const ana = world.customer();
    await world.meta.whileDown(async () => {
      await ana.writes('alguém me ouve?');
      await world.atende.untilLogged(new RegExp(`\\[SEND\\].*${ana.id}`));
    });
    await ana.hears(RETRIED_WITHIN_MS);
    await world.quiet();
    assert.equal(ana.inbox.length, 1);
  });

  const maybeSent = {
    'a transient error (2)': sendError('transient'),
    'an error that says it was sent (1/1357046)': { ...sendError('sent_but_error'), accepted: true },
    'an HTML error page': { status: 503, body: '<html>Service Unavailable</html>' },
    'an answer that makes no sense': { status: 200, body: '{"message_', accepted: true },
    'a connection that breaks after the request': acceptedThenReset(),
  };
  for (const [name, outcome] of Object.entries(maybeSent)) {
    it(`is never repeated after ${name}, and reported`, async () => {
      const ana = await answerMeets(outcome, 'uma vez só');
      await world.atende.untilLogged(new RegExp(`\\[SEND\\].*${ana.id}.*(ambiguous|unconfirmed|unknown)`, 'i'));
      await goesOn(ana);
      assert.equal(attempts(ana, 'uma vez só').length, 1);
    });
  }

  const refused = ['outside_window', 'no_matching_user', 'another_app_controls_thread', 'user_unavailable'];
  for (const name of refused) {
    it(`is not repeated after ${name}, and reported`, async () => {
      const ana = await answerMeets(sendError(name), 'não insiste');
      await world.atende.untilLogged(new RegExp(`\\[SEND\\].*${ana.id}.*${sendError(name).body.error.code}`));
      await goesOn(ana);
      assert.equal(attempts(ana, 'não insiste').length, 1);
    });
  }

  it('keeps the parts of an answer in order when one has to wait', async () => {
    const ana = world.customer();
    world.openai.answerNext(reply(LONG_ANSWER));
    world.meta.answerNext({}, sendError('rate_limited'));
    await ana.writes('conta tudo');
    const words = (text) => text.split(/\s+/).filter(Boolean);
    const whole = () => words(ana.inbox.join(' ')).length >= words(LONG_ANSWER).length;
    await eventually(whole, () => `whole answer\n${world.atende.tail()}`, RETRIED_WITHIN_MS);
    assert.deepEqual(words(ana.inbox.join(' ')), words(LONG_ANSWER));
  });
});

describe('sending when Meta never answers', () => {
  let world;
  before(async () => (world = await World.start()));
  after(() => world.end());

  it('is not repeated and holds nobody else up', async () => {
    const [ana, bia] = [world.customer(), world.customer()];
    world.meta.answerNext(acceptedThenHang());
    await ana.writes('me responde');
    await ana.hears();
    await bia.writes('e a mim?');
    await bia.hears();
    await world.atende.untilLogged(new RegExp(`\\[SEND\\].*${ana.id}.*(ambiguous|unconfirmed|unknown)`, 'i'));
    await ana.writes('obrigada');
    assert.match(await ana.hears(), /obrigada/);
    assert.equal(ana.inbox.length, 2);
  });
});

describe('sending with a dead token', () => {
  it('shouts, and loses nothing', async (t) => {
    const world = await worldFor(t);
    const ana = world.customer();
    world.meta.answerNext(sendError('token_expired'));
    await ana.writes('tem alguém?');
    await world.atende.untilLogged(/critical.*token/i);
    await world.atende.untilIdle(); // a message that comes earlier waits as long as the send
    await ana.writes('e agora?');
    assert.match(await ana.hears(RETRIED_WITHIN_MS), /alguém/);
    assert.match(await ana.hears(RETRIED_WITHIN_MS), /agora/);
    assert.equal(ana.inbox.length, 2);
  });
});
