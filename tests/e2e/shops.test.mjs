// The profiles that ship hold the conversations that their shops live from: offline, as anybody tries them first, and
// with a model that asks for their tools.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { runAtende } from './support/atende.mjs';
import { makeHome, removeHome } from './support/home.mjs';
import { callTool, reply } from './support/openai.mjs';
import { shippedProfile, shippedProfiles } from './support/profiles.mjs';
import { FakeShopApi } from './support/shop_api.mjs';
import { sharedWorld, World } from './support/world.mjs';

// A customer who writes and hears the answer, line by line.
function talk(world) {
  const someone = world.customer();
  const asks = async (...texts) => {
    for (const text of texts) await someone.writes(text);
    return someone.hears();
  };
  return Object.assign(asks, { customer: someone });
}

const offline = (name) => sharedWorld({ env: { PROFILE_DIR: shippedProfile(name), AI_DRY_RUN: 'true' } });
const leads = (world) => readFile(join(world.home, 'data/leads.csv'), 'utf8');

// A shop whose service answers, and a model that wants its tools.
function shopWithApi(name, variables) {
  const shop = { world: new World(), api: null };
  before(async () => {
    shop.api = await FakeShopApi.start();
    const env = { PROFILE_DIR: shippedProfile(name), TOOL_ALLOWED_HOSTS: shop.api.env.TOOL_ALLOWED_HOSTS };
    for (const each of variables) env[each] = each.endsWith('_URL') ? `${shop.api.url}/api` : shop.api.token;
    Object.assign(shop.world, await World.start({ env }));
  });
  afterEach(() => [shop.world, shop.api].forEach((one) => one.assertClean()));
  after(async () => {
    await shop.world.end();
    await shop.api.stop();
  });
  // One question for which the model wants a tool. → { results, asked }
  shop.model = async (question, tool, args) => {
    const { world, api } = shop;
    const before = api.requests.length;
    world.openai.answerNext(callTool(tool, args), reply('Pronto!'));
    const asks = talk(world);
    assert.equal(await asks(question), 'Pronto!');
    const { toolResults } = world.openai.requests.at(-1);
    return { result: toolResults.at(-1), asked: api.requests.slice(before), customer: asks.customer };
  };
  return shop;
}

describe('every profile that ships', () => {
  let home;
  before(async () => (home = await makeHome()));
  after(() => removeHome(home));

  it('passes check', async () => {
    const names = await shippedProfiles();
    assert.ok(names.length >= 5, names.join());
    for (const name of names) {
      const { code, stdout, stderr } = await runAtende(['check', shippedProfile(name)], { home });
      assert.equal(code, 0, stderr);
      assert.match(stdout, new RegExp(`^${name}@`));
    }
  });
});

describe('motorcycle-dealer offline', () => {
  const world = offline('motorcycle-dealer');

  it('looks into the stock once it knows model and city', async () => {
    const asks = talk(world);
    assert.match(await asks('tem Jet 125 em estoque?'), /Em que cidade/);
    assert.match(await asks('Recife'), /há 3 unidade\(s\) de Jet 125 em Recife/);
    const others = talk(world);
    await others('tem Jet 125 em estoque?');
    assert.match(await others('em recife'), /há 3 unidade\(s\) de Jet 125 em recife/);
    assert.match(await talk(world)('a Storm 200 está disponível? moro em Olinda'), /não há Storm 200 em estoque em Olinda/);
  });

  it('asks for a test ride and tells its number', async () => {
    const asks = talk(world);
    assert.match(await asks('queria fazer um test ride da Jet 125'), /nome e telefone/);
    assert.match(await asks('João da Silva', '81 99999-1234'), /João da Silva.* dia/);
    assert.match(await asks('31/02/2027'), /outro dia/, 'that day does not exist');
    assert.match(await asks('05/03/2027'), /Protocolo TR-2041/);
    assert.match(await leads(world), /João da Silva;\(81\) 99999-1234;Jet 125/);
  });
});

describe('motorcycle-dealer with a model', () => {
  const shop = shopWithApi('motorcycle-dealer', ['STOCK_API_URL', 'STOCK_API_TOKEN']);
  const { world } = shop;

  it('has the tools whose service the shop named, and does without the others', async () => {
    await world.atende.untilLogged(/\[TOOL\] agendar_test_ride is left out: none of TEST_RIDE_API_TOKEN, TEST_RIDE_API_URL is set/);
    await talk(world)('oi');
    const { toolNames } = world.openai.requests.at(-1);
    assert.ok(toolNames.includes('consultar_estoque'));
    assert.ok(!toolNames.includes('agendar_test_ride'));
    assert.ok(!world.atende.log.includes('consultar_estoque is left out'));
  });

  it('asks the stock by model and city', async () => {
    shop.api.answers['/api'] = { body: { quantidade: 2 } };
    const { result, asked } = await shop.model('tem?', 'consultar_estoque', { modelo: 'Jet 125', cidade: 'São Luís' });
    assert.equal(result, 'SUCESSO: há 2 unidade(s) de Jet 125 em São Luís.');
    assert.equal(decodeURIComponent(asked[0].query), 'modelo=Jet 125&cidade=São Luís');
  });
});

describe('optical-store offline', () => {
  const world = offline('optical-store');

  it('tells the state of an order', async () => {
    const asks = talk(world);
    assert.match(await asks('boa tarde', 'cadê meu pedido?'), /assistente virtual da Ótica Mirante Azul.*número do pedido/);
    assert.match(await asks('67890'), /pedido 67890: enviado\. Código de rastreio: BR123456789/);
    assert.match(await asks('e o pedido nº 24680?'), /pronto para retirada/);
    assert.match(await asks('e o 12345?'), /pedido 12345: em separação/);
    assert.match(await asks('e o pedido 11112222?'), /Não encontrei o pedido 11112222/);
  });

  it('opens a ticket in the customer’s words', async () => {
    const asks = talk(world);
    assert.match(await asks('minha lente riscou'), /o que aconteceu/);
    assert.match(await asks('o antirreflexo está descascando nas bordas'), /chamado 4821 aberto.*24 horas/);
  });

  it('tells prices: those of the FAQ and in other words', async () => {
    const asks = talk(world);
    assert.match(await asks('Quanto custa uma lente multifocal?'), /a partir de R\$ 690 o par/);
    assert.match(await asks('e quanto sai uma progressiva?'), /a partir de R\$ 690 o par/);
    assert.match(await asks('Quais as formas de pagamento?'), /10x sem juros/);
  });

  it('remembers what was said on other days', async () => {
    assert.match(await talk(world)('vocês têm meu histórico?'), /cliente novo, sem conversas em outros dias/);
  });

  it('saves who wants to buy', async () => {
    assert.match(await talk(world)('quero um óculos multifocal', 'meu nome é Marta Lima', '31 98888-7777'), /Prontinho, Marta Lima.*lentes multifocais/);
    assert.match(await leads(world), /Marta Lima;\(31\) 98888-7777;lentes multifocais/);
  });
});

describe('optical-store with a model', () => {
  const shop = shopWithApi('optical-store', ['ORDERS_API_URL', 'ORDERS_API_TOKEN', 'TICKETS_API_URL', 'TICKETS_API_TOKEN']);

  it('asks the shop for the order, saying who asks', async () => {
    shop.api.answers['/api/pedidos/67890'] = { body: { status: 'enviado', rastreio: 'BR1' } };
    const { result, asked, customer } = await shop.model('meu pedido 67890?', 'consultar_pedido', { numero_pedido: '67890' });
    assert.equal(result, 'SUCESSO: pedido 67890: enviado. Código de rastreio: BR1.');
    assert.deepEqual(asked.map(({ method, query }) => [method, query]), [['GET', `contato=${customer.id}`]]);
  });

  it('opens a ticket once', async () => {
    shop.api.answers['/api/tickets'] = { status: 201, body: { id: 77 } };
    const { result, asked, customer } = await shop.model('a lente riscou', 'criar_ticket_suporte', { descricao: 'a lente direita riscou' });
    assert.match(result, /^SUCESSO: chamado 77 aberto com prioridade normal/);
    const form = Object.fromEntries(new URLSearchParams(asked[0].body.toString()));
    assert.deepEqual(form, { descricao: 'a lente direita riscou', prioridade: 'normal', contato: customer.id });
    assert.match(asked[0].headers['idempotency-key'], /^[0-9a-f]{32}$/, 'which does not say who the customer is');
  });

  it('knows what the shop wrote about lenses, and how people write on WhatsApp', async () => {
    await talk(shop.world)('o que é antirreflexo?');
    const told = shop.world.openai.requests.at(-1).messages.filter(({ role }) => role === 'system').map(({ content }) => content);
    assert.match(told.join('\n'), /Antirreflexo: menos reflexo/);
    assert.match(told[0], /um asterisco de cada lado/);
  });
});

describe('course-sales offline', () => {
  const world = offline('course-sales');

  it('tells the price of the course that was asked about', async () => {
    const asks = talk(world);
    assert.match(await asks('Qual o preço do curso?'), /Qual deles/);
    assert.match(await asks('o de marketing, quanto é?'), /Marketing Digital custa R\$ 497/);
    assert.match(await asks('e quanto custa o de excel?'), /Excel para Negócios custa R\$ 197/);
    assert.match(await asks('Tem certificado?'), /certificado digital/);
  });

  it('saves who wants to enrol', async () => {
    assert.match(await talk(world)('quero o de fotografia', 'Rosa Melo', '85 98888-7777'), /Rosa Melo.*Fotografia com Celular/);
    assert.match(await leads(world), /Rosa Melo.*Fotografia com Celular/);
  });

  it('passes students to the support, and back', async () => {
    const asks = talk(world);
    assert.match(await asks('oi'), /Lívia/);
    assert.match(await asks('já sou aluna e não consigo entrar'), /aqui é o Beto.*aluno@trilhacriativa/);
    assert.match(await asks('e se eu quiser desistir?'), /Até 7 dias/);
    assert.match(await asks('quero comprar outro curso'), /aqui é a Lívia/);
  });

  it('finds the price of every course for “quanto custa”', async () => {
    const answer = await fetch(`${world.atende.url}/context/preview?q=quanto+custa`);
    const texts = (await answer.json()).passages.map(({ text }) => text).join('\n');
    for (const price of [497, 349, 297, 197]) assert.ok(texts.includes(`Preço: R$ ${price}`), texts);
  });

  it('says the prices that its knowledge has', async () => {
    const folder = shippedProfile('course-sales');
    const files = await readdir(join(folder, 'knowledge/cursos'));
    const known = await Promise.all(files.map((name) => readFile(join(folder, 'knowledge/cursos', name), 'utf8')));
    const written = known.map((text) => /^Preço: (R\$ \d+)$/m.exec(text)[1]).sort();
    const profile = await readFile(join(folder, 'profile.yaml'), 'utf8');
    assert.deepEqual([...profile.matchAll(/^ {2}price_\w+: (R\$ \d+)$/gm)].map((one) => one[1]).sort(), written);
  });
});

describe('course-sales with a model', () => {
  const world = sharedWorld({ env: { PROFILE_DIR: shippedProfile('course-sales') } });
  const told = () => world.openai.requests.at(-1).messages.map(({ content }) => content).join('\n');

  it('is shown the price that answers “quanto custa”', async () => {
    const asks = talk(world);
    await asks('oi! quanto custa o curso de tráfego pago?');
    assert.match(told(), /<trecho arquivo="knowledge\/cursos\/marketing_digital.txt" linhas="1-\d+">[^<]*Preço: R\$ 497/);
    await asks('e dá pra desistir e ter o dinheiro de volta?');
    assert.match(told(), /Até 7 dias depois da compra o valor volta inteiro/);
  });
});

describe('clinic-handoff offline', () => {
  const world = offline('clinic-handoff');

  it('answers what the reception desk is asked every day', async () => {
    const asks = talk(world);
    assert.match(await asks('oi, quanto é a consulta?'), /Clínica Vale Claro.*R\$ 280.*Unisaúde/);
    assert.match(await asks('Precisa de jejum?'), /8 a 12 horas/);
    assert.match(await asks('onde fica?'), /Rua das Acácias, 215/);
  });

  it('sends who is in danger to the emergency services', async () => {
    assert.match(await talk(world)('meu pai está com dor no peito'), /192.*pronto-socorro/);
  });

  it('takes a message for the reception', async () => {
    const asks = talk(world);
    assert.match(await asks('quero deixar um recado'), /Qual é o recado/);
    assert.match(await asks('Paula, remarcar o pediatra, de manhã'), /Recado entregue/);
  });

  it('leaves who asks for a person to the reception, and is silent', async () => {
    const asks = talk(world);
    assert.match(await asks('Bom dia! Quero FALAR COM ATENDENTE, por favor'), /vou chamar alguém da recepção.*\(19\) 3333-0215/);
    const heard = asks.customer.inbox.length;
    await asks.customer.writes('alô? quanto é a consulta?');
    await world.quiet();
    assert.equal(asks.customer.inbox.length, heard);
  });

  it('hands over what only a person can do', async () => {
    const asks = talk(world);
    assert.match(await asks('quero marcar uma consulta com o ortopedista'), /Já avisei a recepção/);
    const heard = asks.customer.inbox.length;
    await asks.customer.writes('terça de manhã pode?');
    await world.quiet();
    assert.equal(asks.customer.inbox.length, heard);
  });
});
