// One NocoDB table, API v2, with NocoDB's most dangerous habit: 200 while unknown columns are silently dropped.
import { FakeServer } from './fake_server.mjs';
import { parseJsonBody } from './json_body.mjs';

const TABLE = 'mtable42';
const RECORDS = `/api/v2/tables/${TABLE}/records`;
const META = `/api/v2/meta/tables/${TABLE}`;

export class FakeNocoDb extends FakeServer {
  token = 'noco-canary-2b7e';
  columns = []; // titles
  rows = []; // { Id, title: value, … }

  static async start(columns) {
    const nocodb = Object.assign(new FakeNocoDb('NocoDB'), { columns });
    await nocodb.comeBack();
    return nocodb;
  }

  get env() {
    return { NOCODB_TABLE_URL: this.url + RECORDS, NOCODB_API_TOKEN: this.token };
  }

  async answer({ method, path, query, headers, body }) {
    if (headers['xc-token'] !== this.token) {
      return refused(401, { error: 'ERR_AUTHENTICATION_REQUIRED', message: 'Authentication required - Invalid token' });
    }
    if (method === 'GET' && path === META) return { body: this.#description() };
    if (method === 'GET' && path === RECORDS) return { body: this.#list(new URLSearchParams(query).get('where')) };
    if (method === 'GET' && path.startsWith(`${RECORDS}/`))
      return this.#one(Number(path.slice(RECORDS.length + 1)), (row) => row);
    if (!['POST', 'PATCH'].includes(method) || path !== RECORDS) {
      this.violation(`${method} ${path} does not exist`);
      return refused(404, { error: 'ERR_TABLE_NOT_FOUND', message: 'Table not found' });
    }
    const { value, problem } = parseJsonBody(headers, body);
    if (problem) {
      this.violation(problem);
      return refused(400, { msg: problem });
    }
    const known = Object.fromEntries(Object.entries(value).filter(([title]) => this.columns.includes(title)));
    if (method === 'PATCH') return this.#one(value.Id, (row) => ({ Id: Object.assign(row, known).Id }));
    this.rows.push({ Id: this.rows.length + 1, ...known });
    return { body: { Id: this.rows.length } };
  }

  #description() {
    const columns = this.columns.map((title) => ({ title, column_name: title.toLowerCase(), uidt: 'SingleLineText' }));
    return {
      id: TABLE,
      title: 'leads',
      columns: [{ title: 'Id', column_name: 'id', uidt: 'ID', pk: true }, ...columns],
    };
  }

  // where=(title,eq,value)
  #list(where) {
    const [, title, value] = /^\(([^,]+),eq,(.*)\)$/.exec(where ?? '') ?? [];
    const list = title ? this.rows.filter((row) => String(row[title] ?? '') === value) : this.rows;
    return { list, pageInfo: { totalRows: list.length, page: 1, pageSize: 25, isFirstPage: true, isLastPage: true } };
  }

  #one(id, use) {
    const row = this.rows.find((candidate) => candidate.Id === Number(id));
    if (!row) return refused(404, { error: 'ERR_RECORD_NOT_FOUND', message: `Record '${id}' not found` });
    return { body: use(row) };
  }
}

function refused(status, body) {
  return { status, body };
}
