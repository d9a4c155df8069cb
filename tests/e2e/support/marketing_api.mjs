// Meta's Marketing API as far as a campaign manager asks it. Who asks wrongly gets Graph's error, and the test fails.
// https://developers.facebook.com/documentation/ads-commerce/marketing-api/reference/ad-account/campaigns
// https://developers.facebook.com/docs/marketing-api/reference/ad-campaign-group
// https://developers.facebook.com/docs/marketing-api/reference/ad-campaign-group/insights
import { FakeServer } from './fake_server.mjs';
import { parseJsonBody } from './json_body.mjs';

const CAMPAIGN_FIELDS = new Set(
  ('id name objective status effective_status daily_budget lifetime_budget budget_remaining bid_strategy start_time ' +
    'stop_time created_time updated_time').split(' '),
);
const INSIGHTS_FIELDS = new Set(
  ('account_currency actions campaign_id campaign_name clicks cpc cpm ctr frequency impressions purchase_roas reach ' +
    'spend').split(' '),
);
const DATE_PRESETS = new Set(
  ('today yesterday this_month last_month this_quarter maximum data_maximum last_3d last_7d last_14d last_28d last_30d ' +
    'last_90d last_week_mon_sun last_week_sun_sat last_quarter last_year this_week_mon_today this_week_sun_today ' +
    'this_year').split(' '),
);
const EFFECTIVE_STATUSES = new Set('ACTIVE PAUSED DELETED ARCHIVED IN_PROCESS WITH_ISSUES'.split(' '));

const graphError = (status, code, message) => ({
  status,
  body: { error: { message, type: 'OAuthException', code, fbtrace_id: 'AbCdEf' } },
});

export class FakeMarketingApi extends FakeServer {
  token = 'EAAB-ads-canary-51c2';
  account = '1002003004';
  requests = [];
  campaigns = []; // as the API shows them; amounts in cents, as texts
  insights = {}; // id of a campaign, or 'account' → a row; none: nothing was delivered

  static async start() {
    const api = new FakeMarketingApi('Marketing API');
    await api.comeBack();
    return api;
  }

  get env() {
    return {
      META_GRAPH_URL: `${this.url}/v25.0`,
      META_ADS_ACCESS_TOKEN: this.token,
      META_AD_ACCOUNT_ID: this.account,
      TOOL_ALLOWED_HOSTS: new URL(this.url).host,
    };
  }

  asked(path) {
    return this.requests.filter((one) => one.path === `/v25.0${path}`);
  }

  async answer(request) {
    const query = Object.fromEntries(new URLSearchParams(request.query));
    this.requests.push({ ...request, query });
    if (request.headers.authorization !== `Bearer ${this.token}`) return this.#refuse(401, 190, 'Invalid OAuth token');
    const scripted = this.takeScripted(request);
    if (scripted) return scripted;
    const [, id, edge] = /^\/v25\.0\/(act_\d+|\d+)(?:\/(campaigns|insights))?$/.exec(request.path) ?? [];
    const isAccount = id === `act_${this.account}`;
    const campaign = this.campaigns.find((one) => one.id === id);
    if (!isAccount && !campaign) return this.#refuse(400, 100, `Unsupported request ${request.path}`, id !== undefined);
    if (request.method === 'POST' && campaign && !edge) return this.#change(campaign, request);
    if (request.method !== 'GET') return this.#refuse(400, 100, `Unsupported ${request.method} ${request.path}`);
    if (edge === 'insights') return this.#insights(isAccount ? 'account' : id, query);
    if (isAccount && edge === 'campaigns') return this.#list(query);
    if (campaign && !edge) return this.#read(campaign, query);
    return this.#refuse(400, 100, `Unsupported request ${request.path}`);
  }

  #list({ fields, effective_status, limit, ...rest }) {
    const problem = wrongFields(fields, CAMPAIGN_FIELDS) ?? unknown(rest) ?? wrongStatuses(effective_status);
    if (problem || !/^(\d+)?$/.test(limit ?? '')) return this.#refuse(400, 100, problem ?? `limit ${limit}`);
    const wanted = effective_status ? JSON.parse(effective_status) : ['ACTIVE', 'PAUSED', 'WITH_ISSUES'];
    const data = this.campaigns.filter((one) => wanted.includes(one.effective_status)).map((one) => only(one, fields));
    return { body: { data, paging: { cursors: { before: 'a', after: 'b' } } } };
  }

  #read(campaign, { fields, ...rest }) {
    const problem = wrongFields(fields, CAMPAIGN_FIELDS) ?? unknown(rest);
    return problem ? this.#refuse(400, 100, problem) : { body: only(campaign, fields) };
  }

  #insights(of, { fields, date_preset, ...rest }) {
    const problem =
      wrongFields(fields, INSIGHTS_FIELDS) ??
      unknown(rest) ??
      (DATE_PRESETS.has(date_preset) ? undefined : `date_preset ${date_preset}`);
    if (problem) return this.#refuse(400, 100, problem);
    const row = this.insights[of];
    return { body: { data: row ? [{ ...only(row, fields), date_start: '2027-01-04', date_stop: '2027-01-10' }] : [] } };
  }

  #change(campaign, { headers, body }) {
    const { value, problem } = parseJsonBody(headers, body);
    if (problem) return this.#refuse(400, 100, problem);
    const { status, daily_budget, ...rest } = value;
    const wrong =
      unknown(rest) ??
      (status === undefined || ['ACTIVE', 'PAUSED'].includes(status) ? undefined : `status ${status}`) ??
      (daily_budget === undefined || Number.isInteger(daily_budget) ? undefined : `daily_budget ${daily_budget}`);
    if (wrong) return this.#refuse(400, 100, wrong);
    if (status) campaign.effective_status = status;
    if (daily_budget) campaign.daily_budget = String(daily_budget);
    return { body: { success: true } };
  }

  // `provoked`: a test may ask for what does not exist.
  #refuse(status, code, message, provoked = false) {
    if (!provoked) this.violation(`${message} (${code})`);
    return graphError(status, code, message);
  }
}

export const rateLimited = () => graphError(400, 17, 'User request limit reached');
export const expiredToken = () => graphError(401, 190, 'Error validating access token: Session has expired');

const only = (object, fields) =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name === 'id' || fields.split(',').includes(name)));
const unknown = (rest) => (Object.keys(rest).length > 0 ? `unknown parameter ${Object.keys(rest)[0]}` : undefined);

function wrongFields(fields, known) {
  const wrong = (fields ?? '').split(',').find((name) => !known.has(name));
  return wrong === undefined ? undefined : `nonexistent field (${wrong})`;
}

function wrongStatuses(text) {
  if (text === undefined) return undefined;
  try {
    const list = JSON.parse(text);
    if (Array.isArray(list) && list.every((one) => EFFECTIVE_STATUSES.has(one))) return undefined;
  } catch {
    // said below
  }
  return `effective_status must be an array of statuses, not ${text}`;
}
