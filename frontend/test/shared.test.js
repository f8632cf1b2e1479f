import assert from "node:assert/strict";
import { test } from "node:test";

import { Stream } from "../events/stream.js";
import { fileSize, moment, spoken, spokenLeft } from "../shared/lengths.js";
import { fill } from "../shared/page.js";

const words = {
  hours: "%(hours)s小时%(minutes)s分",
  minutes_seconds: "%(minutes)s分%(seconds)s秒",
  minutes: "%(minutes)s分",
  seconds: "%(seconds)s秒",
};

test("both kinds of placeholders are filled", () => {
  assert.equal(fill("{a} of %(b)s{c}", { a: 1, b: 2 }), "1 of 2");
});

test("lengths are written as the server writes them", () => {
  assert.equal(moment(356_000), "05:56");
  assert.equal(moment(3_723_000), "1:02:03");
  assert.equal(spoken(522_000, words), "8分42秒");
  assert.equal(spoken(180_000, words), "3分");
  assert.equal(spoken(7_260_000, words), "2小时1分");
  assert.deepEqual([10, 4_300_000, 432_013_312, 4 * 1024 ** 3].map(fileSize), ["10 B", "4.1 MB", "412 MB", "4 GB"]);
});

test("time left is rounded up", () => {
  assert.equal(spokenLeft(47_100, words), "48秒");
  assert.equal(spokenLeft(121_000, words), "3分");
  assert.equal(spokenLeft(0, words), "1秒");
});

test("a broken stream goes on after the last event, with a fresh token", async () => {
  const addresses = [];
  const heard = [];
  const sources = [];
  let tokens = 0;
  let stream;
  const done = new Promise((resolve) => {
    stream = new Stream({
      getToken: async () => ({ token: `t${(tokens += 1)}`, url: "/e" }),
      makeSource: (url) => {
        addresses.push(url);
        const listeners = {};
        const source = { addEventListener: (kind, act) => (listeners[kind] = act), close() {}, listeners };
        sources.push(source);
        queueMicrotask(() => {
          if (sources.length === 1) {
            listeners.asset({ lastEventId: "7", data: '{"asset": "a"}' });
            source.onerror();
          } else {
            stream.close();
            resolve();
          }
        });
        return source;
      },
      onEvent: (event) => heard.push(event),
      wait: async () => {},
    });
    stream.open();
  });
  await done;
  assert.deepEqual(addresses, ["/e?token=t1", "/e?token=t2&after=7"]);
  assert.deepEqual(heard, [{ kind: "asset", payload: { asset: "a" } }]);
});

test("who is signed out is not asked again", async () => {
  let asked = 0;
  const stream = new Stream({
    getToken: async () => {
      asked += 1;
      throw Object.assign(new Error(), { status: 401 });
    },
    makeSource: () => assert.fail("no source without a token"),
    onEvent: () => {},
    wait: async () => {},
  });
  stream.open();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(asked, 1);
  assert.equal(stream.isOpen, false);
});
