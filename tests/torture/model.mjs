// The fake model's mind: answers with the marks of exactly those messages it was asked about.
import { callTool, reply } from '../e2e/support/openai.mjs';
import { answerText, asksForLead, leadIn, messagesIn } from './words.mjs';

export class Mind {
  calls = []; // answers given: { answer, messages, parts, at }
  violations = [];
  #random;
  #time;
  #longAnswers;

  // `time`: [least, most] ms of thinking; `longAnswers`: the share of answers in several parts
  constructor({ random, time = [5, 60], longAnswers = 0.15 }) {
    this.#random = random;
    this.#time = time;
    this.#longAnswers = longAnswers;
  }

  answer(request) {
    const asked = request.messages.findLastIndex((message) => message.role === 'user');
    const text = request.messages[asked].content;
    const messages = messagesIn(text);
    const contacts = new Set(messages.map((name) => name.split('.')[0]));
    if (contacts.size !== 1) this.violations.push(`the model was asked about ${contacts.size} customers: ${text}`);
    const after = this.#random.between(...this.#time);
    const told = request.messages.slice(asked + 1).filter((message) => message.role === 'tool');
    if (asksForLead(text) && told.length === 0) return callTool('add_lead_to_nocodb', leadIn(text), { after });
    const saved = told.some((message) => message.content.startsWith('SUCESSO'));
    const call = { answer: this.calls.length + 1, messages, parts: this.#parts(), at: Date.now() };
    this.calls.push(call);
    return reply(answerText(call.answer, messages, call.parts, saved), { after });
  }

  #parts() {
    return this.#random.chance(this.#longAnswers) ? this.#random.between(2, 3) : 1;
  }
}
