import assert from "node:assert/strict";
import { test } from "node:test";

globalThis.location = { href: "http://site.test/mine/abc/" };
const { Growing, packageOf } = await import("../player/growing.js");

class Loader {
  constructor() {
    this.listeners = {};
  }

  on(name, act) {
    this.listeners[name] = act;
  }

  tell(name, edge, live) {
    this.listeners[name](name, { details: { edge, live } });
  }
}

function growing() {
  const loader = new Loader();
  const grown = new Growing();
  let changes = 0;
  grown.follow(loader, () => {
    changes += 1;
  });
  return { loader, grown, count: () => changes };
}

test("what grows reaches as far as both its picture and its sound", () => {
  const { loader, grown, count } = growing();
  loader.tell("hlsLevelUpdated", 12, true);
  loader.tell("hlsAudioTrackUpdated", 8, true);
  assert.equal(grown.reach, 8000);
  assert.equal(count(), 2);
});

test("nobody is sent beyond what is made, nor quite to its edge", () => {
  const { loader, grown } = growing();
  loader.tell("hlsLevelUpdated", 12, true);
  assert.equal(grown.nearest(5000), 5000);
  assert.equal(grown.nearest(60_000), 11_000);
  loader.tell("hlsLevelUpdated", 0.5, true);
  assert.equal(grown.nearest(60_000), 0);
});

test("what is whole, and what nothing is known of yet, has no limit", () => {
  const { loader, grown } = growing();
  assert.equal(grown.nearest(60_000), 60_000);
  loader.tell("hlsLevelUpdated", 12, true);
  loader.tell("hlsLevelUpdated", 16, false);
  assert.equal(grown.reach, Infinity);
});

test("another source begins anew", () => {
  const { loader, grown } = growing();
  loader.tell("hlsLevelUpdated", 12, true);
  grown.follow(new Loader(), () => {});
  assert.equal(grown.isGrowing, false);
});

test("an address signed anew is of the same package", () => {
  assert.equal(packageOf("/media/1-aa/asset/one/master.m3u8"), packageOf("/media/2-bb/asset/one/master.m3u8"));
  assert.notEqual(packageOf("/media/1-aa/asset/one/master.m3u8"), packageOf("/media/1-aa/asset/two/master.m3u8"));
});
