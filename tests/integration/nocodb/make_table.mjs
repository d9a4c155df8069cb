// Signs up, makes a table of leads as a shop would, and prints what real_nocodb needs as shell exports.
const server = process.argv[2];

async function post(path, body, token) {
  const headers = { 'content-type': 'application/json', ...(token && { 'xc-auth': token }) };
  const answer = await fetch(server + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

const column = (title, uidt, options) => ({
  column_name: title.toLowerCase().replace(/[^a-z]/g, '_'),
  title,
  uidt,
  ...(options && { colOptions: { options: options.map((option) => ({ title: option })) } }),
});

const { token } = await post('/api/v1/auth/user/signup', { email: 'admin@example.test', password: 'Passw0rd!x' });
const base = await post('/api/v2/meta/bases', { title: 'crm' }, token);
const makeTable = (title, columns) =>
  post(`/api/v2/meta/bases/${base.id}/tables`, { table_name: title, title, columns }, token);

const leads = await makeTable('leads', [
  column('Nome completo', 'SingleLineText'),
  column('WhatsApp', 'PhoneNumber'),
  column('E-mail', 'Email'),
  column('Modelo de interesse', 'MultiSelect', ['XY 150', 'Jet 50']),
  column('Consentimento', 'Checkbox'),
  column('Cidade', 'SingleLineText'),
  column('Observações', 'LongText'),
  column('ID do contato (Instagram)', 'SingleLineText'),
  column('Canal', 'SingleSelect', ['Instagram', 'WhatsApp']),
  column('Recebido em', 'DateTime'),
  column('Data do cadastro', 'Date'),
  column('Valor', 'Number'),
]);
const anonymous = await makeTable('anonymous', [column('Nome', 'SingleLineText'), column('Telefone', 'PhoneNumber')]);
const api = await post('/api/v1/tokens', { description: 'atende' }, token);

console.log(`export NOCODB_SERVER='${server}' NOCODB_BASE='${base.id}' NOCODB_TABLE='${leads.id}'`);
console.log(`export NOCODB_ANONYMOUS_TABLE='${anonymous.id}' NOCODB_API_TOKEN='${api.token}'`);
