// Pieces of a page that follow what happens on the server: an element with an `id` and `data-live` (names of what it is
// about, as events carry them) is fetched again when such an event comes, and, while it has `data-moving`, every few
// seconds. The server draws them; here they are only put in place.

import { packageOf } from "../player/growing.js";

const SOON = 700; // several events come together
const EVERY = 5000; // the stream of events is quicker; this is for where it does not come through

const drawn = new Map(); // by id: what the server last sent; scripts change what is on the page

function pieces(within) {
  return [...within.querySelectorAll("[data-live][id]")];
}

function isAbout(piece, { asset, subject, lecture }) {
  const names = piece.dataset.live.split(" ");
  return [asset, subject?.split("/")[0], lecture].some((name) => name && names.includes(name));
}

/** What had the focus gets it again, if it is still there. */
function refocused(piece, change) {
  const active = piece.contains(document.activeElement) ? document.activeElement : null;
  change();
  if (!active) return;
  const same = active.id ? document.getElementById(active.id) : null;
  const link = active.getAttribute("href");
  (same || (link && piece.querySelector(`[href="${CSS.escape(link)}"]`)))?.focus({ preventScroll: true });
}

/** A player that is there stays: it only hears where the picture is better now. */
function keepsPlayer(piece, fresh) {
  const [player, better] = [piece, fresh].map((one) => one.querySelector("[data-player]"));
  if (!player || !better) return false;
  const { master, sprite } = better.dataset;
  if (packageOf(master) !== packageOf(player.dataset.master)) {
    player.dataset.master = master;
    const poster = better.querySelector("video")?.getAttribute("poster");
    player.dispatchEvent(new CustomEvent("better", { detail: { master, sprite, poster } }));
  }
  return true;
}

function put(piece, fresh) {
  piece.toggleAttribute("data-moving", fresh.hasAttribute("data-moving"));
  const html = fresh.innerHTML;
  if (drawn.get(piece.id) === html) return;
  drawn.set(piece.id, html);
  if (keepsPlayer(piece, fresh)) return;
  refocused(piece, () => piece.replaceChildren(...document.importNode(fresh, true).childNodes));
  document.dispatchEvent(new CustomEvent("renewed", { detail: { piece } }));
}

async function renew() {
  const response = await fetch(location.href, { credentials: "same-origin" }).catch(() => null);
  if (!response?.ok) return; // offline, signed out: the next look, or the next page, will say so
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const piece of pieces(document)) {
    const fresh = page.getElementById(piece.id);
    if (fresh) put(piece, fresh);
  }
}

export function follow() {
  for (const piece of pieces(document)) drawn.set(piece.id, piece.innerHTML);
  let coming = 0;
  const soon = () => {
    coming ||= setTimeout(() => {
      renew().finally(() => {
        coming = 0;
      });
    }, SOON);
  };
  document.addEventListener("pushed", ({ detail }) => {
    if (pieces(document).some((piece) => isAbout(piece, detail.payload || {}))) soon();
  });
  setInterval(() => {
    if (!document.hidden && document.querySelector("[data-live][data-moving]")) soon();
  }, EVERY);
}
