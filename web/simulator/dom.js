// Pieces of the page. Whatever comes from outside becomes textContent, never markup.
import { fieldLabel, fieldValue, text } from './text.js';

// A copy of the page's <template> of that name.
export function copyOf(template) {
  return document.getElementById(template).content.firstElementChild.cloneNode(true);
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
    description.textContent = fieldValue(value);
    row.append(term, description);
    return row;
  }));
}
