import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";

import { md5 } from "../upload/md5.js";
import { Pace, backOff, bytesDone, drawn, missing, partCount, rangeOf } from "../upload/plan.js";

const plan = { size: 25, partSize: 10 };

test("the last part is as long as what is left", () => {
  assert.equal(partCount(plan), 3);
  assert.deepEqual([1, 2, 3].map((number) => rangeOf(number, plan)), [[0, 10], [10, 20], [20, 25]]);
});

test("parts together are the file, without gap or overlap", () => {
  for (const size of [1, 9, 10, 11, 99, 100, 101]) {
    let at = 0;
    for (let number = 1; number <= partCount({ size, partSize: 10 }); number += 1) {
      const [from, to] = rangeOf(number, { size, partSize: 10 });
      assert.equal(from, at);
      at = to;
    }
    assert.equal(at, size);
  }
});

test("only what has not arrived is sent", () => {
  assert.deepEqual(missing(plan, new Set([2])), [1, 3]);
  assert.deepEqual(missing(plan, new Set([1, 2, 3])), []);
});

test("bytes on their way count once, and never more than the part has", () => {
  assert.equal(bytesDone(plan, new Set([1]), new Map([[1, 10], [3, 999]])), 15);
});

test("a gap is drawn as a gap, a part on its way in red", () => {
  const pieces = drawn(plan, new Set([1, 3]), new Map([[2, 5]]));
  assert.deepEqual(pieces.map(({ now }) => now), [false, true, false]);
  assert.ok(pieces[0].x + pieces[0].width < pieces[1].x);
});

test("very many parts are drawn as few pieces", () => {
  const many = { size: 1000, partSize: 1 };
  const received = new Set(Array.from({ length: 500 }, (_, index) => index + 1));
  const pieces = drawn(many, received);
  assert.equal(pieces.length, 1);
  assert.ok(Math.abs(pieces[0].width - 50) < 0.001);
});

test("time left comes from the last ten seconds", () => {
  const pace = new Pace();
  assert.equal(pace.left(100), null);
  pace.mark(0, 0);
  pace.mark(2000, 2000);
  assert.equal(pace.left(3000), 3000);
  pace.mark(20_000, 4000);
  assert.ok(pace.rate < 1);
});

test("waiting doubles and ends at half a minute", () => {
  assert.deepEqual([1, 2, 3, 9].map(backOff), [1000, 2000, 4000, 30_000]);
});

test("MD5 is what everybody takes for it, around the edges of blocks and steps too", async () => {
  const mib = 1024 * 1024;
  for (const size of [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 128, mib - 1, mib, mib + 1, 2 * mib + 77]) {
    const bytes = randomBytes(size);
    assert.equal(await md5(new Blob([bytes])), createHash("md5").update(bytes).digest("base64"), `${size} bytes`);
  }
});
