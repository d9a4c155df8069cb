// Pieces of the page. Whatever comes from outside becomes textContent, never markup.
import { fieldLabel, fieldValue, text } from './text.js';

// A copy of the page's <template> of that name.
export function copyOf(template) {
  return document.getElementById(template).content.firstElementChild.cloneNode(true);
}

// What a chat app makes of these, and no line breaks inside a phone number.
const LINK_OR_PHONE =
  /(?<link>\bhttps?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]*_]|\bwa\.me\/\d+)|(?<phone>(?<!\d)(?:\+?55 ?)?\(?\d{2}\)? ?9?\d{4}[- ]?\d{4}(?!\d))/giu;

function linkTo(words) {
  const link = document.createElement('a');
  link.href = /^https?:/i.test(words) ? words : `https://${words}`;
  link.target = '_blank';
  link.rel = 'noopener noreferrer';
  link.textContent = words;
  return link;
}

function unbroken(words) {
  const piece = document.createElement('span');
  piece.className = 'phone-number';
  piece.textContent = words;
  return piece;
}

// The element's textContent becomes `words`, with its web addresses as links.
export function fillWords(element, words) {
  const pieces = [];
  let done = 0;
  for (const found of words.matchAll(LINK_OR_PHONE)) {
    pieces.push(words.slice(done, found.index), found.groups.link ? linkTo(found[0]) : unbroken(found[0]));
    done = found.index + found[0].length;
  }
  element.replaceChildren(...pieces, words.slice(done));
}

// The element becomes a player of the file at `source`.
export function fillSound(element, source, label) {
  const player = document.createElement('audio');
  player.controls = true;
  player.preload = 'metadata';
  player.src = source;
  player.setAttribute('aria-label', label);
  element.classList.add('sound');
  element.replaceChildren(player);
}

// The fields that have a value, the ones we know first and in our order.
export function fillFields(list, values) {
  const keys = new Set([...Object.keys(text.fields), ...Object.keys(values)]);
  const rows = [...keys].map((key) => [key, values[key]]).filter(([, value]) => (value ?? '') !== '');
  list.replaceChildren(...rows.map(([key, value]) => {
    const row = document.createElement('div');
    const term = document.createElement('dt');
    const description = document.createElement('dd');
    term.textContent = fieldLabel(key);
    fillWords(description, fieldValue(value));
    row.append(term, description);
    return row;
  }));
}
