// Builds the player out of Media Chrome's parts and our own: picture, seek bar, keys. Every element named here that has
// a shadow root is named in build.mjs too, for the hashes of its style sheet.

import "hls-video-element";
import "media-chrome/dist/media-controller.js";
import "media-chrome/dist/media-fullscreen-button.js";
import "media-chrome/dist/media-loading-indicator.js";
import "media-chrome/dist/media-mute-button.js";
import "media-chrome/dist/media-play-button.js";
import "media-chrome/dist/media-seek-backward-button.js";
import "media-chrome/dist/lang/zh-CN.js";

import { element, icon } from "../shared/page.js";

export const RATES = [0.75, 1, 1.25, 1.5, 2];

function slotted(file, name, slot) {
  const drawing = icon(file, name);
  drawing.setAttribute("slot", slot);
  return drawing;
}

function key(name, attributes, ...icons) {
  return element(name, { class: "player-key", mediacontroller: "player", notooltip: true, ...attributes }, ...icons);
}

function select(label, className = "") {
  return element("select", { class: `player-select ${className}`.trim(), "aria-label": label });
}

/** `{controller, video, bar, time, captions, rate, quality}`, not yet in the page. */
export function build({ words, icons, title, language, poster }) {
  const video = document.createElement("hls-video");
  video.config = { liveDurationInfinity: false }; // one that grows is no broadcast: its length only becomes longer
  video.setAttribute("slot", "media");
  video.setAttribute("playsinline", "");
  video.setAttribute("preload", "none");
  video.setAttribute("aria-label", title);
  if (poster) video.setAttribute("poster", poster);
  const controller = element(
    "media-controller",
    { id: "player", lang: language, nohotkeys: true, fullscreenelement: "player-stage", noautohide: true, noautoseektolive: true },
    video,
    element("media-loading-indicator", { slot: "centered-chrome", notooltip: true }),
  );
  const time = element("span", { class: "player-time" });
  const captions = select(words.captions);
  const rate = select("");
  const quality = select(words.quality, "player-more");
  const bar = element(
    "div",
    { class: "player-bar" },
    key("media-play-button", {}, slotted(icons, "play", "play"), slotted(icons, "pause", "pause")),
    key("media-seek-backward-button", { class: "player-key player-more", seekoffset: 10 }, slotted(icons, "back10", "icon")),
    key(
      "media-mute-button",
      { class: "player-key player-more" },
      ...["high", "medium", "low"].map((level) => slotted(icons, "sound", level)),
      slotted(icons, "mute", "off"),
    ),
    time,
    element("span", { class: "push" }),
    captions,
    rate,
    quality,
    key("media-fullscreen-button", {}, slotted(icons, "full", "enter"), slotted(icons, "full", "exit")),
  );
  return { controller, video, bar, time, captions, rate, quality };
}
