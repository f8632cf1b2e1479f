// The seek bar: white where it was really played, grey where not, a red stroke where the picture is. A slider for the
// keyboard and for those who cannot see it.

import { moment, spoken } from "../shared/lengths.js";
import { fill, svg } from "../shared/page.js";
import { chapterAt } from "./chapters.js";
import { closed, gaps } from "./coverage.js";

const STEP = 5000;
const PAGE = 30_000;

export class Seek {
  constructor({ duration, words, onSeek, preview }) {
    Object.assign(this, { duration, words, onSeek, preview });
    this.seen = svg("g", { class: "seen" });
    this.cuts = svg("g", { class: "gap" });
    this.chapters = [];
    this.made = svg("rect", { class: "all", y: 17, width: "100%", height: 10 });
    this.head = svg("rect", { class: "head-at", x: "0%", y: 9, width: 9, height: 26, rx: 2 });
    this.root = svg(
      "svg",
      { class: "seek", role: "slider", tabindex: 0, "aria-label": words.seek, "aria-valuemin": 0 },
      svg("rect", { class: "to-come", y: 21, width: "100%", height: 2 }),
      this.made,
      this.seen,
      this.cuts,
      this.head,
    );
    if (preview) this.setPreview(preview);
    this.position = 0;
    this.segments = [];
    this.listen();
    this.setDuration(duration);
  }

  setPreview(preview) {
    this.preview?.root.remove();
    this.preview = preview;
    this.root.append(preview.root);
  }

  setDuration(duration) {
    this.duration = duration;
    this.root.setAttribute("aria-valuemax", Math.floor(duration / 1000));
    this.drawCuts();
  }

  setChapters(found) {
    this.chapters = found;
    this.second = undefined; // what is said changes with it
    this.drawCuts();
  }

  /** A black cut where each chapter but the first begins. */
  drawCuts() {
    const inside = this.duration ? this.chapters.filter(({ start }) => start > 0 && start < this.duration) : [];
    const place = ({ start }) => ({ x: `${((100 * start) / this.duration).toFixed(2)}%`, y: 15, width: 3, height: 14 });
    this.cuts.replaceChildren(...inside.map((chapter) => svg("rect", place(chapter))));
  }

  listen() {
    this.root.addEventListener("keydown", (event) => {
      const to = this.keys(event.key);
      if (to === null) return;
      event.preventDefault();
      event.stopPropagation();
      this.onSeek(Math.min(Math.max(to, 0), this.duration));
    });
    this.root.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      this.root.setPointerCapture(event.pointerId);
      this.held = true;
      this.show(this.placeOf(event));
    });
    this.root.addEventListener("pointermove", (event) => {
      const place = this.placeOf(event);
      if (this.held) this.show(place);
      this.preview?.show(place, place / this.duration, chapterAt(this.chapters, place)?.title);
    });
    const drop = (event) => {
      if (!this.held) return;
      this.held = false;
      if (event.type === "pointerup") this.onSeek(this.placeOf(event));
    };
    this.root.addEventListener("pointerup", drop);
    this.root.addEventListener("pointercancel", drop);
    this.root.addEventListener("pointerleave", () => this.preview?.hide());
  }

  keys(key) {
    const moves = { ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP, PageDown: -PAGE, PageUp: PAGE };
    if (key === "Home") return 0;
    if (key === "End") return this.duration;
    return key in moves ? this.position + moves[key] : null;
  }

  placeOf(event) {
    const box = this.root.getBoundingClientRect();
    const style = getComputedStyle(this.root);
    const left = box.left + parseFloat(style.paddingLeft);
    const width = box.width - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    return Math.min(Math.max((event.clientX - left) / width, 0), 1) * this.duration;
  }

  show(position) {
    const part = this.duration ? Math.min(position / this.duration, 1) : 0;
    this.head.setAttribute("x", `${(100 * part).toFixed(2)}%`);
  }

  /** `reach`: up to where it is made already, in ms; Infinity once all of it is. */
  draw(position, segments, reach = Infinity) {
    this.position = position;
    this.segments = closed(segments);
    this.drawMade(reach);
    if (!this.held) this.show(position);
    this.drawSeen();
    const second = Math.floor(position / 1000);
    if (second === this.second && segments.length === this.pieces) return;
    this.second = second;
    this.pieces = segments.length;
    this.root.setAttribute("aria-valuenow", second);
    this.root.setAttribute("aria-valuetext", this.spoken());
  }

  drawMade(reach) {
    if (reach === this.reach) return;
    this.reach = reach;
    this.second = undefined; // what is said changes with it
    const part = this.duration ? Math.min(reach / this.duration, 1) : 1;
    this.made.setAttribute("width", `${(100 * part).toFixed(2)}%`);
  }

  drawSeen() {
    const { children } = this.seen;
    while (children.length > this.segments.length) this.seen.lastChild.remove();
    while (children.length < this.segments.length) this.seen.append(svg("rect", { y: 17, height: 10 }));
    this.segments.forEach(([start, end], index) => {
      children[index].setAttribute("x", `${((100 * start) / this.duration).toFixed(2)}%`);
      children[index].setAttribute("width", `${((100 * (end - start)) / this.duration).toFixed(2)}%`);
    });
  }

  spoken() {
    const { words } = this;
    const title = chapterAt(this.chapters, this.position)?.title;
    const place = spoken(this.position, words);
    const at = title ? fill(words.seek_chapter, { title, at: place }) : place;
    const length = spoken(this.duration, words);
    if (this.reach < this.duration) return fill(words.seek_growing, { at, length, reach: spoken(this.reach, words) });
    const missing = gaps(this.segments, this.duration);
    if (!missing.length) return fill(words.seek_text, { at, length });
    const parts = missing.slice(0, 4).map(({ start, end, isLast }) => {
      return fill(isLast ? words.part_last : words.part, { start: moment(start), end: moment(end) });
    });
    return fill(words.seek_missing, { at, length, parts: parts.join(words.comma) });
  }
}
