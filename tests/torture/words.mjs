// What customers write and what the fake model answers. Every text says which messages it is about, so that the log
// of the fake Meta alone tells which turn consumed which message.

const MARK = /\[m(\d+)\.(\d+)\]/g;
const ANSWER = /^\[a(\d+)\|([\d.,-]+)\|(\d+)\/(\d+)\](!)?/;
const LEAD = '#cadastro';
export const POISON = '[veneno]'; // src/app/answering.cpp, variant poison: whoever reads it dies
const PARAGRAPH_BYTES = 620; // the product cuts at 1,000 bytes, and prefers the end of a paragraph
const FILLER = 'A moto sai com a documentação em dia e a revisão inclusa. ';

// `contact` and `number` are the customer's and the message's, from 1.
export function customerText(contact, number, { lead, poison } = {}) {
  const mark = `[m${contact}.${number}]`;
  if (poison) return `${mark} ${POISON}`;
  return lead ? `${mark} sou Ana Souza, telefone ${phoneOf(contact)} ${LEAD}` : `${mark} e a XY 150, ainda tem?`;
}

// → ['<contact>.<number>', …] in the order of the text
export function messagesIn(text) {
  return [...text.matchAll(MARK)].map(([, contact, number]) => `${contact}.${number}`);
}

export const asksForLead = (text) => text.includes(LEAD);

export function leadIn(text) {
  const [first] = messagesIn(text.slice(text.lastIndexOf('[m', text.indexOf(LEAD))));
  return { name: 'Ana Souza', phone: phoneOf(Number(first.split('.')[0])) };
}

// One paragraph a part; `saved`: the answer tells the customer that the lead was saved.
export function answerText(answer, messages, parts, saved = false) {
  const paragraph = (part) => {
    const head = `[a${answer}|${namesInShort(messages)}|${part}/${parts}]${saved ? '!' : ''} `;
    if (head.length > PARAGRAPH_BYTES) throw new Error(`the product would cut these names apart: ${head}`);
    if (parts === 1) return `${head}Temos sim!`;
    return (head + FILLER.repeat(12)).slice(0, PARAGRAPH_BYTES - 1).trimEnd() + '.';
  };
  return Array.from({ length: parts }, (_, i) => paragraph(i + 1)).join('\n\n');
}

// → { answer, messages, part, parts, saved } of one sent text, or null for a text that is no answer
export function readAnswer(text) {
  const found = ANSWER.exec(text);
  if (!found) return null;
  const [, answer, names, part, parts, saved] = found;
  return {
    answer: Number(answer),
    messages: namesIn(names),
    part: Number(part),
    parts: Number(parts),
    saved: Boolean(saved),
  };
}

// A customer who waited while Redis was away has hundreds of messages answered at once, and the product cuts at 1,000
// bytes: '7.3','7.4','7.5','7.9' is 7.3-5,7.9.
function namesInShort(messages) {
  const runs = [];
  for (const name of messages) {
    const [contact, number] = name.split('.').map(Number);
    const last = runs.at(-1);
    if (last?.contact === contact && last.to + 1 === number) last.to = number;
    else runs.push({ contact, from: number, to: number });
  }
  return runs.map(({ contact, from, to }) => `${contact}.${from}${to > from ? `-${to}` : ''}`).join(',');
}

function namesIn(short) {
  return short.split(',').flatMap((run) => {
    const [, contact, from, to = from] = /^(\d+)\.(\d+)(?:-(\d+))?$/.exec(run);
    return Array.from({ length: to - from + 1 }, (_, i) => `${contact}.${Number(from) + i}`);
  });
}

function phoneOf(contact) {
  return `81 9${String(70_000_000 + contact)}`;
}
