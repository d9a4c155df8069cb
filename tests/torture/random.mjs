// Chance from a seed, so that a run can be asked for again.
export class Random {
  #state;

  // Each `purpose` has its own sequence: one more draw here does not change what happens there.
  constructor(seed, purpose = '') {
    let hash = seed >>> 0;
    for (const unit of purpose) hash = Math.imul(hash ^ unit.codePointAt(0), 0x01000193) >>> 0;
    this.#state = hash;
  }

  // 0 ≤ n < 1 (mulberry32)
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  // from ≤ n ≤ to, whole
  between(from, to) {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  chance(probability) {
    return this.next() < probability;
  }

  pick(list) {
    return list[this.between(0, list.length - 1)];
  }

  shuffled(list) {
    const mixed = [...list];
    for (let i = mixed.length - 1; i > 0; --i) {
      const j = this.between(0, i);
      [mixed[i], mixed[j]] = [mixed[j], mixed[i]];
    }
    return mixed;
  }
}
