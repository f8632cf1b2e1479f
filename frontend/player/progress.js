// What is missing, below the picture: the sentence and one chip for each gap, kept up to date while watching.

import { moment, spoken } from "../shared/lengths.js";
import { element, fill } from "../shared/page.js";
import { covered, gaps, percent } from "./coverage.js";

export class Progress {
  constructor(root, words) {
    this.root = root;
    this.words = words;
    this.says = root?.querySelector("[data-progress-says]");
    this.chips = root?.querySelector("[data-gaps]");
    this.isDone = root ? "done" in root.dataset : false;
    this.needed = null; // ms that count as finished: what was covered and what the server said was missing then
    this.drawn = "";
  }

  /** What the server says: `missing` ms more. */
  told(segments, missing, isDone) {
    this.needed = covered(segments) + missing;
    this.isDone ||= isDone;
  }

  draw(segments, duration) {
    if (!this.root) return;
    const found = segments.length ? gaps(segments, duration) : []; // "go to 00:00" helps nobody
    const sentence = this.sentence(segments, duration);
    if (this.says.textContent !== sentence) this.says.textContent = sentence;
    const key = found.map((gap) => `${Math.round(gap.start / 1000)}-${Math.round(gap.end / 1000)}`).join();
    if (key === this.drawn || this.chips.contains(document.activeElement)) return;
    this.drawn = key;
    this.chips.replaceChildren(...found.map((gap) => this.chip(gap)));
  }

  sentence(segments, duration) {
    if (this.isDone) return this.words.done;
    if (this.needed === null) return this.says.textContent;
    const missing = Math.max(0, this.needed - covered(segments));
    const more = spoken(Math.ceil(missing / 1000) * 1000, this.words);
    const seen = percent(segments, duration);
    if (!missing) return fill(this.words.nearly_done, { percent: seen });
    return seen ? fill(this.words.watched, { percent: seen, more }) : fill(this.words.not_watched, { more });
  }

  chip({ start, end, isLast }) {
    const label = fill(isLast ? this.words.gap_last : this.words.gap, { start: moment(start), end: moment(end) });
    const href = `?t=${Math.floor(start / 1000)}`;
    return element("a", { class: "chip", href, "data-start": Math.round(start) }, label);
  }
}
