// Leads in the shop's NocoDB table.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FakeNocoDb } from './support/nocodb.mjs';
import { callTool, reply } from './support/openai.mjs';
import { worldFor } from './support/world.mjs';

const COLUMNS = ['Nome', 'Telefone', 'Interesse', 'Cidade', 'E-mail', 'Consentimento', 'Observações', 'ID do contato'];
const LEAD = { name: 'Ana Souza', phone: '81 99876-5432', interest: 'XY 150', city: 'Recife' };

async function shopWith(test, columns, env) {
  const nocodb = await FakeNocoDb.start(columns);
  test.after(() => nocodb.stop());
  const world = await worldFor(test, { env: { ...nocodb.env, ...env } });
  return { nocodb, world, ana: world.customer() };
}

// The customer says something, the model saves `lead`. → what the tool told the model
async function saving({ world, ana }, lead) {
  world.openai.answerNext(callTool('add_lead_to_nocodb', lead), reply('Certo!'));
  await ana.writes('meus dados');
  await ana.hears();
  return world.openai.requests.at(-1).toolResults.at(-1);
}

describe('a lead', () => {
  it('is stored in the columns of the profile and updated by a second call', async (t) => {
    const shop = await shopWith(t, COLUMNS);
    assert.match(await saving(shop, LEAD), /^SUCESSO:/);
    assert.match(await saving(shop, { ...LEAD, city: 'Olinda' }), /^SUCESSO:/);
    const [row, ...others] = shop.nocodb.rows;
    assert.deepEqual(others, []);
    assert.deepEqual(
      [row.Nome, row.Interesse, row.Cidade, row['ID do contato']],
      ['Ana Souza', 'XY 150', 'Olinda', shop.ana.id],
    );
    assert.match(row.Telefone, /^\+?55\D*81\D*99876\D*5432$/);
    shop.nocodb.assertClean();
  });

  it('is not called saved when the table cannot hold what is required', async (t) => {
    const shop = await shopWith(
      t,
      COLUMNS.filter((title) => title !== 'Telefone'),
    );
    assert.match(await saving(shop, LEAD), /^ERRO:/);
    assert.deepEqual(shop.nocodb.rows, []);
  });

  it('is not called saved when NocoDB refuses the token', async (t) => {
    const shop = await shopWith(t, COLUMNS, { NOCODB_API_TOKEN: 'wrong' });
    assert.match(await saving(shop, LEAD), /^ERRO:/);
    await shop.world.atende.untilLogged(/\[TOOL\].*NOCODB_API_TOKEN/);
  });
});
