// A shop's own service, which its tools ask.
import { FakeServer } from './fake_server.mjs';

export class FakeShopApi extends FakeServer {
  token = 'shop-canary-7f21';
  requests = [];
  // path → answer, or a function of the request
  answers = {};

  static async start() {
    const shop = new FakeShopApi('shop API');
    await shop.comeBack();
    return shop;
  }

  // The host stands on this machine, so it has to be listed.
  get env() {
    return { SHOP_API_URL: this.url, SHOP_API_TOKEN: this.token, TOOL_ALLOWED_HOSTS: new URL(this.url).host };
  }

  async answer(request) {
    this.requests.push(request);
    if (request.headers.authorization !== `Bearer ${this.token}`) {
      this.violation(`${request.method} ${request.path}: wrong bearer token`);
      return { status: 401, body: { erro: 'token' } };
    }
    const answer = this.takeScripted(request) ?? this.answers[request.path];
    if (!answer) {
      this.violation(`${request.method} ${request.path} does not exist`);
      return { status: 404, body: { erro: 'not found' } };
    }
    return typeof answer === 'function' ? answer(request) : answer;
  }
}
