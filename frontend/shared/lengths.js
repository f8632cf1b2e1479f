// Lengths, moments and sizes as the server writes them (ui/lengths.py). Pure.

import { fill } from "./page.js";

function parts(ms) {
  const all = Math.floor(Math.max(ms, 0) / 1000);
  return { hours: Math.floor(all / 3600), minutes: Math.floor((all % 3600) / 60), seconds: all % 60 };
}

const two = (number) => String(number).padStart(2, "0");

/** A place in a lecture: `05:56`, `1:02:03`. */
export function moment(ms) {
  const { hours, minutes, seconds } = parts(ms);
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${two(minutes)}:${two(seconds)}`;
}

/** A length in words; `words` has hours, minutes_seconds, minutes and seconds. */
export function spoken(ms, words) {
  const { hours, minutes, seconds } = parts(ms);
  if (hours) return fill(words.hours, { hours, minutes });
  if (!minutes) return fill(words.seconds, { seconds });
  return fill(seconds ? words.minutes_seconds : words.minutes, { minutes, seconds });
}

/** Time left, rounded up: to the second below a minute, to the minute above. */
export function spokenLeft(ms, words) {
  if (ms <= 0) return fill(words.seconds, { seconds: 1 });
  const unit = ms < 60_000 ? 1000 : 60_000;
  return spoken(Math.ceil(ms / unit) * unit, words);
}

/** `4.1 MB`, `412 MB`, `4 GB`. */
export function fileSize(bytes) {
  let amount = bytes;
  let unit = "B";
  for (const larger of ["KB", "MB", "GB", "TB"]) {
    if (amount < 1024) break;
    amount /= 1024;
    unit = larger;
  }
  return `${amount < 10 ? amount.toFixed(1).replace(/\.0$/, "") : amount.toFixed(0)} ${unit}`;
}
