// A person on Instagram who writes to the shop's account and reads what comes back.
import { eventually } from './wait.mjs';
import { newMessageId, nextTimestamp } from './meta_webhook.mjs';

export class Customer {
  #meta;
  #heard = 0;

  constructor(meta, id, account) {
    this.#meta = meta;
    this.id = id;
    this.account = account;
  }

  // Everything Instagram shows this person from the shop, in order; of an audio its bytes.
  get inbox() {
    return this.#sends().map((send) => send.audio ?? send.text);
  }

  #sends() {
    return this.#meta.sent.filter((send) => send.accepted && send.to === this.id && send.account === this.account);
  }

  // The next message of the shop not heard yet.
  async hears(within) {
    const missing = () =>
      [`answer to customer ${this.id}`, ...this.#meta.violations, this.#meta.situation()].join('\n');
    await eventually(() => this.inbox.length > this.#heard, missing, within);
    return this.inbox[this.#heard++];
  }

  // As `deliver`, for the one event that most tests need.
  async writes(text, more) {
    const event = this.text(text, more);
    await this.#meta.deliver(event);
    return event;
  }

  // A voice note, or a film (`type` video): `url` is where the platform keeps it.
  async speaks(url, type = 'audio') {
    const event = this.sound(url, type);
    await this.#meta.deliver(event);
    return event;
  }

  sound(url, type = 'audio') {
    return this.#says({ message: { mid: newMessageId(), attachments: [{ type, payload: { url } }] } });
  }

  text(text, more = {}) {
    return this.#says({ message: { mid: newMessageId(), text, ...more } });
  }

  edit(event, text, number = 1) {
    return this.#says({ message_edit: { mid: midOf(event), text, num_edit: number } });
  }

  // What an app gets that is not subscribed to `messages`: the rest is left to be fetched, if Meta still has it.
  announcement(text, sound) {
    const event = this.#says({ message_edit: { mid: newMessageId(), num_edit: 0 } });
    const people = { from: { id: this.id }, to: { data: [{ id: this.account }] } };
    const attachments = sound && { data: [{ mime_type: 'audio/mp4', name: 'audio.m4a', file_url: sound }] };
    if (text !== undefined || sound) this.#meta.withheld.set(midOf(event), { id: midOf(event), message: text, attachments, ...people });
    return event;
  }

  unsend(event) {
    return this.#says({ message: { mid: midOf(event), is_deleted: true } });
  }

  reaction(event, emoji = '❤️') {
    return this.#says({ reaction: { mid: midOf(event), action: 'react', reaction: 'love', emoji } });
  }

  read(event) {
    return this.#says({ read: { mid: midOf(event) } });
  }

  // Another app holds the thread: we only listen.
  standby(text) {
    return { ...this.text(text), list: 'standby' };
  }

  // A message leaving the shop's account; unless `mid` is one of ours, somebody else wrote it.
  echo(text, mid = newMessageId()) {
    return this.#event({ id: this.account }, { id: this.id }, { message: { mid, text, is_echo: true } });
  }

  // As `echo`, of an audio, of which Meta shows nothing but another URL.
  audioEcho(url, mid = newMessageId()) {
    const attachments = [{ type: 'audio', payload: { url: `https://lookaside.fbsbx.com/?of=${encodeURIComponent(url)}` } }];
    return this.#event({ id: this.account }, { id: this.id }, { message: { mid, is_echo: true, attachments } });
  }

  #says(what) {
    return this.#event({ id: this.id }, { id: this.account }, what);
  }

  #event(sender, recipient, what) {
    return {
      account: this.account,
      list: 'messaging',
      body: { sender, recipient, timestamp: nextTimestamp(), ...what },
    };
  }
}

export function midOf({ body }) {
  return (body.message ?? body.message_edit).mid;
}
