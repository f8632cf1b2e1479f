// The player of the watch page: picture, seek bar with what was really watched, beats to the server.

import { ApiError, element, fill, icon, wordsOf } from "../shared/page.js";
import { moment } from "../shared/lengths.js";
import { Captions } from "./captions.js";
import { Chapters } from "./chapters.js";
import { Counting } from "./counting.js";
import { Growing } from "./growing.js";
import { chooseQuality, chooseRate, listenKeys } from "./keys.js";
import { Preview } from "./preview.js";
import { Progress } from "./progress.js";
import { Seek } from "./seek.js";
import { build } from "./theme.js";

const SAID_FOR = 5000;

class Player {
  constructor(root) {
    this.root = root;
    this.words = wordsOf("player");
    const facts = root.dataset;
    this.lecture = facts.lecture;
    this.duration = Number(facts.duration) || 0;
    this.growing = new Growing();
    const confirmed = JSON.parse(root.querySelector("#player-segments")?.textContent || "[]") || [];
    this.fill(facts, confirmed);
    this.counting = new Counting(this, confirmed);
    this.follow();
    this.begin(facts);
  }

  fill({ title, icons, sprite, master }, confirmed) {
    const poster = this.root.querySelector("video")?.getAttribute("poster");
    const language = document.documentElement.lang.startsWith("zh") ? "zh-CN" : "en";
    const parts = build({ words: this.words, icons, title, language, poster });
    Object.assign(this, parts);
    const preview = sprite ? new Preview(sprite) : null;
    const chapters = this.root.querySelector("track[kind=chapters]")?.getAttribute("src");
    this.bars = new Seek({ duration: this.duration, words: this.words, preview, onSeek: (ms) => this.seek(ms) });
    this.says = element("div", { class: "player-says", role: "status" });
    this.root.id = "player-stage";
    const view = this.root.querySelector("[data-view]");
    view.replaceChildren(this.controller, this.says);
    view.after(this.bars.root, this.bar);
    // After it is in the page: Media Chrome's parts find their controller by id.
    if (master) this.video.src = master;
    this.chapters = new Chapters(chapters, (found) => this.bars.setChapters(found));
    view.append(new Captions(this.captions, this.video, this.words).root);
    chooseRate(this.rate, this.video, this.words);
    chooseQuality(this.quality, this.video, this.words);
    listenKeys(this.root, this);
    const below = this.lecture ? document.querySelector(`[data-progress="${CSS.escape(this.lecture)}"]`) : null;
    this.progress = new Progress(below, this.words);
    if (below?.dataset.missing) {
      this.progress.told(confirmed, Number(below.dataset.missing), "done" in below.dataset);
    }
  }

  get position() {
    return this.wanted ?? this.video.currentTime * 1000;
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
    const asked = Math.min(Math.max(ms, 0), this.duration || Infinity);
    const to = this.growing.nearest(asked);
    if (to < asked) this.sayNotYet();
    this.counting.endInterval();
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
      if (this.wanted !== undefined) video.currentTime = this.growing.nearest(this.wanted) / 1000;
      this.wanted = undefined;
    });
    video.addEventListener("ended", () => this.takeBetter());
    this.root.addEventListener("better", ({ detail }) => this.better(detail));
    video.addEventListener("timeupdate", () => {
      if (!video.seeking) this.counting.intervals.tick(video.currentTime * 1000, performance.now());
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
      this.growing.follow(api, () => this.draw());
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
    if (this.renewing) return;
    this.renewing = true;
    try {
      const master = await this.freshAddress();
      const wasPlaying = !this.video.paused;
      this.reload(wasPlaying, () => {
        this.video.src = master;
      });
    } catch (error) {
      this.broken(error);
    } finally {
      this.renewing = false;
    }
  }

  async freshAddress() {
    if (this.lecture) return (await this.counting.renewed()).master_url;
    return masterOf(await (await fetch(location.href)).text()); // a preview: the page knows it
  }

  /** A better package of the same lecture is there, now perhaps with pictures. */
  better({ master, sprite, poster }) {
    this.next = master;
    if (sprite) this.bars.setPreview(new Preview(sprite));
    if (poster && this.video.readyState === 0) this.video.setAttribute("poster", poster);
    this.takeBetter();
  }

  /** Whoever is watching is left in peace until the end, or until they load again. */
  takeBetter() {
    const { video } = this;
    const isOver = video.ended;
    if (!this.next || !(isOver || (video.paused && video.readyState === 0))) return;
    this.reload(false, () => {
      video.src = this.next;
      this.next = "";
    });
    if (isOver) this.wanted = undefined;
  }

  /** Load anew and go on at the same place. A play before the new source is attached would be lost. */
  reload(plays, load) {
    this.counting.endInterval();
    this.wanted = this.position;
    if (plays) this.video.addEventListener("loadstart", () => this.play(), { once: true });
    load();
  }

  broken(error) {
    const what = error instanceof ApiError && error.says ? error.says : this.words.broken;
    this.say(what, error?.says ? "" : this.words.broken_todo, this.words.again, () => {
      this.reload(true, () => {
        if (this.next) this.video.src = this.next;
        else this.video.load();
        this.next = "";
      });
    });
  }

  draw() {
    const position = this.position;
    const { segments } = this.counting;
    this.bars.draw(position, segments, this.growing.reach);
    const time = `${moment(position)} / ${moment(this.duration)}`;
    if (this.time.textContent !== time) this.time.textContent = time;
    this.progress.draw(segments, this.duration);
    this.chapters.mark(position);
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

  /** Beyond what is made so far nothing can be played; a moment later it can. */
  sayNotYet() {
    this.say(fill(this.words.not_yet, { at: moment(this.growing.reach) }), this.words.not_yet_todo);
    clearTimeout(this.saying);
    this.saying = setTimeout(() => this.clear(), SAID_FOR);
  }

  clear() {
    this.isUnsaved = false;
    this.says.replaceChildren();
  }
}

/** Where the player of a page's text plays from. */
function masterOf(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return page.querySelector("[data-player]")?.dataset.master || "";
}

function buildAll() {
  for (const root of document.querySelectorAll("[data-player]:not([data-built])")) {
    root.dataset.built = "";
    new Player(root);
  }
}

buildAll();
document.addEventListener("renewed", buildAll); // pieces of the page that came later
