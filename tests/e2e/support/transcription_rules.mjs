// What POST /v1/audio/transcriptions accepts. https://platform.openai.com/docs/api-reference/audio/createTranscription
import { hasLoneSurrogate } from './json_body.mjs';

const KNOWN_FIELDS = ['file', 'model', 'language', 'prompt', 'response_format', 'temperature'];
const MODELS = ['whisper-1', 'gpt-4o-transcribe', 'gpt-4o-mini-transcribe'];
const LARGEST = 25 << 20;
// Files are told apart by the ending of their names; what is in them has to fit.
const ENDINGS = {
  m4a: ['audio/mp4', (bytes) => bytes.toString('latin1', 4, 8) === 'ftyp' && !bytes.toString('latin1', 8, 12).startsWith('3g')],
  mp3: ['audio/mpeg', (bytes) => bytes.toString('latin1', 0, 3) === 'ID3' || bytes[0] === 0xff],
  ogg: ['audio/ogg', (bytes) => bytes.toString('latin1', 0, 4) === 'OggS'],
  wav: ['audio/wav', (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF'],
  webm: ['audio/webm', (bytes) => bytes.toString('latin1', 0, 64).includes('webm')],
};

// `parts` as parseMultipart gives them → what is wrong with them, empty if nothing
export function problemsOfTranscription(parts) {
  const problems = [...parts.keys()].filter((name) => !KNOWN_FIELDS.includes(name)).map((name) => `unknown field ${name}`);
  const { model, language, prompt, response_format: format, file } = Object.fromEntries(parts);
  if (!MODELS.includes(model?.value)) problems.push(`model ${model?.value} does not transcribe`);
  if (model?.value !== 'whisper-1' && format && format.value !== 'json') problems.push(`response_format ${format.value}`);
  if (language && !/^[a-z]{2}$/.test(language.value)) problems.push(`language ${language.value} is not of ISO 639-1`);
  if (prompt && (prompt.value === '' || hasLoneSurrogate(prompt.value))) problems.push('prompt is no text');
  if (!file?.bytes) return [...problems, 'file is missing'];
  const [type, fits] = ENDINGS[file.filename.split('.').at(-1)] ?? [];
  if (!fits) problems.push(`${file.filename}: unsupported file format`);
  else if (!fits(file.bytes)) problems.push(`${file.filename} is something else`);
  if (type && file.type !== type) problems.push(`${file.filename} is sent as ${file.type}`);
  if (file.bytes.length === 0 || file.bytes.length > LARGEST) problems.push(`a file of ${file.bytes.length} bytes`);
  return problems;
}
