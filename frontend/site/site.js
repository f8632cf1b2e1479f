// What every page has: links that are copied, pages that are printed, filters that send themselves, menus that close,
// and the one stream of events. Nothing here is needed to use a page.

import { fill, wordsOf } from "../shared/page.js";
import { listen } from "../events/client.js";
import { Suggestions, listenSlash } from "../search/suggestions.js";
import { follow } from "./live.js";

const words = wordsOf("site");

async function copy(button) {
  const says = button.querySelector("[data-copy-says]") || button;
  const before = says.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    says.textContent = words.copied;
    setTimeout(() => {
      says.textContent = before;
    }, 3000);
  } catch {
    // No clipboard on plain http: show the link, marked, so that one press copies it.
    says.textContent = fill(words.not_copied, { url: button.dataset.copy });
    getSelection()?.selectAllChildren(says);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy], [data-print]");
  if (button?.dataset.copy) copy(button);
  else if (button) window.print();
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-send]")) event.target.form?.requestSubmit();
});

const boxes = [...document.querySelectorAll("[data-suggest]")];
for (const input of boxes) new Suggestions(input, words);
listenSlash(boxes.reverse()); // the page's own box first

if (document.querySelector("[data-live]")) follow();
if (document.querySelector("[data-events], [data-live]")) listen();
