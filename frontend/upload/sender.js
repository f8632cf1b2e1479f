// Sends one file in parts: three at a time, each checked, each tried again until it is through. It draws nothing:
// whoever wants to know listens to "change".

import { ApiError, api } from "../shared/page.js";
import { AT_ONCE, Pace, backOff, bytesDone, missing, partCount, rangeOf } from "./plan.js";
import { digestOf, putPart } from "./transport.js";

const SIGN_AT_ONCE = 20;
export const GONE = new Set([404, 409, 410]); // statuses of an upload that is no more: trying again is no use
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

export class Sender extends EventTarget {
  /** `upload`: as the API answers it. state: sending → (waiting, paused) → finishing → done | stopped */
  constructor(file, upload) {
    super();
    this.file = file;
    this.id = upload.id;
    this.plan = { size: upload.size, partSize: upload.part_size };
    this.received = new Set();
    this.loaded = new Map();
    this.links = new Map();
    this.pace = new Pace();
    this.state = "sending";
    this.retrying = 0;
    this.error = null;
    this.requests = new Set();
    this.run = 0; // counts beginnings, so that a worker of an earlier one stops when a new one has begun
    this.online = () => this.state === "waiting" && this.send();
    addEventListener("online", this.online);
  }

  get bytes() {
    return bytesDone(this.plan, this.received, this.loaded);
  }

  get parts() {
    return partCount(this.plan);
  }

  get isMoving() {
    return this.state === "sending" || this.state === "finishing";
  }

  change(state = this.state) {
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }

  pause() {
    this.stopRequests();
    this.change("paused");
  }

  async abandon() {
    this.stopRequests();
    this.change("stopped");
    removeEventListener("online", this.online);
    await api("DELETE", `uploads/${this.id}`).catch((error) => {
      if (!GONE.has(error.status)) throw error;
    });
  }

  stopRequests() {
    for (const request of this.requests) request.abort();
    this.requests.clear();
    this.loaded.clear();
    this.pace.forget();
  }

  /** Begin or go on: asks what has arrived, sends the rest, completes. Answers the asset, or null if it stopped. */
  async send() {
    this.run += 1;
    const { run } = this;
    this.error = null;
    this.change("sending");
    try {
      // The server may still miss a part at completion: what is missing is then sent once more.
      for (let round = 0; round < 3 && this.isCurrent(run); round += 1) {
        await this.askParts(run);
        await this.sendMissing(run);
        if (!this.isCurrent(run)) return null;
        const asset = await this.complete(run);
        if (asset) return asset;
      }
    } catch (error) {
      if (run === this.run) this.fail(error);
    }
    return null;
  }

  isCurrent(run) {
    return run === this.run && this.isMoving;
  }

  async askParts(run) {
    const answer = await this.persist(run, () => api("GET", `uploads/${this.id}/parts`));
    if (!answer) return;
    this.received = new Set(answer.parts.map((part) => part.number));
    this.change();
  }

  async sendMissing(run) {
    const queue = missing(this.plan, this.received);
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.work(run, queue)));
  }

  async work(run, queue) {
    while (queue.length && this.isCurrent(run)) {
      const number = queue.shift();
      await this.persist(run, () => this.sendPart(run, number, queue), number);
    }
  }

  /** Try until it works: waits longer each time, and for the network where there is none. */
  async persist(run, attempt, number = 0) {
    for (let failures = 1; this.isCurrent(run); failures += 1) {
      try {
        const done = await attempt();
        if (number && this.retrying === number) this.retrying = 0;
        return done;
      } catch (error) {
        if (!this.isCurrent(run)) return null;
        if (!mayPass(error)) throw error;
        if (navigator.onLine === false) throw new Offline();
        this.retrying = number;
        this.change();
        await wait(backOff(failures));
      }
    }
    return null;
  }

  async sendPart(run, number, queue) {
    const [from, to] = rangeOf(number, this.plan);
    const body = this.file.slice(from, to);
    const { url, check } = await this.linkOf(number, queue);
    const digest = await digestOf(check, body);
    if (!this.isCurrent(run)) return;
    try {
      await putPart(url, body, {
        check,
        digest,
        requests: this.requests,
        onProgress: (bytes) => this.progress(number, bytes),
      });
    } catch (error) {
      this.loaded.delete(number);
      this.links.delete(number); // it may be too old: the next try asks for a new one
      throw error;
    }
    this.loaded.delete(number);
    this.received.add(number);
    this.change();
  }

  async linkOf(number, queue) {
    if (!this.links.has(number)) {
      const numbers = [number, ...queue.filter((one) => !this.links.has(one)).slice(0, SIGN_AT_ONCE - 1)];
      const answer = await api("POST", `uploads/${this.id}/sign`, { numbers });
      for (const part of answer.parts) this.links.set(part.number, { url: part.url, check: answer.check });
    }
    return this.links.get(number);
  }

  progress(number, bytes) {
    this.loaded.set(number, bytes);
    this.pace.mark(performance.now(), this.bytes);
    this.change();
  }

  async complete(run) {
    this.change("finishing");
    try {
      const asset = await this.persist(run, () => api("POST", `uploads/${this.id}/complete`));
      if (!asset) return null;
      removeEventListener("online", this.online);
      this.asset = asset;
      this.change("done");
      return asset;
    } catch (error) {
      if (error.code !== "upload_incomplete") throw error;
      this.change("sending");
      return null;
    }
  }

  fail(error) {
    this.stopRequests();
    if (error instanceof Offline) {
      this.change("waiting");
    } else {
      this.error = error;
      this.change("stopped");
    }
  }
}

class Offline extends Error {}

// What an S3 service says where our door has a status of its own: damaged, too slow, or an upload it has lost, which
// the server begins again when asked for new addresses.
const S3_MAY_PASS = new Set(["BadDigest", "RequestTimeout", "NoSuchUpload"]);

/** No answer, an overloaded or restarting server, a part that came damaged, a link too old: all may be better soon. */
function mayPass(error) {
  if (!(error instanceof ApiError)) return false;
  if (S3_MAY_PASS.has(error.code)) return true;
  return error.status === 0 || error.status >= 500 || [403, 408, 422, 425, 429].includes(error.status);
}
