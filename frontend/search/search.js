// The search page, and the search inside one lecture on its watch page. Both work without it.

import { remember } from "./history.js";
import { Instant } from "./instant.js";
import { drawTiles } from "./tiles.js";

const results = document.getElementById("results");
if (results) {
  const form = document.querySelector("main [role=search]");
  new Instant({ form, place: results, address: location.pathname, isPage: true, onDrawn: drawTiles });
  results.addEventListener("click", (event) => event.target.closest("article a") && remember(form.elements.q.value));
  drawTiles(results);
}

for (const form of document.querySelectorAll("[data-inside]")) {
  const place = document.getElementById(form.dataset.found);
  new Instant({ form, place, address: form.dataset.inside, isPage: false });
}
