// The trim page: times taken from the picture, parts left out, what is kept drawn as a line, and watched as it will be.

import { moment } from "../shared/lengths.js";
import { svg } from "../shared/page.js";
import { goTo, position, readMoment } from "./picture.js";

/** `05:56.25`, as the server writes it. */
export function exact(ms) {
  const hundredths = Math.floor((ms % 1000) / 10);
  return moment(ms) + (hundredths ? `.${String(hundredths).padStart(2, "0").replace(/0$/, "")}` : "");
}

/** What is kept: `[[start, end], …]` in ms. What cannot be read yet counts for nothing. */
export function keptOf({ start, end, out }, length) {
  const last = Math.min(end ?? length, length);
  let at = Math.max(start ?? 0, 0);
  const kept = [];
  const gaps = out.filter(([a, b]) => a !== null && b !== null && a < b).sort(([a], [b]) => a - b);
  for (const [from, to] of gaps) {
    if (from > at) kept.push([at, Math.min(from, last)]);
    at = Math.max(at, to);
  }
  kept.push([at, last]);
  return kept.filter(([a, b]) => a < b);
}

export class Cut {
  constructor(form) {
    this.form = form;
    this.length = Number(form.dataset.length);
    this.list = form.querySelector("[data-rows-list]");
    this.blank = form.querySelector("[data-row-blank]");
    this.line = document.querySelector("[data-cut-line]");
    this.preview = form.querySelector("[data-cut-preview]");
    this.reveal(form);
    form.addEventListener("input", () => this.draw());
    form.addEventListener("click", ({ target }) => this.press(target));
    this.draw();
  }

  reveal(within) {
    for (const button of within.querySelectorAll("button[hidden]")) button.hidden = false;
  }

  press(target) {
    const field = target.closest("[data-cut-at]")?.querySelector("[data-time]");
    if (target.closest("[data-take]")) field.value = exact(position() ?? 0);
    else if (target.closest("[data-row-go]")) this.go(field);
    else if (target.closest("[data-row-add]")) this.add();
    else if (target.closest("[data-row-remove]")) this.remove(target.closest("[data-row]"));
    else if (target.closest("[data-cut-preview]")) this.watch();
    this.draw();
  }

  go(field) {
    const at = readMoment(field.value);
    if (at !== null) goTo(at);
  }

  add() {
    const row = this.blank.content.firstElementChild.cloneNode(true);
    this.reveal(row);
    this.list.append(row);
    row.querySelector("[data-time]").focus();
  }

  remove(row) {
    for (const field of row.querySelectorAll("[data-time]")) field.value = "";
    if (this.list.children.length > 1) row.remove();
  }

  get kept() {
    const value = (one) => (one.value.trim() ? readMoment(one.value) : null);
    const rows = [...this.list.querySelectorAll("[data-row]")];
    const out = rows.map((row) => [...row.querySelectorAll("[data-time]")].map(value));
    const [start, end] = ["start", "end"].map((name) => value(this.form.elements[name]));
    return keptOf({ start, end, out }, this.length);
  }

  draw() {
    const part = (ms) => `${((100 * ms) / this.length).toFixed(2)}%`;
    const rects = this.kept.map(([a, b]) => svg("rect", { x: part(a), width: part(b - a), height: "100%" }));
    this.line?.replaceChildren(...rects);
  }

  /** From the beginning; what is left out is jumped over, and at the end it stops. */
  watch() {
    const video = document.querySelector("hls-video");
    const wasOn = this.preview.getAttribute("aria-pressed") === "true";
    this.preview.setAttribute("aria-pressed", String(!wasOn));
    if (wasOn || !video) {
      video?.pause();
      return;
    }
    if (!this.isFollowing) video.addEventListener("timeupdate", () => this.follow(video));
    this.isFollowing = true;
    goTo(this.kept[0]?.[0] ?? 0);
  }

  follow(video) {
    if (this.preview.getAttribute("aria-pressed") !== "true" || video.paused || video.seeking) return;
    const at = video.currentTime * 1000;
    if (this.kept.some(([start, end]) => at >= start - 50 && at < end)) return;
    const next = this.kept.find(([start]) => start > at);
    if (next) video.currentTime = next[0] / 1000;
    else {
      this.preview.setAttribute("aria-pressed", "false");
      video.pause();
    }
  }
}
