// What was searched for before, on this device only: it never leaves it.

const KEY = "searches";
const MOST = 8;

export function remembered() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) || "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string").slice(0, MOST) : [];
  } catch {
    return []; // storage that is switched off, or not ours
  }
}

export function remember(text) {
  const words = text.trim();
  if (!words) return;
  keep([words, ...remembered().filter((one) => one !== words)].slice(0, MOST));
}

export function forget() {
  keep([]);
}

function keep(all) {
  try {
    localStorage.setItem(KEY, JSON.stringify(all));
  } catch {
    // nothing is remembered then
  }
}
