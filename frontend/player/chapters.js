// Chapters: cuts in the seek bar, the name of the one that plays, and the mark in the page's list of them.

function milliseconds(stamp) {
  return Math.round(stamp.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) * 1000);
}

function plain(text) {
  return new DOMParser().parseFromString(text, "text/html").body.textContent;
}

/** `[{start, end, title}]` in ms, of a WebVTT file. `decode` turns its entities into text. */
export function readChapters(text, decode = plain) {
  const cue = /([\d:.]+)\s+-->\s+([\d:.]+)[^\n]*\n([^\n]+)/g;
  return [...text.replace(/\r/g, "").matchAll(cue)].map(([, start, end, title]) => {
    return { start: milliseconds(start), end: milliseconds(end), title: decode(title) };
  });
}

export function chapterAt(chapters, ms) {
  return chapters.find(({ start, end }) => ms >= start && ms < end);
}

export class Chapters {
  constructor(url, onFound) {
    this.found = [];
    if (url) this.load(url, onFound);
  }

  async load(url, onFound) {
    const response = await fetch(url).catch(() => null);
    if (!response?.ok) return; // the lecture plays without them
    this.found = readChapters(await response.text());
    onFound(this.found);
  }

  /** In the page's list, if it has one. */
  mark(ms) {
    const now = chapterAt(this.found, ms)?.start;
    if (now === this.marked) return;
    this.marked = now;
    for (const link of document.querySelectorAll("[data-chapters] [data-start]")) {
      if (Number(link.dataset.start) === now) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }
}
