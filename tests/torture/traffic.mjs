// The customers, who write in bursts, and the shop's people, who take a conversation over now and then.
import { customerText } from './words.mjs';

const TICK_MS = 20;
const SECOND_IN_BURST = 0.3;

export class Traffic {
  contacts = []; // { number, customer, written, takeover }
  messages = new Map(); // '<contact>.<number>' → { name, contact, mid, writtenAt, postedAt, ackedAt }
  takeovers = []; // { contact, postedAt, ackedAt }
  #timer = null;
  #owed = 0;

  // `rate`: messages a second. `leads`: every so many contacts asks to be registered. `people`: takeovers a second.
  // `fresh`: everybody writes once.
  constructor({ meta, courier, random, rate, contacts = 150, leads = 5, people = 0, fresh = false }) {
    Object.assign(this, { meta, courier, random, rate, leads, people, fresh });
    for (let number = 1; number <= contacts; ++number)
      this.contacts.push({ number, customer: meta.customer(), written: 0, takeover: null });
  }

  start() {
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  stop() {
    clearInterval(this.#timer);
  }

  get written() {
    return this.messages.size;
  }

  contactOf(id) {
    return this.contacts.find(({ customer }) => customer.id === id);
  }

  #tick() {
    this.#owed += (this.rate * TICK_MS) / 1000;
    while (this.#owed >= 1 && this.fresh) {
      const contact = this.contacts.find(({ written }) => written === 0);
      if (contact) this.write(contact);
      --this.#owed;
    }
    while (this.#owed >= 1) {
      const contact = this.random.pick(this.contacts);
      do {
        this.write(contact);
        --this.#owed;
      } while (this.random.chance(SECOND_IN_BURST));
    }
    if (this.random.chance((this.people * TICK_MS) / 1000)) this.takeOver(this.random.pick(this.contacts));
  }

  write(contact) {
    const number = ++contact.written;
    const lead = number === 1 && contact.number % this.leads === 0;
    const event = contact.customer.text(customerText(contact.number, number, { lead }));
    const name = `${contact.number}.${number}`;
    const message = { name, number, contact, mid: event.body.message.mid, writtenAt: Date.now() };
    this.messages.set(name, message);
    this.courier.deliver(event, message);
    return message;
  }

  // Once a contact: what is handed over then stays with the person.
  takeOver(contact) {
    if (contact.takeover || contact.written === 0) return null;
    const event = contact.customer.echo(`Oi, aqui é a Bia da loja, já te atendo [${contact.number}]`);
    contact.takeover = this.courier.deliver(event, { contact });
    this.takeovers.push(contact.takeover);
    return contact.takeover;
  }
}
