// One stream of server-sent events: asks for a token, opens it, goes on after the last event it saw.
// Runs in the shared worker, or in the page where there are none. `source` makes an EventSource, `getToken` asks for
// `{token, url}`; both are handed in, so that this can be tested without either. KINDS are what is published (push).

const KINDS = ["asset", "job", "playback", "points"];
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;

export class Stream {
  constructor({ getToken, makeSource, onEvent, wait = (ms) => new Promise((done) => setTimeout(done, ms)) }) {
    Object.assign(this, { getToken, makeSource, onEvent, wait });
    this.last = "";
    this.failures = 0;
    this.isOpen = false;
  }

  open() {
    if (this.isOpen) return;
    this.isOpen = true;
    this.run();
  }

  close() {
    this.isOpen = false;
    this.source?.close();
  }

  async run() {
    while (this.isOpen) {
      try {
        await this.follow(await this.getToken());
      } catch (error) {
        // Signed out: asking again would not help. Anything else may pass.
        if (error?.status === 401 || error?.status === 403) {
          this.close();
          return;
        }
      }
      this.failures += 1;
      await this.wait(Math.min(FIRST_WAIT * 2 ** (this.failures - 1), LONGEST_WAIT));
    }
  }

  /** Resolves when the stream ended. A token opens one stream only, so EventSource must not reconnect by itself. */
  follow({ token, url }) {
    const query = new URLSearchParams({ token });
    if (this.last) query.set("after", this.last);
    return new Promise((done) => {
      const source = this.makeSource(`${url}?${query}`);
      this.source = source;
      source.onopen = () => {
        this.failures = 0;
      };
      for (const kind of KINDS) source.addEventListener(kind, (event) => this.take(kind, event));
      source.onerror = () => {
        source.close();
        done();
      };
    });
  }

  take(kind, event) {
    if (event.lastEventId) this.last = event.lastEventId;
    this.onEvent({ kind, payload: JSON.parse(event.data) });
  }
}
