// The profile ads-manager: campaigns of Meta in conversation, and nothing that costs money without a person.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { makeHome, removeHome } from './support/home.mjs';
import { expiredToken, FakeMarketingApi, rateLimited } from './support/marketing_api.mjs';
import { callTool, reply } from './support/openai.mjs';
import { copyProfile, shippedProfile } from './support/profiles.mjs';
import { sharedWorld, World } from './support/world.mjs';

const SUMMER = '120210000000000001';
const TASTE = '120210000000000002';

const campaigns = () => [
  { id: SUMMER, name: 'Verão na Praia', objective: 'OUTCOME_SALES', effective_status: 'ACTIVE', daily_budget: '5000', budget_remaining: '1380' },
  { id: TASTE, name: 'Sabor do Dia', objective: 'OUTCOME_ENGAGEMENT', effective_status: 'ACTIVE' },
  { id: '120210000000000003', name: 'Inverno', objective: 'OUTCOME_SALES', effective_status: 'PAUSED', lifetime_budget: '90000' },
];
const ROW = { campaign_name: 'Verão na Praia', account_currency: 'BRL', spend: '348.72', impressions: '41230', clicks: '702', ctr: '1.702644' };

// An agency on the shipped profile, or on one in `folder`.
function agency(folder = async () => shippedProfile('ads-manager')) {
  const all = { world: new World(), meta: null };
  before(async () => {
    all.meta = await FakeMarketingApi.start();
    Object.assign(all.meta, { campaigns: campaigns(), insights: { [SUMMER]: ROW, account: ROW } });
    const PROFILE_DIR = await folder();
    Object.assign(all.world, await World.start({ env: { PROFILE_DIR, ...all.meta.env } }));
  });
  afterEach(() => [all.world, all.meta].forEach((one) => one.assertClean()));
  after(async () => {
    await all.world.end();
    await all.meta.stop();
  });
  // What these tools tell the model, one after the other in a turn.
  all.results = async (...calls) => {
    const someone = all.world.customer();
    all.world.openai.answerNext(...calls.map(([name, args]) => callTool(name, args)), reply('Pronto!'));
    await someone.writes('e aí?');
    assert.equal(await someone.hears(), 'Pronto!');
    return all.world.openai.requests.at(-1).toolResults;
  };
  return all;
}

describe('ads-manager', () => {
  const shop = agency();
  const { world, results } = shop;

  it('lists the campaigns of the account', async () => {
    const [active, all] = await results(['listar_campanhas', { situacao: 'ACTIVE' }], ['listar_campanhas', {}]);
    assert.equal(
      active,
      `SUCESSO: - Verão na Praia (id ${SUMMER}), ACTIVE, OUTCOME_SALES, orçamento diário 5000 centavos` +
        `\n- Sabor do Dia (id ${TASTE}), ACTIVE, OUTCOME_ENGAGEMENT\n`,
    );
    assert.match(all, /Inverno.*PAUSED.*orçamento total 90000 centavos/);
    const asked = shop.meta.asked(`/act_${shop.meta.account}/campaigns`);
    assert.deepEqual(
      asked.map(({ query }) => query.effective_status),
      ['["ACTIVE"]', undefined],
    );
    assert.equal(asked[0].query.fields, 'id,name,objective,effective_status,daily_budget,lifetime_budget');
    assert.ok(!world.atende.log.includes(shop.meta.token), 'the log holds no secret');
  });

  it('reads the numbers of a campaign, its settings and the month', async () => {
    const [numbers, none, details, elsewhere, month] = await results(
      ['metricas_campanha', { campanha_id: SUMMER }],
      ['metricas_campanha', { campanha_id: TASTE, periodo: 'yesterday' }],
      ['detalhes_campanha', { campanha_id: SUMMER }],
      ['detalhes_campanha', { campanha_id: TASTE }],
      ['resumo_mensal', { mes: 'last_month' }],
    );
    assert.match(numbers, /^SUCESSO: Verão na Praia, de 2027-01-04 a 2027-01-10: gasto BRL 348\.72, 41230 impressões, 702 cliques/);
    assert.equal(none, 'SUCESSO: a campanha não teve entrega nesse período.');
    assert.match(details, /orçamento diário 5000 centavos, restam 1380 centavos/);
    assert.match(elsewhere, /a verba está nos conjuntos de anúncios/);
    assert.match(month, /^SUCESSO: conta inteira/);
    assert.equal(shop.meta.asked(`/${SUMMER}/insights`)[0].query.date_preset, 'last_7d');
    assert.equal(shop.meta.asked(`/act_${shop.meta.account}/insights`)[0].query.date_preset, 'last_month');
  });

  it('asks Meta once for the same thing', async () => {
    const calls = [
      ['listar_campanhas', { situacao: 'PAUSED' }],
      ['metricas_campanha', { campanha_id: SUMMER, periodo: 'last_30d' }],
      ['resumo_mensal', {}],
    ];
    const first = await results(...calls);
    const asked = shop.meta.requests.length;
    assert.deepEqual(await results(...calls), first);
    assert.equal(shop.meta.requests.length, asked);
  });

  it('pauses nothing and moves no money without a person', async () => {
    const before = shop.meta.requests.length;
    const told = await results(
      ['pausar_campanha', { campanha_id: SUMMER, motivo: 'CTR caiu' }],
      ['alterar_orcamento', { campanha_id: SUMMER, orcamento_diario: 'R$ 60,00', motivo: 'vai bem' }],
    );
    for (const one of told) assert.match(one, /^ERRO: .*aprovação de uma pessoa/);
    assert.equal(shop.meta.requests.length, before);
    await world.atende.untilLogged(/alterar_orcamento .*refused, it is critical/);
  });

  it('takes no amount that looks like cents', async () => {
    const [told] = await results(['alterar_orcamento', { campanha_id: SUMMER, orcamento_diario: '5000', motivo: 'vai bem' }]);
    assert.match(told, /^ERRO: argumentos inválidos \(orcamento_diario/);
  });

  it('gives who creates only what reads', async () => {
    const someone = world.customer();
    world.openai.answerNext(callTool('transfer_to_agent', { agente: 'criador' }), reply('Três ideias:'));
    await someone.writes('ideias para o Dia das Crianças?');
    assert.equal(await someone.hears(), 'Três ideias:');
    const { toolNames, messages } = world.openai.requests.at(-1);
    assert.deepEqual(toolNames.sort(), ['detalhes_campanha', 'listar_campanhas', 'resumo_mensal', 'transfer_to_agent']);
    assert.match(messages[0].content, /Você é Davi, redator/);
  });

  it('tells what Meta’s errors mean', async () => {
    const ask = ['detalhes_campanha', { campanha_id: '999999999999999' }];
    assert.match((await results(ask))[0], /^ERRO: a Meta não conhece esta campanha/);
    shop.meta.answerNext(rateLimited());
    assert.match((await results(ask))[0], /^ERRO: a Meta limitou as consultas/);
    shop.meta.answerNext(expiredToken());
    assert.match((await results(ask))[0], /^ERRO: o token da conta de anúncios venceu/);
  });
});

// What will be sent once somebody can approve it.
describe('ads-manager, with changes that need nobody', () => {
  let home;
  const shop = agency(async () => {
    home = await makeHome();
    const folder = await copyProfile(join(home, 'profile'), 'ads-manager');
    for (const name of ['pausar_campanha', 'alterar_orcamento']) {
      const file = join(folder, 'tools', `${name}.yaml`);
      await writeFile(file, (await readFile(file, 'utf8')).replace('critical: true\n', ''));
    }
    return folder;
  });
  after(() => removeHome(home));

  it('sends reais as cents, and shows no old number afterwards', async () => {
    const details = ['detalhes_campanha', { campanha_id: SUMMER }];
    const [before, changed, paused, afterwards, list] = await shop.results(
      details,
      ['alterar_orcamento', { campanha_id: SUMMER, orcamento_diario: 'R$ 62,50', motivo: 'vai bem' }],
      ['pausar_campanha', { campanha_id: SUMMER, motivo: 'acabou o verão' }],
      details,
      ['listar_campanhas', { situacao: 'PAUSED' }],
    );
    assert.match(before, /orçamento diário 5000 centavos/);
    assert.equal(changed, `SUCESSO: orçamento diário da campanha ${SUMMER} agora é R$ 62.50.`);
    assert.equal(paused, `SUCESSO: campanha ${SUMMER} pausada.`);
    assert.match(afterwards, /PAUSED.*orçamento diário 6250 centavos/);
    assert.match(list, /Verão na Praia/);
    const posts = shop.meta.asked(`/${SUMMER}`).filter(({ method }) => method === 'POST');
    assert.deepEqual(posts.map(({ body }) => JSON.parse(body)), [{ daily_budget: 6250 }, { status: 'PAUSED' }]);
  });
});

describe('ads-manager offline', () => {
  const world = sharedWorld({ env: { PROFILE_DIR: shippedProfile('ads-manager'), AI_DRY_RUN: 'true' } });
  const talk = () => {
    const someone = world.customer();
    return async (text) => {
      await someone.writes(text);
      return someone.hears();
    };
  };

  it('lists campaigns, shows their numbers and the month', async () => {
    const asks = talk();
    const active = await asks('quais campanhas estão ativas?');
    assert.match(active, /Verão na Praia.*orçamento diário 5000 centavos/s);
    assert.doesNotMatch(active, /Inverno/);
    assert.match(await asks('como está a Verão na Praia?'), /gasto BRL 348\.72.*CTR 1\.70.*ROAS de compras 3\.12/s);
    assert.match(await asks('e os números da Sabor do Dia?'), /não teve entrega/);
    assert.match(await asks('detalhes da sabor do dia'), /a verba está nos conjuntos de anúncios/);
    assert.match(await asks('e o mês, como está?'), /R\$ 6\.000.*gasto BRL 1842\.15/s);
  });

  it('passes ideas to who creates, and numbers back', async () => {
    const asks = talk();
    assert.match(await asks('oi'), /Iara, analista/);
    assert.match(await asks('tem uma ideia para o Dia das Crianças?'), /aqui é o Davi/);
    assert.match(await asks('e os números?'), /aqui é a Iara/);
  });

  it('changes nothing, and says so', async () => {
    const asks = talk();
    assert.match(await asks('pausa a Verão na Praia'), /Confirma\?/);
    assert.match(await asks('sim'), /Nada foi mudado.*Gerenciador/);
    assert.match(await asks('muda a verba da Verão na Praia para R$ 60,00'), /R\$ 60,00\. Confirma\?/);
    assert.match(await asks('pode mudar'), /Nada foi mudado/);
  });
});
