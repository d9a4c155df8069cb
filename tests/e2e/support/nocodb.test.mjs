// The fake NocoDB behaves as NocoDB 0.301 was seen to.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { FakeNocoDb } from './nocodb.mjs';

describe('fake NocoDB', () => {
  let nocodb;
  before(async () => (nocodb = await FakeNocoDb.start(['Nome', 'Telefone'])));
  after(() => nocodb.stop());
  afterEach(() => nocodb.assertClean());

  async function call(method, path, body, token = nocodb.token) {
    const headers = { 'xc-token': token, 'content-type': 'application/json' };
    const response = await fetch(
      path.startsWith('/') ? nocodb.url + path : nocodb.env.NOCODB_TABLE_URL + path.slice(1),
      { method, headers, body: body && JSON.stringify(body) },
    );
    return { status: response.status, body: await response.json() };
  }

  it('stores, finds, reads and changes a row', async () => {
    const {
      body: { Id },
    } = await call('POST', '.', { Nome: 'Ana', Telefone: '1' });
    assert.deepEqual((await call('GET', `./${Id}`)).body, { Id, Nome: 'Ana', Telefone: '1' });
    assert.deepEqual((await call('PATCH', '.', { Id, Nome: 'Bia' })).body, { Id });
    assert.equal((await call('GET', '.?where=(Nome,eq,Bia)')).body.list.length, 1);
    assert.equal((await call('GET', '.?where=(Nome,eq,Ana)')).body.list.length, 0);
  });
  it('answers 200 and drops a column it does not know', async () => {
    const {
      status,
      body: { Id },
    } = await call('POST', '.', { nome: 'Ana', Cidade: 'Recife' });
    assert.equal(status, 200);
    assert.deepEqual((await call('GET', `./${Id}`)).body, { Id });
  });
  it('describes its columns', async () => {
    const { columns } = (await call('GET', '/api/v2/meta/tables/mtable42')).body;
    assert.deepEqual(
      columns.map(({ title }) => title),
      ['Id', 'Nome', 'Telefone'],
    );
  });
  it('refuses a wrong token and misses what is not there', async () => {
    assert.equal((await call('GET', '.', undefined, 'wrong')).status, 401);
    assert.equal((await call('GET', './999')).status, 404);
    assert.equal((await call('PATCH', '.', { Id: 999 })).status, 404);
    assert.equal((await call('POST', '/api/v2/tables/leads/records', {})).status, 404);
    assert.equal(nocodb.takeViolations().length, 1);
  });
});
