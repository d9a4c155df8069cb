// multipart/form-data as RFC 7578 has it; what a lenient parser would forgive is a problem here.

// → { parts: Map of name → { value } or { filename, type, bytes }, problems }
export function parseMultipart(headers, body) {
  const problems = [];
  const parts = new Map();
  const [, boundary] = /^multipart\/form-data; boundary=([\w'()+,\-./:=?]{1,70})$/.exec(headers['content-type'] ?? '') ?? [];
  if (!boundary) return { parts, problems: [`content-type ${headers['content-type']} names no boundary`] };
  const pieces = split(body, Buffer.from(`--${boundary}`));
  if (pieces.length < 2 || pieces[0].length > 0) problems.push('the body does not begin with the boundary');
  if (!/^--(\r\n)?$/.test(pieces.at(-1)?.toString('latin1'))) problems.push('the body does not end with the boundary');
  for (const piece of pieces.slice(1, -1)) {
    const head = piece.indexOf('\r\n\r\n');
    if (head < 0 || !piece.subarray(0, 2).equals(CRLF) || !piece.subarray(-2).equals(CRLF)) {
      problems.push('a part is not set off by CRLF');
      continue;
    }
    const bytes = piece.subarray(head + 4, -2);
    const lines = piece.subarray(2, head).toString('latin1').split('\r\n');
    const [, name, filename] =
      /^Content-Disposition: form-data; name="([\w[\]]+)"(?:; filename="([\w.-]+)")?$/m.exec(lines.join('\n')) ?? [];
    const type = lines.find((line) => line.startsWith('Content-Type: '))?.slice('Content-Type: '.length);
    if (!name) problems.push(`a part without a name: ${lines}`);
    if (parts.has(name)) problems.push(`two parts are called ${name}`);
    parts.set(name, filename ? { filename, type, bytes } : { value: bytes.toString('utf8') });
  }
  return { parts, problems };
}

const CRLF = Buffer.from('\r\n');

function split(body, separator) {
  const pieces = [];
  let from = 0;
  for (let at; (at = body.indexOf(separator, from)) >= 0; from = at + separator.length) pieces.push(body.subarray(from, at));
  pieces.push(body.subarray(from));
  return pieces;
}
