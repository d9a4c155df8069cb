// A voice, by espeak-ng.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const said = new Map();

// `text` as the WAV that a server streams: its header does not know how long it will be.
export async function streamedSpeech(text) {
  if (!said.has(text)) {
    const options = { encoding: 'buffer', maxBuffer: 32 << 20 };
    const { stdout } = await run('espeak-ng', ['-v', 'pt-br', '--stdout', '--', text], options);
    said.set(text, stdout);
  }
  return said.get(text);
}
