// What customers notice: one answer to what they meant, from the right shop, and none where none is due.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { longAnswersFitAndKeepTheirWords, ownEchoesAreNotAnswered, redeliveriesAreAnsweredOnce } from './checks.mjs';
import { sendError } from './support/meta.mjs';
import { reply } from './support/openai.mjs';
import { eventually } from './support/wait.mjs';
import { sharedWorld } from './support/world.mjs';

const OTHER_ACCOUNT = '17841400000000002';

describe('a conversation', () => {
  const world = sharedWorld({ meta: { accounts: ['17841400000000001', OTHER_ACCOUNT] } });

  // None of `texts` was answered, nor shown to the model as something to answer.
  async function assertUnanswered(customer, ...texts) {
    await world.quiet();
    assert.deepEqual(customer.inbox, []);
    for (const text of texts) assert.deepEqual(world.openai.askedAbout(text), []);
  }

  describe('of several messages', () => {
    it('gets one answer to a burst, thought about as a whole', async () => {
      const ana = world.customer();
      const burst = ['oi', 'tem a XY 150?', 'pode ser em duas vezes?', 'meu nome é Ana'];
      for (const text of burst) await ana.writes(text);
      const answer = await ana.hears();
      const [{ heard }] = world.openai.askedAbout('tem a XY 150?');
      const places = burst.map((text) => heard.indexOf(text));
      assert.ok(
        places.every((place, i) => place > (places[i - 1] ?? -1)),
        `out of order or missing: ${heard}`,
      );
      await world.quiet();
      assert.deepEqual(ana.inbox, [answer]);
    });

    it('is seen and shows that somebody types before the answer', async () => {
      const ana = world.customer();
      await ana.writes('oi');
      await ana.hears();
      const answeredAt = world.meta.sent.find((send) => send.to === ana.id).at;
      const before = world.meta.actions
        .filter(({ to, at }) => to === ana.id && at <= answeredAt)
        .map(({ action }) => action);
      assert.ok(before.includes('mark_seen') && before.includes('typing_on'), before.join());
    });

    it('is answered even when Meta refuses seen and typing', async () => {
      world.meta.actionAnswer = sendError('transient');
      try {
        const ana = world.customer();
        await ana.writes('oi, tudo bem?');
        await ana.hears();
      } finally {
        world.meta.actionAnswer = null;
      }
    });

    it('is answered once however often Meta delivers it', () => redeliveriesAreAnsweredOnce(world));

    it('remembers what was said before', async () => {
      const ana = world.customer();
      world.openai.answerNext(reply('Temos sim, em azul e vermelho!'));
      await ana.writes('tem a JET 50?');
      await ana.hears();
      await ana.writes('quero a azul');
      await ana.hears();
      const { messages } = world.openai.askedAbout('quero a azul')[0];
      const said = messages
        .filter(({ role }) => role !== 'system')
        .map(({ role, content }) => `${role}: ${JSON.stringify(content)}`);
      const place = (role, text) => said.findIndex((line) => line.startsWith(role) && line.includes(text));
      const places = [
        place('user', 'tem a JET 50?'),
        place('assistant', 'azul e vermelho'),
        place('user', 'quero a azul'),
      ];
      assert.ok(places[0] >= 0 && places[0] < places[1] && places[1] < places[2], said.join('\n'));
    });
  });

  describe('beside others', () => {
    it('does not mix with another customer', async () => {
      const [ana, bia] = [world.customer(), world.customer()];
      await world.meta.deliver(ana.text('sou a Ana um'), bia.text('sou a Bia um'));
      await world.meta.deliver(bia.text('sou a Bia dois'));
      await world.meta.deliver(ana.text('sou a Ana dois'));
      const [toAna, toBia] = [await ana.hears(), await bia.hears()];
      assert.match(toAna, /Ana um[^]*Ana dois/);
      assert.match(toBia, /Bia um[^]*Bia dois/);
      assert.doesNotMatch(toAna, /Bia/);
      assert.doesNotMatch(toBia, /Ana/);
    });

    it('does not mix with the same customer at another shop', async () => {
      const ana = world.customer();
      const elsewhere = world.customer({ id: ana.id, account: OTHER_ACCOUNT });
      await world.meta.deliver(ana.text('quero uma moto'), elsewhere.text('quero um capacete'));
      // One token speaks for one account: both answers leave through it.
      const answers = [await ana.hears(), await ana.hears()];
      assert.equal(
        answers.filter((text) => /moto/.test(text) && !/capacete/.test(text)).length,
        1,
        answers.join(' | '),
      );
      assert.equal(
        answers.filter((text) => /capacete/.test(text) && !/moto/.test(text)).length,
        1,
        answers.join(' | '),
      );
    });
  });

  describe('that goes on while the model thinks', () => {
    it('has the new message join the turn', async () => {
      const ana = world.customer();
      const first = world.openai.hold(reply('resposta velha'));
      world.openai.answerNext(reply('resposta completa'));
      await ana.writes('quanto custa?');
      await first.taken;
      await ana.writes('a vermelha, digo');
      first.release();
      assert.equal(await ana.hears(), 'resposta completa');
      assert.match(world.openai.askedAbout('a vermelha, digo')[0].heard, /quanto custa\?[^]*a vermelha, digo/);
      await world.quiet();
      assert.deepEqual(ana.inbox, ['resposta completa']);
    });

    it('starts over at most twice', async () => {
      const ana = world.customer();
      const thoughts = ['um', 'dois', 'três'].map((text) => world.openai.hold(reply(`resposta ${text}`)));
      world.openai.answerNext(reply('resposta final'));
      await ana.writes('parte 0');
      for (const [i, thought] of thoughts.entries()) {
        await thought.taken;
        await ana.writes(`parte ${i + 1}`);
        thought.release();
      }
      assert.equal(await ana.hears(), 'resposta três');
      assert.equal(await ana.hears(), 'resposta final');
      assert.match(world.openai.askedAbout('parte 2')[0].heard, /parte 0[^]*parte 1[^]*parte 2/);
      const last = world.openai.askedAbout('parte 3').at(-1);
      assert.doesNotMatch(last.heard, /parte 2/, 'an answered message was asked about again');
      await world.quiet();
      assert.equal(ana.inbox.length, 2);
    });

    it('has an edit join the turn', async () => {
      const ana = world.customer();
      const first = world.openai.hold(reply('resposta velha'));
      const written = await ana.writes('tem no 41?');
      const request = await first.taken;
      assert.match(request.heard, /41/);
      await world.meta.deliver(ana.edit(written, 'tem no 43?'));
      first.release();
      assert.match(await ana.hears(), /43/);
      await world.quiet();
      assert.equal(ana.inbox.length, 1);
    });
  });

  describe('whose messages change or hide', () => {
    it('is answered as edited', async () => {
      const ana = world.customer();
      const written = ana.text('tem tênis 37?');
      await world.meta.deliver(written, ana.edit(written, 'tem tênis 38?', 1), ana.edit(written, 'tem tênis 39?', 2));
      const answer = await ana.hears();
      assert.match(answer, /39/);
      assert.doesNotMatch(answer, /37|38/);
    });

    it('is answered without what was unsent', async () => {
      const ana = world.customer();
      const [secret, question] = [ana.text('minha senha é 1234'), ana.text('qual o horário?')];
      await world.meta.deliver(secret, question, ana.unsend(secret));
      const answer = await ana.hears();
      assert.match(answer, /horário/);
      assert.doesNotMatch(answer, /senha/);
    });

    it('is answered as edited when the edit arrives before the message', async () => {
      const ana = world.customer();
      const written = ana.text('tem capacete 56?');
      await world.meta.deliver(ana.edit(written, 'tem capacete 58?', 1));
      await world.meta.deliver(written);
      const answer = await ana.hears();
      assert.match(answer, /58/);
      assert.doesNotMatch(answer, /56/);
    });

    it('is not answered when the message was unsent before it arrived', async () => {
      const ana = world.customer();
      const oops = ana.text('apaguei antes de chegar');
      await world.meta.deliver(ana.unsend(oops));
      await world.meta.deliver(oops);
      await assertUnanswered(ana, 'apaguei antes');
    });

    it('is answered when Meta announced a message without its words, which can be fetched', async () => {
      const ana = world.customer();
      await world.meta.deliver(ana.announcement('chegou vazia?'));
      assert.match(await ana.hears(), /chegou vazia/);
    });

    for (const [what, left] of [['gone', undefined], ['none', '']]) {
      it(`is asked to write when such words are ${what}`, async () => {
        const ana = world.customer();
        const asked = world.openai.requests.length;
        await world.meta.deliver(ana.announcement(left));
        await ana.hears();
        assert.equal(world.openai.requests.length, asked);
      });
    }

    it('is answered as edited when such words were edited since', async () => {
      const ana = world.customer();
      const announced = ana.announcement('tem capacete 56?');
      await world.meta.deliver(announced, ana.edit(announced, 'tem capacete 58?'));
      const answer = await ana.hears();
      assert.match(answer, /58/);
      assert.doesNotMatch(answer, /56/);
    });

    it('is not answered when all of it was unsent', async () => {
      const ana = world.customer();
      const oops = ana.text('mensagem errada, desculpa');
      await world.meta.deliver(oops, ana.unsend(oops));
      await assertUnanswered(ana, 'mensagem errada');
    });
  });

  describe('with a long answer', () => {
    it('gets it in parts of 1000 bytes, in order, with the link whole', () =>
      longAnswersFitAndKeepTheirWords(world, reply));

    it('gets even a word without end, cut between characters as people see them', async () => {
      const family = '👨‍👩‍👧‍👦';
      const ana = world.customer();
      world.openai.answerNext(reply(family.repeat(90)));
      await ana.writes('manda muitas famílias');
      await eventually(
        () => ana.inbox.join('').length >= family.length * 90,
        () => `whole answer\n${world.atende.tail()}`,
      );
      for (const part of ana.inbox) assert.equal(part.replaceAll(family, ''), '');
    });
  });

  describe('that echoes', () => {
    for (const when of ['before', 'after']) {
      it(`goes on when our echo comes ${when} the response`, () => ownEchoesAreNotAnswered(world, when));
    }

    it('is left to the person who answers in the app', async () => {
      const ana = world.customer();
      await ana.writes('oi');
      const answer = await ana.hears();
      await world.meta.deliver(ana.echo('Oi, aqui é a Carla da loja'));
      await world.atende.untilLogged(new RegExp(`\\[BLOCK\\].*${ana.id}`));
      await world.atende.untilLogged(new RegExp(`\\[OUTGOING\\].*${ana.id}`));
      await ana.writes('oi Carla, tudo bem?');
      await world.quiet();
      assert.deepEqual(ana.inbox, [answer], 'the bot talked over a person');
    });

    it('is left to that person even while the model thinks', async () => {
      const ana = world.customer();
      const thought = world.openai.hold(reply('resposta do robô'));
      await ana.writes('tem alguém aí?');
      await thought.taken;
      await world.meta.deliver(ana.echo('Oi, é a Carla!'));
      await world.atende.untilLogged(new RegExp(`\\[BLOCK\\].*${ana.id}`));
      thought.release();
      await world.quiet();
      assert.deepEqual(ana.inbox, [], 'the bot talked over a person');
    });
  });

  describe('of events that need no answer', () => {
    it('a reaction', async () => {
      const ana = world.customer();
      const written = ana.text('x');
      await world.meta.deliver(ana.reaction(written));
      await assertUnanswered(ana);
    });
    it('a read receipt', async () => {
      const ana = world.customer();
      await world.meta.deliver(ana.read(ana.text('x')));
      await assertUnanswered(ana);
    });
    it('a message another app takes care of', async () => {
      const ana = world.customer();
      await world.meta.deliver(ana.standby('falando com outro app'));
      await assertUnanswered(ana, 'falando com outro app');
    });
    for (const form of ['changes', 'messaging']) {
      it(`the dashboard's test button (${form})`, async () => {
        const sample = new URL(`../data/instagram/dashboard_test_messages_${form}.json`, import.meta.url);
        assert.equal((await world.meta.post(readFileSync(sample))).status, 200);
        await world.quiet();
        assert.deepEqual(
          world.meta.sent.filter(({ to }) => to === '12334'),
          [],
        );
        assert.deepEqual(world.openai.askedAbout('random_text'), []);
      });
    }
    it('a batch of them does not hide the message between', async () => {
      const ana = world.customer();
      const question = ana.text('e essa pergunta?');
      await world.meta.deliver(ana.read(question), question, ana.reaction(question));
      assert.match(await ana.hears(), /essa pergunta/);
    });
  });
});
