import assert from "node:assert/strict";
import { test } from "node:test";

import { Beats } from "../player/beats.js";
import { closed, covered, gaps, percent, union } from "../player/coverage.js";
import { Intervals } from "../player/intervals.js";
import { readSprite } from "../player/preview.js";

test("union joins what touches, sorts, and stays inside the lecture", () => {
  assert.deepEqual(union([[50, 70], [-5, 10], [10, 20], [60, 200]], 100), [[0, 20], [50, 100]]);
});

test("union is the same however often it is taken", () => {
  const once = union([[3, 9], [1, 4], [20, 30], [9, 10]], 25);
  assert.deepEqual(union(once, 25), once);
  assert.equal(covered(once), 14);
});

test("gaps of less than a second are no gaps", () => {
  assert.deepEqual(gaps([[0, 5000], [5500, 9000]], 12_000), [{ start: 9000, end: 12_000, isLast: true }]);
  assert.deepEqual(closed([[0, 5000], [5500, 9000]]), [[0, 9000]]);
});

test("a hundred per cent only when nothing is missing", () => {
  assert.equal(percent([[0, 9999]], 10_000), 99);
  assert.equal(percent([[0, 10_000]], 10_000), 100);
  assert.equal(percent([], 0), 0);
});

function played(...ticks) {
  const intervals = new Intervals();
  intervals.begin(...ticks[0], 1);
  for (const [ms, now] of ticks.slice(1)) intervals.tick(ms, now);
  return intervals;
}

test("a running interval is told in pieces that leave nothing out", () => {
  const intervals = played([0, 0], [250, 250], [1000, 1000]);
  assert.deepEqual(intervals.take(), [[0, 1000]]);
  intervals.tick(2000, 2000);
  intervals.end(2500, 2500);
  assert.deepEqual(intervals.take(), [[1000, 2500]]);
  assert.deepEqual(intervals.take(), []);
});

test("a jump of the clock is not taken for playing", () => {
  const intervals = played([0, 0], [1000, 1000], [60_000, 1250], [61_000, 2250]);
  intervals.end();
  assert.deepEqual(intervals.take(), [[0, 1000], [60_000, 61_000]]);
});

test("going back begins anew", () => {
  const intervals = played([5000, 0], [6000, 1000], [2000, 1250], [3000, 2250]);
  intervals.end();
  assert.deepEqual(intervals.take(), [[5000, 6000], [2000, 3000]]);
});

test("at double speed two seconds in one are believed", () => {
  const intervals = new Intervals();
  intervals.begin(0, 0, 2);
  intervals.tick(10_000, 5000);
  assert.deepEqual(intervals.take(), [[0, 10_000]]);
});

class Storage extends Map {
  getItem(key) {
    return this.get(key) ?? null;
  }

  setItem(key, value) {
    this.set(key, value);
  }

  removeItem(key) {
    this.delete(key);
  }
}

const session = { token: "t", session: "s" };

test("what could not be sent is kept, also for the next page", async () => {
  const storage = new Storage();
  const beats = new Beats("lecture", storage);
  globalThis.fetch = async () => {
    throw new TypeError("offline");
  };
  beats.add(session, { start_ms: 0, end_ms: 10 });
  assert.equal(await beats.flush(), false);

  const sent = [];
  globalThis.fetch = async (_, { body }) => {
    sent.push(JSON.parse(body));
    return { ok: true, status: 200 };
  };
  const next = new Beats("lecture", storage);
  assert.equal(await next.flush(), true);
  assert.equal(sent[0].intervals[0].end_ms, 10);
  assert.ok(new Beats("lecture", storage).isEmpty);
});

test("every beat keeps its own id, so that sending twice counts once", async () => {
  const beats = new Beats("lecture", new Storage());
  const bodies = [];
  let fails = true;
  globalThis.fetch = async (_, { body }) => {
    bodies.push(JSON.parse(body));
    return fails ? { ok: false, status: 503 } : { ok: true, status: 200 };
  };
  beats.add(session, { start_ms: 0, end_ms: 10 });
  await beats.flush();
  fails = false;
  await beats.flush();
  assert.equal(bodies[0].intervals[0].uuid, bodies[1].intervals[0].uuid);
});

test("beats of two tokens go in two bodies", async () => {
  const beats = new Beats("lecture", new Storage());
  const tokens = [];
  globalThis.fetch = async (_, { body }) => {
    tokens.push(JSON.parse(body).token);
    return { ok: true, status: 200 };
  };
  beats.add(session, { start_ms: 0, end_ms: 10 });
  beats.add({ token: "u", session: "s" }, { start_ms: 10, end_ms: 20 });
  await beats.flush();
  assert.deepEqual(tokens, ["t", "u"]);
});

test("a sprite file names pieces of one picture", () => {
  const text = "WEBVTT\n\n00:00:04.000 --> 00:00:08.500\nsprite.jpg#xywh=160,90,160,90\n";
  assert.deepEqual(readSprite(text, "http://x/a/b/sprite.vtt"), [
    { start: 4000, end: 8500, url: "http://x/a/b/sprite.jpg", x: 160, y: 90, width: 160, height: 90 },
  ]);
});
