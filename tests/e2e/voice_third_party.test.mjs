// The loop of a voice note against an OpenAI-compatible server that others wrote: what only our own fake understands
// would be noticed here.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LLMock } from '@copilotkit/aimock';
import { startAtende } from './support/atende.mjs';
import { makeHome, removeHome } from './support/home.mjs';
import { MediaHost } from './support/media_host.mjs';
import { FakeMeta } from './support/meta.mjs';
import { speech } from './support/speech.mjs';

describe('a voice note, with aimock for a model', () => {
  it('is transcribed, thought about and answered', async (t) => {
    const mock = new LLMock({ port: 0 });
    mock.onTranscription({ transcription: { text: 'Vocês têm a Jet 125?', language: 'pt', duration: 2 } });
    mock.onMessage(/\[áudio\] Vocês têm a Jet 125\?/, { content: 'Temos a Jet 125, sim!' });
    await mock.start();
    const [home, meta, files] = [await makeHome(), await FakeMeta.start(), await MediaHost.start()];
    const openai = { baseUrl: `${mock.url}/v1`, key: 'test-key' };
    const env = { DEBOUNCE_SECONDS: '0.3', ECHO_HOLD_SECONDS: '0.2', MEDIA_ALLOWED_HOSTS: files.host };
    const atende = await startAtende({ home, env, meta, openai });
    t.after(async () => {
      await meta.settled();
      await atende.stop();
      await Promise.all([removeHome(home), meta.stop(), files.stop(), mock.stop()]);
    });
    const ana = meta.customer();
    mock.nextRequestError(503, { message: 'overloaded', type: 'server_error' }); // for chat alone
    await ana.speaks(files.keep('/note', await speech('Vocês têm a Jet cento e vinte e cinco?', 'm4a')));
    assert.equal(await ana.hears(), 'Temos a Jet 125, sim!');
    const asked = mock.getRequests().map(({ path }) => path.split('?')[0]);
    assert.deepEqual(asked, ['/v1/audio/transcriptions', '/v1/chat/completions', '/v1/chat/completions']);
    meta.assertClean();
  });
});
