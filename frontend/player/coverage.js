// Which parts have been played, in milliseconds: sorted, disjoint [start, end]. The server decides (engagement); this
// draws what it will most likely decide, until it has. Pure.

export const SMALLEST_GAP = 1000; // shorter ones come from rounding

export function union(intervals, duration) {
  const sorted = intervals
    .map(([start, end]) => [Math.max(0, start), Math.min(end, duration)])
    .filter(([start, end]) => end > start)
    .sort((a, b) => a[0] - b[0]);
  const joined = [];
  for (const [start, end] of sorted) {
    const last = joined[joined.length - 1];
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  return joined;
}

/** For drawing: without the gaps that come from rounding. */
export function closed(segments) {
  const joined = [];
  for (const [start, end] of segments) {
    const last = joined[joined.length - 1];
    if (last && start - last[1] < SMALLEST_GAP) last[1] = end;
    else joined.push([start, end]);
  }
  return joined;
}

export function covered(segments) {
  return segments.reduce((sum, [start, end]) => sum + end - start, 0);
}

/** What is missing, in order; `isLast` reaches to the end. */
export function gaps(segments, duration) {
  const found = [];
  let at = 0;
  for (const [start, end] of [...segments, [duration, duration]]) {
    if (start - at >= SMALLEST_GAP) found.push({ start: at, end: start, isLast: start >= duration });
    at = Math.max(at, end);
  }
  return found;
}

/** Rounded down: 100 only when nothing is missing. */
export function percent(segments, duration) {
  return duration ? Math.min(100, Math.floor((100 * covered(segments)) / duration)) : 0;
}
