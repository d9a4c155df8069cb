// Wires the page: what the customer does goes to the server's API, what the server reports is drawn.
import { Chat } from './chat.js';
import { Recorder } from './recorder.js';
import { text, translatePage } from './text.js';
import { Timeline } from './timeline.js';

const DEMO_PAUSE_MS = 700;
const RETRY_FIRST_MS = 500;
const RETRY_AT_MOST_MS = 5_000;
const FACTS_EVERY_MS = 3_000; // a profile is edited while its author looks at the page

const byId = (id) => document.getElementById(id);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

translatePage();
const chat = new Chat({ onEdit: startEditing, onUnsend: unsend });
const timeline = new Timeline();
const composer = byId('composer');
const input = byId('composer-text');

const recorder = new Recorder(showRecording);

let contact = sessionStorage.getItem('atende.contact');
let following = null;               // AbortController of the conversation shown
let writing = Promise.resolve();    // what the customer does reaches the server in the order it was done
let demo = [];                       // messages of the demonstration
let suggested = [];
let mode = { name: 'customer' };    // or { name: 'owner' }, { name: 'edit', messageId }

// `body`: an object to be sent as JSON, or a Blob
async function call(path, body) {
  const options = body && {
    method: 'POST',
    headers: { 'Content-Type': body instanceof Blob ? body.type : 'application/json' },
    body: body instanceof Blob ? body : JSON.stringify(body),
  };
  const response = await fetch(`/simulator/api/${path}`, options);
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error?.message ?? `HTTP ${response.status}`);
  return answer;
}

// → whether the server took it
function write(path, body) {
  const attempt = writing.then(() => call(path, body)).then(
    () => { notify(''); return true; },
    (failure) => { notify(text.notSent); console.warn(failure); return false; },
  );
  writing = attempt;
  return attempt;
}

async function follow(whom, signal) {
  let next = 0;
  let pause = RETRY_FIRST_MS;
  let lost = true; // the first answer also brings the facts of the server
  while (!signal.aborted) {
    try {
      const query = new URLSearchParams({ contact: whom, after: next, wait: lost ? 0 : 25 });
      const response = await fetch(`/simulator/api/events?${query}`, { signal });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      const news = await response.json();
      if (lost) {
        await showFacts();
        notify('');
      }
      if (signal.aborted) return;
      next = news.next;
      lost = false;
      pause = RETRY_FIRST_MS;
      for (const event of news.events) show(event, news.now_ms);
    } catch {
      if (signal.aborted) return;
      lost = true;
      notify(text.offline);
      await sleep(pause);
      pause = Math.min(pause * 2, RETRY_AT_MOST_MS);
    }
  }
}

async function showFacts() {
  const facts = await call('state');
  chat.setAgent(facts.agent_name);
  demo = facts.demo;
  showSuggestions(facts.suggestions);
  byId('fact-profile').textContent = `${facts.profile} ${facts.profile_version}`;
  showRefused(facts.profile_problems);
  byId('fact-model').textContent = facts.model;
  byId('fact-version').textContent = facts.version;
  for (const element of document.querySelectorAll('.handle')) element.textContent = facts.account;
}

// Again only if they are others: whoever is about to click one must still meet it.
function showSuggestions(lines) {
  if (lines.join('\n') === suggested.join('\n')) return;
  suggested = lines;
  byId('suggestions').replaceChildren(...lines.map((words) => {
    const item = document.createElement('li');
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = words;
    button.addEventListener('click', () => { setMode({ name: 'customer' }); submit(words); });
    item.append(button);
    return item;
  }));
}

function showRefused(problems) {
  byId('refused').hidden = problems.length === 0;
  byId('refused-problems').replaceChildren(...problems.map((problem) => {
    const item = document.createElement('li');
    item.textContent = problem;
    return item;
  }));
}

function show(event, now) {
  try {
    if (event.kind === 'stage') timeline.show(event, now);
    else chat.show(event);
  } catch (mistake) {
    reportError(mistake); // one odd event never costs its neighbours
  }
}

function notify(words) {
  const notice = byId('notice');
  notice.textContent = words;
  notice.hidden = words === '';
}

function newContact() {
  const random = crypto.getRandomValues(new Uint8Array(12));
  return `sim_${[...random].map((byte) => (byte % 36).toString(36)).join('')}`;
}

function open(chosen) {
  recorder.cancel();
  following?.abort();
  following = new AbortController();
  contact = chosen;
  sessionStorage.setItem('atende.contact', contact);
  byId('fact-contact').textContent = contact;
  chat.clear();
  timeline.clear();
  setMode({ name: 'customer' });
  follow(contact, following.signal);
}

async function submit(words) {
  if (words.trim() === '') return;
  const { name, messageId } = mode;
  setMode({ name: 'customer' });
  const taken =
    name === 'edit' ? await write('edit', { contact, message_id: messageId, text: words })
    : name === 'owner' ? await write('human', { contact, text: words })
    : await write('messages', { contact, text: words });
  if (!taken && input.value === '') setText(words);
}

function startEditing(messageId, words) {
  setMode({ name: 'edit', messageId });
  setText(words);
}

function unsend(messageId) {
  write('unsend', { contact, message_id: messageId });
}

async function recordVoiceNote() {
  if (recorder.recording) return recorder.stop();
  const whose = contact;
  setMode({ name: 'customer' });
  const voice = await recorder.record().catch((failure) => {
    notify(text.noMicrophone);
    console.warn(failure);
    return null;
  });
  if (voice && voice.size > 0) await write(`voice?${new URLSearchParams({ contact: whose })}`, voice);
}

function showRecording(on) {
  const button = byId('record');
  button.setAttribute('aria-pressed', String(on));
  button.setAttribute('aria-label', on ? text.sendRecording : text.record);
  notify(on ? text.recording : '');
}

async function playDemo() {
  byId('demo').disabled = true;
  open(newContact());
  const mine = contact;
  for (const words of demo) {
    if (contact !== mine) break;
    await write('messages', { contact: mine, text: words });
    await sleep(DEMO_PAUSE_MS);
  }
  byId('demo').disabled = false;
}

function setMode(chosen) {
  if (mode.name !== 'customer' && chosen.name === 'customer') setText('');
  mode = chosen;
  const words = { edit: text.editing, owner: text.owning }[mode.name];
  byId('mode').hidden = !words;
  byId('mode-text').textContent = words ?? '';
  byId('owner').setAttribute('aria-pressed', String(mode.name === 'owner'));
  byId('send').textContent = mode.name === 'edit' ? text.save : text.send;
  input.placeholder = mode.name === 'owner' ? text.ownerPlaceholder : text.placeholder;
  if (words) input.focus();
}

function setText(words) {
  input.value = words;
  fitText();
}

function fitText() {
  byId('send').disabled = input.value.trim() === '';
  input.style.height = 'auto';
  input.style.height = `${input.scrollHeight}px`;
}

composer.addEventListener('submit', (event) => {
  event.preventDefault();
  const words = input.value;
  setText('');
  submit(words);
  input.focus();
});
input.addEventListener('input', fitText);
input.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && mode.name !== 'customer') setMode({ name: 'customer' });
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  composer.requestSubmit();
});
byId('record').hidden = !Recorder.possible;
byId('record').addEventListener('click', recordVoiceNote);
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && recorder.recording) recorder.cancel();
});
byId('mode-cancel').addEventListener('click', () => { setMode({ name: 'customer' }); input.focus(); });
byId('owner').addEventListener('click', () => setMode({ name: mode.name === 'owner' ? 'customer' : 'owner' }));
byId('new-customer').addEventListener('click', () => { open(newContact()); input.focus(); });
byId('demo').addEventListener('click', playDemo);
byId('happened-toggle').addEventListener('click', (event) => {
  const opens = event.currentTarget.getAttribute('aria-expanded') !== 'true';
  event.currentTarget.setAttribute('aria-expanded', String(opens));
  document.body.classList.toggle('showing-timeline', opens);
});

function showTime() {
  byId('clock').textContent = new Date().toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hour12: false });
}
showTime();
setInterval(showTime, 10_000);
setInterval(() => {
  if (!document.hidden) showFacts().catch(() => {}); // whoever follows the conversation tells that the server is gone
}, FACTS_EVERY_MS);

open(contact ?? newContact());
if (matchMedia('(hover: hover)').matches) input.focus();
