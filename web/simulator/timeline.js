// What happened to a message on its way, turn by turn: newest turn first, each turn in the order of its steps.
import { copyOf, fillFields } from './dom.js';
import { seconds, text, whole } from './text.js';

const TURNS_KEPT = 20;
const LEAD_TOOL = 'add_lead_to_nocodb';
const clock = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hour12: false,
});

export class Timeline {
  #turns = document.getElementById('turns');
  #leads = document.getElementById('leads');
  #empty = document.getElementById('timeline-empty');
  #latest = document.getElementById('latest');
  #count = 0;
  #turn = null;
  #countdown = null; // { step, endsAt, total }

  clear() {
    this.#turns.replaceChildren();
    this.#leads.replaceChildren();
    this.#empty.hidden = false;
    this.#latest.textContent = '';
    this.#count = 0;
    this.#turn = null;
    this.#countdown = null;
  }

  // `nowAt` is the server's clock at this moment.
  show(event, nowAt) {
    switch (event.stage) {
      case 'received': return this.#received(event);
      case 'waiting': return this.#waiting(event, nowAt);
      case 'heard': return this.#heard(event, text.stageHeard, event.detail.words);
      case 'not_heard': return this.#heard(event, text.stageNotHeard, event.detail.why);
      case 'thinking': return this.#add(event, 'thinking', text.stageThinking);
      case 'agent_switch': return this.#speaker(event);
      case 'knowledge': return this.#knowledge(event);
      case 'tool_call': return this.#toolCall(event);
      case 'tool_result': return this.#toolResult(event);
      case 'sent': return this.#end(event, 'sent', text.stageSent);
      case 'not_sent': return this.#end(event, 'not_sent', text.stageNotSent);
      case 'paused': return this.#paused(event);
    }
  }

  #received(event) {
    if (!this.#turn || this.#turn.ended) this.#startTurn(event);
    const gathering = this.#turn.received;
    if (!gathering) {
      this.#turn.received = { step: this.#add(event, 'received', text.stageReceived), count: 1 };
      return;
    }
    gathering.count += 1;
    gathering.step.querySelector('.name').textContent = text.stageReceivedMany(whole(gathering.count));
    this.#detail(gathering.step, text.lastOne(`+${whole(event.at_ms - this.#turn.startedAt)}`));
  }

  #waiting(event, nowAt) {
    const total = Number(event.detail);
    if (!this.#turn?.waiting) {
      const step = this.#add(event, 'waiting', text.stageWaiting);
      this.#turn.waiting = step;
    }
    const step = this.#turn.waiting;
    step.querySelector('.countdown').hidden = false;
    const wasRunning = this.#countdown !== null;
    this.#countdown = { step, total, endsAt: performance.now() + event.at_ms + total - nowAt };
    if (!wasRunning) this.#tick();
  }

  #tick = () => {
    if (!this.#countdown) return;
    const { step, total, endsAt } = this.#countdown;
    const left = Math.min(total, Math.max(0, endsAt - performance.now()));
    step.querySelector('.bar').style.setProperty('--left', String(total > 0 ? left / total : 0));
    this.#detail(step, text.left(seconds(left)));
    if (left > 0) requestAnimationFrame(this.#tick);
    else this.#stopCountdown();
  };

  #stopCountdown() {
    if (!this.#countdown) return;
    const { step, total } = this.#countdown;
    this.#countdown = null;
    step.querySelector('.countdown').hidden = true;
    this.#detail(step, text.quiet(seconds(total)));
  }

  #heard(event, name, words) {
    this.#detail(this.#add(event, 'heard', name), String(words ?? ''));
  }

  #knowledge(event) {
    const step = this.#add(event, 'thinking', text.stageKnowledge);
    const place = ({ file, first_line, last_line }) =>
      file === '*' ? text.allKnowledge : `${file}:${first_line}-${last_line}`;
    this.#detail(step, (event.detail.sources ?? []).map(place).join(', '));
  }

  #toolCall(event) {
    const call = typeof event.detail === 'object' ? event.detail : { name: event.detail };
    // A model may write arguments that are no object.
    const fields = typeof call.arguments === 'string' ? { arguments: call.arguments } : call.arguments ?? {};
    const step = this.#add(event, 'tool', text.stageTool);
    const tool = step.querySelector('.tool');
    tool.hidden = false;
    this.#detail(step, call.name);
    fillFields(tool.querySelector('.fields'), fields);
    this.#turn.calls.push({ name: call.name, fields, step });
  }

  // Results come in the order of their calls, but for calls made at the same time.
  #toolResult(event) {
    const detail = typeof event.detail === 'object' ? event.detail : { result: event.detail };
    const call = this.#turn?.calls.find((one) => !one.done && (one.name === detail.name || !detail.name));
    if (!call) return;
    call.done = true;
    const result = String(detail.result ?? '');
    const succeeded = result.startsWith('SUCESSO');
    const shown = call.step.querySelector('.tool-result');
    const source = { cache: text.fromCache, outdated_cache: text.fromOutdatedCache }[detail.source];
    shown.textContent = source ? `${result} (${source})` : result;
    shown.hidden = false;
    shown.classList.add(succeeded ? 'success' : 'failure');
    if (succeeded && call.name === LEAD_TOOL) this.#showLead(call.fields);
  }

  #showLead(fields) {
    const card = copyOf('lead');
    card.querySelector('h3 span').textContent = text.leadSaved;
    fillFields(card.querySelector('.fields'), fields);
    this.#leads.replaceChildren(card);
    this.#latest.textContent = text.leadSaved;
  }

  // Worth a line only when another one goes on.
  #speaker(event) {
    if (this.#turn?.speaker && this.#turn.speaker !== event.detail) {
      this.#add(event, 'thinking', text.stageSpeaker(String(event.detail)));
    }
    if (this.#turn) this.#turn.speaker = event.detail;
  }

  // Also when the owner wrote and the customer did not: that is no part of the turn before. The detail names the
  // limit that was reached; without one a person took over.
  #paused(event) {
    if (this.#turn?.ended) this.#startTurn(event);
    if (!event.detail) return this.#end(event, 'paused', text.stagePaused);
    if (event.detail === 'hand-over') return this.#end({ ...event, detail: '' }, 'paused', text.stageHandedOver);
    const limit = text.limits[event.detail] ?? event.detail;
    this.#end({ ...event, detail: limit }, 'paused', text.stageTripped);
  }

  #end(event, stage, name) {
    this.#add(event, stage, name);
    if (event.detail) this.#detail(this.#turn.steps.lastElementChild, String(event.detail));
    this.#turn.ended = true;
    this.#turn.element.classList.add('ended');
    this.#turn.element.querySelector('.total').textContent = text.total(seconds(event.at_ms - this.#turn.startedAt));
  }

  #startTurn(event) {
    this.#stopCountdown();
    this.#empty.hidden = true;
    this.#count += 1;
    const element = copyOf('turn');
    element.querySelector('.number').textContent = text.turn(this.#count);
    this.#turn = {
      element, steps: element.querySelector('.steps'), startedAt: event.at_ms, ended: false,
      received: null, waiting: null, calls: [],
    };
    this.#turns.prepend(element);
    while (this.#turns.children.length > TURNS_KEPT) this.#turns.lastElementChild.remove();
  }

  // What was gathered so far is complete once anything but receiving and waiting happens.
  #add(event, stage, name) {
    if (!this.#turn) this.#startTurn(event);
    if (stage !== 'received' && stage !== 'waiting') {
      this.#stopCountdown();
      this.#turn.received = null;
      this.#turn.waiting = null;
    }
    const step = copyOf('step');
    step.dataset.stage = stage;
    step.querySelector('.name').textContent = name;
    step.querySelector('time').textContent = clock.format(event.at_ms);
    step.querySelector('time').dateTime = new Date(event.at_ms).toISOString();
    step.querySelector('.since').textContent = `+${whole(Math.max(0, event.at_ms - this.#turn.startedAt))} ms`;
    this.#turn.steps.append(step);
    this.#latest.textContent = name;
    return step;
  }

  #detail(step, words) {
    step.querySelector('.detail').textContent = words;
  }
}
