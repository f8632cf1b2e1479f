import assert from "node:assert/strict";
import { test } from "node:test";

import { chapterAt, readChapters } from "../player/chapters.js";
import { exact, keptOf } from "../work/cut.js";
import { readMoment } from "../work/picture.js";

const FILE = "WEBVTT\n\n00:00:00.000 --> 00:01:24.500\n那天上午的停线\n\n00:01:24.500 --> 01:02:00.000\n第2部分\n";

test("chapters are read from WebVTT", () => {
  assert.deepEqual(readChapters(FILE, (text) => text), [
    { start: 0, end: 84_500, title: "那天上午的停线" },
    { start: 84_500, end: 3_720_000, title: "第2部分" },
  ]);
});

test("a moment belongs to the chapter that has begun and not ended", () => {
  const chapters = readChapters(FILE, (text) => text);
  assert.equal(chapterAt(chapters, 84_499).title, "那天上午的停线");
  assert.equal(chapterAt(chapters, 84_500).title, "第2部分");
  assert.equal(chapterAt(chapters, 3_720_000), undefined);
});

test("a time is read as people write it", () => {
  const written = { "5:56": 356_000, "05:56.25": 356_250, "1:02:03": 3_723_000, "０３：２０": 200_000, " 0:07 ": 7000 };
  for (const [text, ms] of Object.entries(written)) assert.equal(readMoment(text), ms, text);
  for (const text of ["", "5", "5:60", "1:60:00", "a:bc", "5:56:"]) assert.equal(readMoment(text), null, text);
});

test("what is kept is what lies between beginning and end and is not left out", () => {
  const out = [[5000, 6000], [null, null], [2000, 5500]];
  assert.deepEqual(keptOf({ start: 1000, end: 9000, out }, 10_000), [[1000, 2000], [6000, 9000]]);
  assert.deepEqual(keptOf({ start: null, end: null, out: [] }, 10_000), [[0, 10_000]]);
  assert.deepEqual(keptOf({ start: 0, end: 4000, out: [[3000, 9000]] }, 10_000), [[0, 3000]]);
});

test("a moment is written as the server writes it", () => {
  assert.deepEqual([356_000, 356_250, 356_200].map(exact), ["05:56", "05:56.25", "05:56.2"]);
});
