// NocoDB on a free port of this machine; run.sh copies this beside its node_modules.
const http = require('http');
const express = require('express');
const { Noco } = require('nocodb');

(async () => {
  const app = express();
  const server = http.createServer(app);
  app.use(await Noco.init({}, server, app));
  server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
})();
