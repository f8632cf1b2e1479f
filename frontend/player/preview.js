// The small picture over the seek bar: one piece of the sprite, named by a WebVTT file (`sprite.jpg#xywh=0,0,160,90`).

import { moment } from "../shared/lengths.js";
import { svg } from "../shared/page.js";

const HEIGHT = 90;

function seconds(stamp) {
  return stamp.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** `[{start, end, url, x, y, width, height}]` in ms and pixels. */
export function readSprite(text, base) {
  const found = [];
  const cue = /([\d:.]+)\s+-->\s+([\d:.]+)[^\n]*\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)/g;
  for (const [, start, end, url, x, y, width, height] of text.replace(/\r/g, "").matchAll(cue)) {
    found.push({
      start: seconds(start) * 1000,
      end: seconds(end) * 1000,
      url: new URL(url, base).href,
      x: Number(x),
      y: Number(y),
      width: Number(width),
      height: Number(height),
    });
  }
  return found;
}

export class Preview {
  constructor(url) {
    this.url = url;
    this.image = svg("image");
    this.frame = svg("svg", { class: "preview-frame", y: -HEIGHT - 30, height: HEIGHT }, this.image);
    this.time = svg("text", { class: "preview-time", y: -12, "text-anchor": "middle" });
    this.root = svg("g", { class: "preview", "aria-hidden": "true", visibility: "hidden" }, this.frame, this.time);
    this.pieces = null;
  }

  async load() {
    this.pieces = [];
    if (!this.url) return;
    const response = await fetch(this.url).catch(() => null);
    if (!response?.ok) return;
    this.pieces = readSprite(await response.text(), response.url);
    if (this.asked) this.show(...this.asked);
  }

  show(ms, part, title = "") {
    this.asked = [ms, part, title];
    if (!this.pieces) this.load();
    const piece = this.pieces?.find(({ start, end }) => ms >= start && ms < end) || this.pieces?.[this.pieces.length - 1];
    this.time.textContent = title ? `${moment(ms)} ${title}` : moment(ms);
    this.time.setAttribute("x", `${(100 * part).toFixed(2)}%`);
    this.root.setAttribute("visibility", "visible");
    if (piece) this.draw(piece, part);
  }

  draw({ url, x, y, width, height }, part) {
    const wide = (width * HEIGHT) / height;
    const box = this.root.ownerSVGElement.getBoundingClientRect();
    const left = Math.min(Math.max(part * box.width - wide / 2, 0), Math.max(box.width - wide, 0));
    this.frame.setAttribute("x", left.toFixed(1));
    this.frame.setAttribute("width", wide.toFixed(1));
    this.frame.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
    if (this.image.getAttribute("href") !== url) this.image.setAttribute("href", url);
  }

  hide() {
    this.asked = null;
    this.root.setAttribute("visibility", "hidden");
  }
}
