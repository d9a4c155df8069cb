// Voice notes as customers send them: espeak-ng speaks, ffmpeg or sox puts it into a container. Each is made once.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const made = new Map();

// `text` as the WAV that a server streams: its header does not know how long it will be.
export function streamedSpeech(text) {
  if (!made.has(text)) {
    const options = { encoding: 'buffer', maxBuffer: 32 << 20 };
    made.set(text, run('espeak-ng', ['-v', 'pt-br', '--stdout', '--', text], options).then(({ stdout }) => stdout));
  }
  return made.get(text);
}

// `ending` decides the container: m4a, ogg, mp3, wav, webm, amr-nb, mp4… `more`: arguments of ffmpeg before the file's name.
export function speech(words, ending, more = []) {
  const key = JSON.stringify([words, ending, more]);
  if (!made.has(key)) made.set(key, make(words, ending, more));
  return made.get(key);
}

async function make(words, ending, more) {
  const folder = await mkdtemp(join(tmpdir(), 'atende-speech-'));
  try {
    await run('espeak-ng', ['-v', 'pt-br', '-w', join(folder, 'said.wav'), words]);
    const [said, file] = [join(folder, 'said.wav'), join(folder, `note.${ending}`)];
    if (ending === 'amr-nb') await run('sox', [said, '-r', '8000', '-c', '1', file]); // Debian's ffmpeg writes none
    else await run('ffmpeg', ['-nostdin', '-v', 'error', '-y', '-i', said, ...more, file]);
    return await readFile(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
