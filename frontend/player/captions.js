// Captions: which of them are shown, and drawn by us on a dark band, as large as all other words of a page (a browser's
// own shrink with the picture, and on a phone nobody can read them). They come with the master.

import { element } from "../shared/page.js";

const REMEMBERED = "player:captions"; // a language; "off"

function remembered() {
  try {
    return localStorage.getItem(REMEMBERED) || "";
  } catch {
    return "";
  }
}

function remember(choice) {
  try {
    localStorage.setItem(REMEMBERED, choice);
  } catch {
    return; // a private window: this page only
  }
}

export class Captions {
  constructor(select, video, words) {
    Object.assign(this, { select, video, words });
    this.root = element("div", { class: "player-captions", "aria-hidden": "true" });
    this.chosen = remembered();
    select.addEventListener("change", () => {
      this.chosen = select.value || "off";
      remember(this.chosen);
      this.choose();
    });
    for (const type of ["addtrack", "removetrack", "change"]) {
      video.textTracks?.addEventListener(type, () => this.choose());
    }
    this.choose();
  }

  get tracks() {
    const all = [...(this.video.textTracks || [])];
    return all.filter(({ kind }) => kind === "subtitles" || kind === "captions");
  }

  /** Those chosen last, else those the lecture begins with: its master names them first. */
  choose() {
    const { tracks } = this;
    const found = tracks.find(({ language }) => language === this.chosen) || tracks[0];
    const track = this.chosen === "off" ? null : found;
    if (tracks.length !== this.select.length - 1) this.offer(tracks);
    this.select.value = track?.language || "";
    for (const one of tracks) {
      const mode = one === track ? "hidden" : "disabled"; // hidden: read, and drawn by us
      if (one.mode !== mode) one.mode = mode;
    }
    if (track === this.track) return;
    this.track = track;
    if (track) track.oncuechange = () => track === this.track && this.draw();
    this.draw();
  }

  offer(tracks) {
    const options = tracks.map(({ language, label }) => element("option", { value: language }, label || language));
    this.select.replaceChildren(element("option", { value: "" }, this.words.no_captions), ...options);
    this.select.hidden = !tracks.length;
  }

  draw() {
    const cues = [...(this.track?.activeCues || [])];
    this.root.lang = this.track?.language || "";
    this.root.replaceChildren(...cues.map(({ text }) => element("span", {}, plain(text))));
  }
}

/** Its words without WebVTT's escapes. */
function plain(text) {
  return new DOMParser().parseFromString(text, "text/html").body.textContent;
}
