// Where a platform keeps what people send: files by path, or whatever else a web server answers.
import { FakeServer } from './fake_server.mjs';

export class MediaHost extends FakeServer {
  requests = []; // paths, in the order asked
  answers = new Map(); // by path: an answer as FakeServer has them, or a function that gives one

  static async start() {
    const host = new MediaHost('media host');
    await host.comeBack();
    return host;
  }

  // As MEDIA_ALLOWED_HOSTS has it.
  get host() {
    return new URL(this.url).host;
  }

  // → the file's URL
  keep(path, bytes, type = 'application/octet-stream') {
    return this.put(path, { headers: { 'content-type': type }, body: bytes });
  }

  put(path, answer) {
    this.answers.set(path, answer);
    return this.url + path;
  }

  async answer({ method, path, headers }) {
    this.requests.push(path);
    if (method !== 'GET') this.violation(`${method} ${path}`);
    if (headers.authorization) this.violation(`${path}: was shown a token that is none of its business`);
    const answer = this.answers.get(path);
    return (typeof answer === 'function' ? answer() : answer) ?? { status: 404 };
  }
}
