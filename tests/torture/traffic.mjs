// The customers, who write in bursts, and the shop's people, who take a conversation over now and then.
import { customerText } from './words.mjs';

const TICK_MS = 20;
const MOST_OWED_S = 0.3; // a machine that stalled is not punished for it
const SECOND_IN_BURST = 0.3;
const WRITTEN_TO_PERSON = 3;

export class Traffic {
  contacts = []; // everybody who ever wrote: { number, customer, written, takeover }
  messages = new Map(); // '<contact>.<number>' → { name, contact, mid, writtenAt, postedAt, ackedAt }
  takeovers = []; // { contact, postedAt, ackedAt }
  #timer = null;
  #owed = 0;
  #ticked = 0;
  #active = []; // those who write now
  #byId = new Map();

  // `rate`: messages a second. `leads`: every so many contacts asks to be registered. `people`: takeovers a second.
  // `fresh`: everybody writes once. `poison`: the share of messages that kill whoever reads them.
  constructor({ meta, courier, random, rate, contacts = 150, leads = 5, people = 0, fresh = false, poison = 0 }) {
    Object.assign(this, { meta, courier, random, rate, leads, people, fresh, poison });
    this.#active = Array.from({ length: contacts }, () => this.#newContact());
  }

  #newContact() {
    const contact = { number: this.contacts.length + 1, customer: this.meta.customer(), written: 0, takeover: null };
    this.contacts.push(contact);
    this.#byId.set(contact.customer.id, contact);
    return contact;
  }

  start() {
    this.#ticked = Date.now();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  stop() {
    clearInterval(this.#timer);
  }

  get written() {
    return this.messages.size;
  }

  contactOf(id) {
    return this.#byId.get(id);
  }

  #tick() {
    const seconds = (Date.now() - this.#ticked) / 1000;
    this.#ticked = Date.now();
    this.#owed = this.courier.congested ? 0 : Math.min(this.#owed + this.rate * seconds, this.rate * MOST_OWED_S);
    for (; this.#owed >= 1 && this.fresh; --this.#owed) this.write(this.#newContact());
    while (this.#owed >= 1) {
      const contact = this.#writer();
      do {
        this.write(contact);
        --this.#owed;
      } while (this.random.chance(SECOND_IN_BURST));
    }
    if (this.random.chance(this.people * seconds)) this.takeOver(this.random.pick(this.#active));
  }

  // Somebody who was taken over goes on for a while, then somebody new comes in: the load on the bot stays.
  #writer() {
    const place = this.random.between(0, this.#active.length - 1);
    const { takeover, written } = this.#active[place];
    if (takeover && written > takeover.written + WRITTEN_TO_PERSON) this.#active[place] = this.#newContact();
    return this.#active[place];
  }

  write(contact) {
    const number = ++contact.written;
    const lead = number === 1 && contact.number % this.leads === 0;
    const poison = this.random.chance(this.poison);
    const event = contact.customer.text(customerText(contact.number, number, { lead, poison }));
    const name = `${contact.number}.${number}`;
    const message = { name, number, contact, mid: event.body.message.mid, poison, writtenAt: Date.now() };
    this.messages.set(name, message);
    this.courier.deliver(event, message);
    return message;
  }

  // Once a contact: what is handed over then stays with the person.
  takeOver(contact) {
    if (contact.takeover || contact.written === 0) return null;
    const event = contact.customer.echo(`Oi, aqui é a Bia da loja, já te atendo [${contact.number}]`);
    contact.takeover = this.courier.deliver(event, { contact, written: contact.written });
    this.takeovers.push(contact.takeover);
    return contact.takeover;
  }
}
