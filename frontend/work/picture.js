// What these pages ask of the player: where the picture is, and to be brought elsewhere.

const video = () => document.querySelector("hls-video");

/** In ms; null where there is no player yet. */
export function position() {
  const at = video()?.currentTime;
  return at === undefined ? null : Math.round(at * 1000);
}

/** The player follows links that say where they begin; so this is one, pressed. */
export function goTo(ms) {
  const link = document.createElement("a");
  link.dataset.start = Math.max(0, Math.round(ms));
  document.body.append(link);
  link.click();
  link.remove();
}

/** `05:56.25` in ms; null for what is no time. */
export function readMoment(text) {
  const plain = text.normalize("NFKC").trim();
  const found = /^(?:(\d{1,2}):)?(\d{1,3}):(\d{1,2})(\.\d{1,3})?$/.exec(plain);
  if (!found) return null;
  const [, hours, minutes, seconds, fraction] = found;
  if (Number(seconds) > 59 || (hours && Number(minutes) > 59)) return null;
  return Math.round(((Number(hours || 0) * 60 + Number(minutes)) * 60 + Number(seconds) + Number(fraction || 0)) * 1000);
}
