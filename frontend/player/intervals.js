// Turns a media element's clock into intervals that were really played. Pure: told what happened, never asks.

// The clock of a playing element moves with the wall clock. Further than this between two ticks is a jump nobody told
// us of (a stall that was skipped, a tab that slept), and what lies between was not played.
const SLACK = 1.5;
const LEAST = 200; // ms; shorter pieces are noise of pausing

export class Intervals {
  constructor() {
    this.start = null;
    this.at = null;
    this.done = [];
  }

  /** Playing began, or goes on, at `ms`. `now`: any steady clock in ms. */
  begin(ms, now, rate) {
    if (this.start === null) Object.assign(this, { start: ms, at: ms });
    this.now = now;
    this.rate = rate;
  }

  tick(ms, now) {
    if (this.start === null) return;
    const most = (now - this.now) * this.rate * SLACK + 1000;
    if (ms < this.at || ms - this.at > most) {
      this.close();
      Object.assign(this, { start: ms, at: ms });
    }
    this.at = ms;
    this.now = now;
  }

  /** Playing ended (pause, seek, another rate, the end) where the clock last stood, or at `ms`. */
  end(ms, now) {
    if (this.start === null) return;
    if (ms !== undefined) this.tick(ms, now);
    this.close();
    this.start = null;
  }

  close() {
    if (this.at - this.start >= LEAST) this.done.push([Math.round(this.start), Math.round(this.at)]);
  }

  /** What was played since last asked; a running interval is cut here and goes on. */
  take() {
    if (this.start !== null) {
      const { at } = this;
      if (at - this.start >= LEAST) {
        this.close();
        this.start = at;
      }
    }
    return this.done.splice(0);
  }

  /** The running interval, for drawing. */
  get running() {
    return this.start === null ? null : [this.start, this.at];
  }
}
