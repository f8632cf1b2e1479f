// The player of the watch page: picture, seek bar with what was really watched, beats to the server.

import { ApiError, element, icon, wordsOf } from "../shared/page.js";
import { moment } from "../shared/lengths.js";
import { Beats } from "./beats.js";
import { covered, union } from "./coverage.js";
import { Intervals } from "./intervals.js";
import { chooseQuality, chooseRate, listenKeys } from "./keys.js";
import { Preview } from "./preview.js";
import { Progress } from "./progress.js";
import { Seek } from "./seek.js";
import { Session } from "./session.js";
import { build } from "./theme.js";

const BEAT_EVERY = 10_000;
const REFRESH_AFTER = 3000; // the server folds beats within two seconds

class Player {
  constructor(root) {
    this.root = root;
    this.words = wordsOf("player");
    const facts = root.dataset;
    this.lecture = facts.lecture;
    this.duration = Number(facts.duration) || 0;
    this.confirmed = JSON.parse(root.querySelector("#player-segments")?.textContent || "[]") || [];
    this.claimed = []; // played here, not yet in what the server answered
    this.intervals = new Intervals();
    this.beats = new Beats(this.lecture || "preview");
    this.session = new Session(this.lecture);
    this.isTaken = false;
    this.fill(facts);
    this.follow();
    this.count();
    this.begin(facts);
  }

  fill({ title, icons, sprite, master }) {
    const poster = this.root.querySelector("video")?.getAttribute("poster");
    const language = document.documentElement.lang.startsWith("zh") ? "zh-CN" : "en";
    const parts = build({ words: this.words, icons, title, language, poster });
    Object.assign(this, parts);
    const preview = sprite ? new Preview(sprite) : null;
    this.bars = new Seek({ duration: this.duration, words: this.words, preview, onSeek: (ms) => this.seek(ms) });
    this.says = element("div", { class: "player-says", role: "status" });
    this.root.id = "player-stage";
    const view = this.root.querySelector("[data-view]");
    view.replaceChildren(this.controller, this.says);
    view.after(this.bars.root, this.bar);
    // After it is in the page: Media Chrome's parts find their controller by id.
    if (master) this.video.src = master;
    chooseRate(this.rate, this.video, this.words);
    chooseQuality(this.quality, this.video, this.words);
    listenKeys(this.root, this);
    const below = this.lecture ? document.querySelector(`[data-progress="${CSS.escape(this.lecture)}"]`) : null;
    this.progress = new Progress(below, this.words);
    if (below?.dataset.missing) {
      this.progress.told(this.confirmed, Number(below.dataset.missing), "done" in below.dataset);
    }
  }

  get position() {
    return this.wanted ?? this.video.currentTime * 1000;
  }

  get segments() {
    const { running } = this.intervals;
    return union([...this.confirmed, ...this.claimed, ...(running ? [running] : [])], this.duration);
  }

  // ---- the picture ----

  begin({ position }) {
    const asked = new URLSearchParams(location.search).get("t");
    const start = asked !== null && Number(asked) >= 0 ? Number(asked) * 1000 : Number(position);
    if (start > 0) this.wanted = Math.min(start, this.duration);
    this.draw();
  }

  /** Before anything is loaded a place is only wished for; the first picture goes there. */
  seek(ms) {
    const to = Math.min(Math.max(ms, 0), this.duration || Infinity);
    this.endInterval();
    if (this.video.readyState === 0) this.wanted = to;
    else this.video.currentTime = to / 1000;
    this.draw();
  }

  toggle() {
    if (this.video.paused) this.play();
    else this.video.pause();
  }

  play() {
    return this.video.play()?.catch(() => this.draw()); // the browser wants a touch first: the button is there
  }

  follow() {
    const { video } = this;
    video.addEventListener("loadedmetadata", () => {
      if (!this.duration && Number.isFinite(video.duration)) {
        this.duration = Math.round(video.duration * 1000);
        this.bars.setDuration(this.duration);
      }
      if (this.wanted !== undefined) video.currentTime = this.wanted / 1000;
      this.wanted = undefined;
    });
    video.addEventListener("timeupdate", () => {
      if (!video.seeking) this.intervals.tick(video.currentTime * 1000, performance.now());
      this.draw();
    });
    video.addEventListener("seeked", () => this.draw());
    video.addEventListener("error", () => this.broken());
    document.addEventListener("click", (event) => {
      const link = event.target.closest("[data-start]");
      if (!link) return;
      event.preventDefault();
      this.seek(Number(link.dataset.start));
      this.play();
      this.root.scrollIntoView({ block: "nearest" });
    });
    // Media Chrome takes a tap of a finger for "show the keys"; ours are always there.
    this.controller.addEventListener("click", (event) => event.pointerType === "touch" && this.toggle());
    this.listenLoader();
  }

  /** hls.js is made anew for every source; its errors are the only place where a 403 is seen. */
  listenLoader() {
    const attach = () => {
      const { api } = this.video;
      if (!api || api === this.loader) return;
      this.loader = api;
      api.on("hlsError", (_, error) => {
        if (error.response?.code === 403) this.renewMedia();
        else if (error.fatal) this.broken();
      });
    };
    for (const type of ["loadstart", "play"]) this.video.addEventListener(type, () => queueMicrotask(attach));
    queueMicrotask(() => queueMicrotask(attach));
  }

  /** The signed address ran out: get a new one and go on at the same place. */
  async renewMedia() {
    if (this.renewing || !this.lecture) return;
    this.renewing = true;
    try {
      const answer = await this.session.open({ renew: Boolean(this.session.id) });
      const wasPlaying = !this.video.paused;
      this.reload(wasPlaying, () => {
        this.video.src = answer.master_url;
      });
    } catch (error) {
      this.broken(error);
    } finally {
      this.renewing = false;
    }
  }

  /** Load anew and go on at the same place. A play before the new source is attached would be lost. */
  reload(plays, load) {
    this.endInterval();
    this.wanted = this.position;
    if (plays) this.video.addEventListener("loadstart", () => this.play(), { once: true });
    load();
  }

  broken(error) {
    const what = error instanceof ApiError && error.says ? error.says : this.words.broken;
    this.say(what, error?.says ? "" : this.words.broken_todo, this.words.again, () => {
      this.reload(true, () => this.video.load());
    });
  }

  draw() {
    const position = this.position;
    const { segments } = this;
    this.bars.draw(position, segments);
    const time = `${moment(position)} / ${moment(this.duration)}`;
    if (this.time.textContent !== time) this.time.textContent = time;
    this.progress.draw(segments, this.duration);
  }

  // ---- what counts ----

  count() {
    const { video } = this;
    if (!this.lecture) return;
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
    this.beats.addEventListener("unsent", () => this.say(this.words.unsaved, ""));
    this.beats.addEventListener("sent", () => this.isUnsaved && this.clear());
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
    this.clear();
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
      this.say(this.words.no_count, says || this.words.no_count_todo);
    }
  }

  /** Tell that playing goes on here, so that another device stops. */
  claim() {
    const at = Math.round(this.position);
    this.beats.add(this.session, { kind: "play", start_ms: at, end_ms: at, ...this.circumstances() });
    this.beats.flush();
  }

  took(answer) {
    this.confirmed = union(answer.segments, this.duration);
    if (answer.token) this.progress.told(this.confirmed, answer.missing_ms, answer.completed);
    this.draw();
  }

  beginInterval() {
    this.intervals.begin(this.video.currentTime * 1000, performance.now(), this.video.playbackRate);
  }

  endInterval(refresh = false) {
    const wasRunning = this.intervals.running;
    // While seeking the clock already shows the new place; what was played ended where it last ticked.
    const at = this.video.seeking ? undefined : this.video.currentTime * 1000;
    this.intervals.end(at, performance.now());
    if (wasRunning && this.lecture) this.tell({ refresh });
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
    const { needed, isDone } = this.progress;
    return !isDone && needed !== null && covered(this.segments) >= needed;
  }

  async renew() {
    if (!this.session.id || this.isTaken) return;
    try {
      this.took(await this.session.open({ renew: true }));
    } catch {
      this.say(this.words.no_count, this.words.no_count_todo);
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
        this.draw(); // the next pause asks again
      }
    }, REFRESH_AFTER);
  }

  taken() {
    if (this.isTaken) return;
    this.isTaken = true;
    this.video.pause();
    this.say(this.words.elsewhere, this.words.elsewhere_todo, this.words.take_back, () => this.play());
  }

  // ---- a notice over the picture ----

  say(what, todo, label = "", act = null) {
    this.isUnsaved = what === this.words.unsaved;
    const notice = element("div", { class: "notice notice-look" }, icon(this.root.dataset.icons, "look"));
    notice.append(element("p", {}, element("strong", {}, what)));
    if (todo) notice.append(element("p", {}, todo));
    if (act) {
      const press = () => {
        this.clear();
        act();
      };
      notice.append(element("p", {}, element("button", { class: "btn", type: "button", onclick: press }, label)));
    }
    this.says.replaceChildren(notice);
  }

  clear() {
    this.isUnsaved = false;
    this.says.replaceChildren();
  }
}

for (const root of document.querySelectorAll("[data-player]")) new Player(root);
