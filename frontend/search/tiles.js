// The picture of the second that was found: a part of the lecture's sprite, drawn when it comes into view.
// Until then, and where it cannot be had, the lecture's poster stands there.

import { svg } from "../shared/page.js";

const AHEAD = { rootMargin: "200px" };

function draw(poster) {
  const [x, y, width, height] = poster.dataset.tile.split(" ").map(Number);
  const [wide, high] = poster.dataset.sheetSize.split(" ").map(Number);
  const sheet = svg("image", { href: poster.dataset.sheet, width: wide, height: high });
  // The inner one cuts the tile out, so that its neighbours do not show beside a portrait picture.
  const tile = svg("svg", { width, height, viewBox: `${x} ${y} ${width} ${height}` }, sheet);
  const picture = svg("svg", { class: "tile", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, tile);
  sheet.addEventListener("error", () => picture.remove());
  sheet.addEventListener("load", () => poster.querySelector("img")?.remove());
  poster.append(picture);
}

const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    draw(target);
  }
}, AHEAD);

export function drawTiles(within) {
  for (const poster of within.querySelectorAll("[data-sheet]")) seen.observe(poster);
}
