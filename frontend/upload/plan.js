// The arithmetic of an upload in parts. Pure.

export const AT_ONCE = 3; // a phone's uplink is full with three, and each lost one costs only its own part

/** Bytes of part `number` (from 1): [from, to). */
export function rangeOf(number, { size, partSize }) {
  return [(number - 1) * partSize, Math.min(number * partSize, size)];
}

export function partCount({ size, partSize }) {
  return Math.ceil(size / partSize);
}

/** Numbers not yet received, in order. */
export function missing(plan, received) {
  const numbers = [];
  for (let number = 1; number <= partCount(plan); number += 1) {
    if (!received.has(number)) numbers.push(number);
  }
  return numbers;
}

/** Bytes that have arrived: whole parts, and what is on the way of the others (`loaded`: number → bytes). */
export function bytesDone(plan, received, loaded = new Map()) {
  let sum = 0;
  for (const number of received) {
    const [from, to] = rangeOf(number, plan);
    sum += to - from;
  }
  for (const [number, bytes] of loaded) {
    if (received.has(number)) continue;
    const [from, to] = rangeOf(number, plan);
    sum += Math.min(bytes, to - from);
  }
  return Math.min(sum, plan.size);
}

const MOST_DRAWN = 60; // with more parts, neighbours are drawn as one piece: gaps of a hair say nothing

/** What the inked line shows, in per cent: `{x, width, now}`; a part on its way is `now`. */
export function drawn(plan, received, loaded = new Map()) {
  const count = partCount(plan);
  const one = 100 / count;
  const ink = count > MOST_DRAWN ? 1 : 0.885;
  const pieces = [];
  for (let number = 1; number <= count; number += 1) {
    const x = (number - 1) * one;
    if (received.has(number)) {
      const last = pieces[pieces.length - 1];
      if (ink === 1 && last && !last.now && Math.abs(last.x + last.width - x) < 1e-6) last.width += one;
      else pieces.push({ x, width: one * ink, now: false });
    } else if (loaded.get(number) > 0) {
      const [from, to] = rangeOf(number, plan);
      pieces.push({ x, width: (one * ink * Math.min(loaded.get(number), to - from)) / (to - from), now: true });
    }
  }
  return pieces;
}

/** Bytes a millisecond over the last ten seconds; 0 while there is too little to tell. */
export class Pace {
  constructor(window = 10_000) {
    this.window = window;
    this.marks = [];
  }

  mark(at, bytes) {
    this.marks.push([at, bytes]);
    while (this.marks.length > 2 && at - this.marks[0][0] > this.window) this.marks.shift();
  }

  forget() {
    this.marks = [];
  }

  get rate() {
    const [first] = this.marks;
    const last = this.marks[this.marks.length - 1];
    if (!first || last[0] - first[0] < 1000) return 0;
    return Math.max(0, (last[1] - first[1]) / (last[0] - first[0]));
  }

  /** Milliseconds until `bytes` more are through; null while unknown. */
  left(bytes) {
    return this.rate > 0 ? bytes / this.rate : null;
  }
}

/** How long to wait before try `failures + 1`: 1, 2, 4 … 30 s. */
export function backOff(failures) {
  return Math.min(1000 * 2 ** Math.max(failures - 1, 0), 30_000);
}
