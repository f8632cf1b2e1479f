// Tells the server what was played, and forgets it only when the server says it has it. What could not be sent stays
// in this tab's storage and goes with the next; every beat has a UUID, so sending twice counts once.

import { uuid } from "../shared/page.js";

const MOST = 100; // in one body; the door takes 200 and 64 KiB

export class Beats extends EventTarget {
  constructor(lecture, storage = sessionStorage) {
    super();
    this.key = `beats:${lecture}`;
    this.storage = storage;
    this.kept = this.recall(); // [{token, beat}]
    this.seq = 0;
    this.sending = null;
  }

  recall() {
    try {
      return JSON.parse(this.storage.getItem(this.key) || "[]");
    } catch {
      return [];
    }
  }

  keep() {
    try {
      if (this.kept.length) this.storage.setItem(this.key, JSON.stringify(this.kept.slice(-500)));
      else this.storage.removeItem(this.key);
    } catch {
      return; // full or forbidden: they stay in memory
    }
  }

  add({ token, session }, facts) {
    this.seq += 1;
    this.kept.push({ token, beat: { uuid: uuid(), session, seq: this.seq, kind: "interval", ...facts } });
    this.keep();
  }

  get isEmpty() {
    return !this.kept.length;
  }

  /** All that share the oldest one's token, as one body. */
  batch() {
    const [first] = this.kept;
    const chosen = this.kept.filter(({ token }) => token === first.token).slice(0, MOST);
    return { chosen, body: JSON.stringify({ token: first.token, intervals: chosen.map(({ beat }) => beat) }) };
  }

  /** Send what is kept. One at a time; answers whether all of it is through. */
  flush() {
    this.sending ||= this.sendAll().finally(() => {
      this.sending = null;
    });
    return this.sending;
  }

  async sendAll() {
    while (this.kept.length) {
      const { chosen, body } = this.batch();
      let response;
      try {
        response = await fetch("/api/v1/beats", { method: "POST", headers: { "Content-Type": "text/plain" }, body });
      } catch {
        this.dispatchEvent(new Event("unsent"));
        return false;
      }
      if (response.status >= 500 || response.status === 409 || response.status === 429) {
        this.dispatchEvent(new Event("unsent"));
        return false;
      }
      // Refused for good (a token too old for them): they would be refused again.
      this.forget(chosen.map(({ beat }) => beat.uuid));
      if (response.status === 401) this.dispatchEvent(new Event("expired"));
      else if (response.ok) this.dispatchEvent(new Event("sent"));
    }
    return true;
  }

  forget(uuids) {
    const through = new Set(uuids);
    this.kept = this.kept.filter(({ beat }) => !through.has(beat.uuid));
    this.keep();
  }

  /** The page goes away: no answer can be waited for, so nothing is forgotten. */
  beacon() {
    if (!this.kept.length) return;
    navigator.sendBeacon?.("/api/v1/beats", new Blob([this.batch().body], { type: "text/plain" }));
  }
}
