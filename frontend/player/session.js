// The play session with the server: opened at the first play, its token renewed in time, taken over by other devices.

import { api } from "../shared/page.js";

const RENEW_AFTER = 5 * 60 * 60 * 1000; // a token holds six hours

export class Session extends EventTarget {
  constructor(lecture) {
    super();
    this.lecture = lecture;
    this.id = "";
    this.token = "";
    this.openedAt = 0;
    this.opening = 0;
    document.addEventListener("pushed", ({ detail }) => {
      // While a session is being opened its own news may come before its answer.
      if (detail.kind !== "playback" || !this.id || this.opening) return;
      if (detail.payload.session !== this.id) this.dispatchEvent(new Event("taken"));
    });
  }

  get isCounted() {
    return Boolean(this.token);
  }

  get isOld() {
    return performance.now() - this.openedAt > RENEW_AFTER;
  }

  /** A new session, which takes the playback over; or with `renew` a fresh token (and media address) for this one. */
  async open({ renew = false } = {}) {
    this.opening += 1;
    const asked = { session: renew ? this.id : "" };
    const answer = await api("POST", `lectures/${this.lecture}/play`, asked).finally(() => {
      this.opening -= 1;
    });
    this.id = answer.session;
    this.token = answer.token;
    this.openedAt = performance.now();
    return answer;
  }
}
