// Keys of the whole player, wherever in it the focus is, and the two choices: speed and picture quality.

import { fill, element } from "../shared/page.js";
import { RATES } from "./theme.js";

const REMEMBERED = "player:rate";

export function listenKeys(root, player) {
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input")) return;
    const acts = {
      k: () => player.toggle(),
      j: () => player.seek(player.position - 10_000),
      ArrowLeft: () => player.seek(player.position - 5000),
      ArrowRight: () => player.seek(player.position + 5000),
      m: () => {
        player.video.muted = !player.video.muted;
      },
    };
    // The space bar presses the button that has the focus; elsewhere it plays.
    if (!event.target.closest("[role=button], button, a")) acts[" "] = () => player.toggle();
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

function remembered() {
  try {
    const rate = Number(localStorage.getItem(REMEMBERED));
    return RATES.includes(rate) ? rate : 1;
  } catch {
    return 1;
  }
}

export function chooseRate(select, video, words) {
  for (const rate of RATES) select.append(element("option", { value: rate }, fill(words.speed_short, { rate })));
  const set = (rate) => {
    video.playbackRate = rate;
    video.defaultPlaybackRate = rate;
    select.value = String(rate);
    select.setAttribute("aria-label", fill(words.speed, { rate }));
  };
  select.addEventListener("change", () => {
    const rate = Number(select.value);
    set(rate);
    try {
      localStorage.setItem(REMEMBERED, String(rate));
    } catch {
      return; // a private window: this page only
    }
  });
  video.addEventListener("loadstart", () => set(remembered()));
  set(remembered());
}

export function chooseQuality(select, video, words) {
  const fillIn = () => {
    const renditions = [...(video.videoRenditions || [])];
    const chosen = select.value || "-1";
    const options = renditions
      .map((rendition, index) => ({ index, height: Math.min(rendition.width, rendition.height) }))
      .sort((a, b) => b.height - a.height)
      .map(({ index, height }) => element("option", { value: index }, `${height}p`));
    select.replaceChildren(element("option", { value: -1 }, words.auto), ...options);
    select.value = chosen;
    if (!select.value) select.value = "-1";
    select.disabled = renditions.length < 2;
  };
  select.addEventListener("change", () => {
    video.videoRenditions.selectedIndex = Number(select.value);
  });
  video.videoRenditions?.addEventListener("addrendition", fillIn);
  video.videoRenditions?.addEventListener("removerendition", fillIn);
  fillIn();
}
