// The conversation, drawn from the events the server reports.
import { copyOf, fillSound, fillWords } from './dom.js';
import { language, text } from './text.js';

const TYPING_LASTS_MS = 20_000; // as long as Instagram shows it without a new signal
const NEW_TIME_AFTER_MS = 5 * 60_000;
const shortTime = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' });

export class Chat {
  #scroller = document.getElementById('chat');
  #list = document.getElementById('messages');
  #onEdit;
  #onUnsend;
  #initials = '';
  #typing = null;
  #typingEnds = 0;
  #lastTime = 0;
  #seen = null;

  // Called with (messageId, text) and (messageId).
  constructor({ onEdit, onUnsend }) {
    this.#onEdit = onEdit;
    this.#onUnsend = onUnsend;
    new ResizeObserver(() => this.#scrollToEnd()).observe(this.#scroller);
    document.addEventListener('click', (event) => {
      if (!event.target.closest('.menu-holder')) this.#closeMenus();
    });
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.#closeMenus()?.focus();
    });
  }

  setAgent(name) {
    const words = name.trim().split(/\s+/);
    this.#initials = words.slice(0, 2).map((word) => [...word][0] ?? '').join('').toUpperCase();
    for (const element of document.querySelectorAll('.agent-name')) element.textContent = name;
    for (const element of document.querySelectorAll('.initials')) element.textContent = this.#initials;
  }

  clear() {
    this.#showTyping(false);
    this.#list.replaceChildren();
    this.#lastTime = 0;
    this.#seen = null;
  }

  show(event) {
    const atBottom = this.#scroller.scrollHeight - this.#scroller.scrollTop - this.#scroller.clientHeight < 120;
    this.#draw(event);
    if (atBottom || event.kind === 'message') this.#scrollToEnd();
  }

  #scrollToEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  #draw(event) {
    switch (event.kind) {
      case 'message': return this.#addOwn(event);
      case 'answer': return this.#addTheirs(event, 'answer');
      case 'human': return this.#addTheirs(event, 'human');
      case 'typing': return this.#showTyping(event.on);
      case 'seen': return this.#markSeen();
      case 'edited': return this.#edit(event);
      case 'unsent': return this.#remove(event);
      case 'failed': return this.#markFailed(event);
    }
  }

  #addOwn(event) {
    const item = copyOf('own-message');
    if (event.audio) fillSound(item.querySelector('.bubble'), event.audio, text.voiceNote);
    else fillWords(item.querySelector('.bubble'), event.text);
    item.querySelector('.edit').hidden = Boolean(event.audio); // nobody can edit what was said
    item.querySelector('.edit').textContent = text.edit;
    item.querySelector('.unsend').textContent = text.unsend;
    const more = item.querySelector('.more');
    more.setAttribute('aria-label', text.options);
    more.addEventListener('click', () => this.#toggleMenu(more));
    item.querySelector('.edit').addEventListener('click', () => {
      this.#closeMenus();
      this.#onEdit(event.message_id, item.querySelector('.bubble').textContent);
    });
    item.querySelector('.unsend').addEventListener('click', () => {
      this.#closeMenus();
      this.#onUnsend(event.message_id);
    });
    this.#append(item, event);
  }

  #addTheirs(event, kind) {
    this.#showTyping(false);
    const item = copyOf('their-message');
    item.classList.add(kind);
    if (event.audio) this.#fillSound(item.querySelector('.bubble'), event.audio);
    else fillWords(item.querySelector('.bubble'), event.text);
    item.querySelector('.initials').textContent = this.#initials;
    if (kind === 'human') this.#note(item, text.byOwner);
    this.#append(item, event);
  }

  #fillSound(bubble, address) {
    const player = document.createElement('audio');
    player.controls = true;
    player.preload = 'metadata';
    player.src = address;
    player.setAttribute('aria-label', text.voiceAnswer);
    bubble.classList.add('sound');
    bubble.replaceChildren(player);
  }

  #append(item, event) {
    item.dataset.messageId = event.message_id;
    if (event.at_ms - this.#lastTime > NEW_TIME_AFTER_MS) {
      const time = document.createElement('li');
      time.className = 'time';
      time.textContent = shortTime.format(event.at_ms);
      this.#list.append(time);
    }
    this.#lastTime = event.at_ms;

    const previous = this.#typing ? this.#typing.previousElementSibling : this.#list.lastElementChild;
    const side = item.classList.contains('own') ? 'own' : 'theirs';
    if (previous?.classList.contains(side) && previous.querySelector('.note')?.hidden !== false) {
      previous.classList.add('joined-below');
      item.classList.add('joined-above');
    }
    this.#list.append(item);
    if (this.#typing) this.#list.append(this.#typing);
  }

  #find(messageId) {
    return [...this.#list.children].find((item) => item.dataset.messageId === messageId);
  }

  #note(item, words) {
    const note = item.querySelector('.note');
    note.textContent = words;
    note.hidden = false;
  }

  #edit(event) {
    const item = this.#find(event.message_id);
    if (!item) return;
    fillWords(item.querySelector('.bubble'), event.text);
    this.#note(item, text.edited);
  }

  #remove(event) {
    const item = this.#find(event.message_id);
    if (!item) return;
    const gone = document.createElement('li');
    gone.className = 'time unsent';
    gone.textContent = text.unsent;
    item.previousElementSibling?.classList.remove('joined-below');
    item.nextElementSibling?.classList.remove('joined-above');
    item.replaceWith(gone);
  }

  #markFailed(event) {
    const item = this.#find(event.message_id);
    if (!item) return;
    item.classList.add('failed');
    item.querySelector('.menu-holder')?.remove();
    this.#note(item, text.failed);
  }

  #markSeen() {
    const own = this.#list.querySelectorAll('.own:not(.failed)');
    if (own.length === 0) return;
    this.#seen?.remove();
    this.#seen = document.createElement('li');
    this.#seen.className = 'seen';
    this.#seen.textContent = text.seen;
    own[own.length - 1].after(this.#seen);
  }

  #showTyping(on) {
    clearTimeout(this.#typingEnds);
    if (!on) {
      this.#typing?.remove();
      this.#typing = null;
      return;
    }
    if (!this.#typing) {
      this.#typing = copyOf('typing');
      this.#typing.querySelector('.initials').textContent = this.#initials;
      this.#typing.querySelector('.hidden-label').textContent = text.typing;
      this.#list.append(this.#typing);
    }
    this.#typingEnds = setTimeout(() => this.#showTyping(false), TYPING_LASTS_MS);
  }

  #toggleMenu(button) {
    const menu = button.nextElementSibling;
    const opens = menu.hidden;
    this.#closeMenus();
    menu.hidden = !opens;
    button.setAttribute('aria-expanded', String(opens));
    if (opens) menu.querySelector('button:not([hidden])').focus();
  }

  // → the button whose menu was open, if any
  #closeMenus() {
    const button = this.#list.querySelector('.more[aria-expanded="true"]');
    button?.setAttribute('aria-expanded', 'false');
    if (button) button.nextElementSibling.hidden = true;
    return button;
  }
}
