// docker/nginx.conf in the real nginx, on this machine. Only ports, addresses and paths are others.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import https from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { adapt, answers, endAll, launch } from './proxy.mjs';
import { freePort } from './redis.mjs';
import { eventually } from './wait.mjs';

export const WITHOUT_NGINX = !existsSync('/usr/sbin/nginx') && !process.env.CI && 'nginx is not installed';
const HOST = 'dm.example.com';

// `home`: a directory for its files. `agentUrl`: where atende listens.
export async function startNginx({ home, agentUrl }) {
  const nginx = new Nginx(home);
  await nginx.start(agentUrl);
  return nginx;
}

class Nginx {
  #home;
  #child;
  #port;

  constructor(home) {
    this.#home = home;
    this.webroot = join(home, 'html');
  }

  async start(agentUrl) {
    this.#port = await freePort();
    const plainPort = await freePort();
    this.url = `https://127.0.0.1:${this.#port}`;
    this.plainUrl = `http://127.0.0.1:${plainPort}`;
    await mkdir(this.webroot);
    await this.#makeCertificate();
    const site = await adapt(this.#home, 'nginx.conf', {
      'server 127.0.0.1:8000;': `server ${new URL(agentUrl).host};`,
      'listen 80;': `listen 127.0.0.1:${plainPort};`,
      'listen [::]:80;': '',
      'listen 443 ssl http2;': `listen 127.0.0.1:${this.#port} ssl http2;`,
      'listen [::]:443 ssl http2;': '',
      [`/etc/letsencrypt/live/${HOST}`]: this.#home,
      '/var/www/html': this.webroot,
    });
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    const around = [
      `daemon off; master_process off; error_log stderr; pid ${this.#home}/nginx.pid;`,
      'events {}',
      `http { access_log off; include ${site};`,
      ...temporary.map((what) => `${what}_temp_path ${this.#home}/${what};`),
      '}',
    ];
    const configuration = join(this.#home, 'around.conf');
    await writeFile(configuration, around.join('\n'));
    this.#child = launch('nginx', ['-e', 'stderr', '-c', configuration], { home: this.#home });
    await eventually(() => answers(this.plainUrl), 'answer of nginx');
  }

  // → { status, body }, over TLS, for the host of its certificate. Without `body`, one that the headers announce never
  // comes.
  ask(method, path, { headers = {}, body } = {}) {
    return new Promise((resolve, reject) => {
      const where = { host: '127.0.0.1', port: this.#port, ...this.tls, agent: false };
      const request = https.request({ ...where, method, path, headers: { host: HOST, ...headers } });
      request.on('error', reject).on('response', async (response) => {
        const chunks = await response.toArray();
        request.destroy();
        resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() });
      });
      if (body === undefined && 'content-length' in headers) request.flushHeaders();
      else request.end(body);
    });
  }

  stop() {
    return endAll([this.#child]);
  }

  async #makeCertificate() {
    const [key, chain] = [join(this.#home, 'privkey.pem'), join(this.#home, 'fullchain.pem')];
    const kind = ['-x509', '-nodes', '-days', '2', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
    const name = ['-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`];
    await promisify(execFile)('openssl', ['req', ...kind, ...name, '-keyout', key, '-out', chain]);
    this.tls = { servername: HOST, ca: await readFile(chain) };
  }
}
