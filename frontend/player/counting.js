// What of the playing counts: intervals go to the server as beats, under a session that one device holds at a time.

import { ApiError } from "../shared/page.js";
import { Beats } from "./beats.js";
import { covered, union } from "./coverage.js";
import { Intervals } from "./intervals.js";
import { Session } from "./session.js";

const BEAT_EVERY = 10_000;
const REFRESH_AFTER = 3000; // the server folds beats within two seconds

export class Counting {
  constructor(player, confirmed) {
    this.player = player;
    this.video = player.video;
    this.words = player.words;
    this.confirmed = confirmed; // what the server says was watched
    this.claimed = []; // played here, not yet in what the server answered
    this.intervals = new Intervals();
    this.beats = new Beats(player.lecture || "preview");
    this.session = new Session(player.lecture);
    this.isTaken = false;
    if (player.lecture) this.listen();
  }

  get segments() {
    const { running } = this.intervals;
    return union([...this.confirmed, ...this.claimed, ...(running ? [running] : [])], this.player.duration);
  }

  /** A fresh token for this session, and a fresh address of the recording. */
  renewed() {
    return this.session.open({ renew: Boolean(this.session.id) });
  }

  listen() {
    const { video } = this;
    video.addEventListener("play", () => this.started());
    video.addEventListener("playing", () => this.beginInterval());
    for (const type of ["pause", "seeking", "waiting", "ended", "emptied"]) {
      video.addEventListener(type, () => this.endInterval(type === "pause" || type === "ended"));
    }
    video.addEventListener("ratechange", () => {
      this.endInterval();
      if (!video.paused && video.readyState > 2) this.beginInterval();
    });
    this.session.addEventListener("taken", () => this.taken());
    this.beats.addEventListener("unsent", () => this.player.say(this.words.unsaved, ""));
    this.beats.addEventListener("sent", () => this.player.isUnsaved && this.player.clear());
    this.beats.addEventListener("expired", () => this.renew());
    document.addEventListener("visibilitychange", () => this.tell({ refresh: false }));
    addEventListener("pagehide", () => {
      this.collect();
      this.beats.beacon();
    });
    addEventListener("online", () => this.beats.flush());
    setInterval(() => !video.paused && this.tell({ refresh: false }), BEAT_EVERY);
    if (!this.beats.isEmpty) this.beats.flush();
  }

  /** The first play opens the session; a play after another device had it takes it back. */
  async started() {
    this.player.clear();
    if (this.session.isCounted && !this.isTaken) {
      this.claim();
      return;
    }
    this.isTaken = false;
    this.opening ||= this.open().finally(() => {
      this.opening = null;
    });
    await this.opening;
  }

  async open() {
    try {
      this.took(await this.session.open());
    } catch (error) {
      const says = error instanceof ApiError ? error.says : "";
      this.player.say(this.words.no_count, says || this.words.no_count_todo);
    }
  }

  /** Tell that playing goes on here, so that another device stops. */
  claim() {
    const at = Math.round(this.player.position);
    this.beats.add(this.session, { kind: "play", start_ms: at, end_ms: at, ...this.circumstances() });
    this.beats.flush();
  }

  took(answer) {
    this.confirmed = union(answer.segments, this.player.duration);
    if (answer.token) this.player.progress.told(this.confirmed, answer.missing_ms, answer.completed);
    this.player.draw();
  }

  beginInterval() {
    this.intervals.begin(this.video.currentTime * 1000, performance.now(), this.video.playbackRate);
  }

  endInterval(refresh = false) {
    const wasRunning = this.intervals.running;
    // While seeking the clock already shows the new place; what was played ended where it last ticked.
    const at = this.video.seeking ? undefined : this.video.currentTime * 1000;
    this.intervals.end(at, performance.now());
    if (wasRunning && this.player.lecture) this.tell({ refresh });
  }

  circumstances() {
    return { rate: this.video.playbackRate, hidden: document.hidden, muted: this.video.muted || this.video.volume === 0 };
  }

  /** Put what was played into the outbox. Without a session it waits in the intervals until there is one. */
  collect() {
    if (!this.session.isCounted) return;
    for (const [start, end] of this.intervals.take()) {
      this.claimed.push([start, end]);
      this.beats.add(this.session, { start_ms: start, end_ms: end, ...this.circumstances() });
    }
  }

  async tell({ refresh }) {
    this.collect();
    if (this.session.isCounted && this.session.isOld) await this.renew();
    const isThrough = await this.beats.flush();
    if (isThrough && (refresh || this.seemsDone())) this.refreshSoon();
  }

  /** Enough was played here; has the server counted it? */
  seemsDone() {
    const { needed, isDone } = this.player.progress;
    return !isDone && needed !== null && covered(this.segments) >= needed;
  }

  async renew() {
    if (!this.session.id || this.isTaken) return;
    try {
      this.took(await this.session.open({ renew: true }));
    } catch {
      this.player.say(this.words.no_count, this.words.no_count_todo);
    }
  }

  /** What the server made of it; until then the bar shows what was claimed. */
  refreshSoon() {
    clearTimeout(this.refreshing);
    this.refreshing = setTimeout(async () => {
      const sent = this.claimed.length;
      try {
        const answer = await this.session.open({ renew: true });
        this.claimed.splice(0, sent);
        this.took(answer);
      } catch {
        this.player.draw(); // the next pause asks again
      }
    }, REFRESH_AFTER);
  }

  taken() {
    if (this.isTaken) return;
    this.isTaken = true;
    this.video.pause();
    this.player.say(this.words.elsewhere, this.words.elsewhere_todo, this.words.take_back, () => this.player.play());
  }
}
