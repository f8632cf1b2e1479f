// The sheet of an upload on its way: what has arrived, how long it takes, and what can be done.

import { fileSize } from "../shared/lengths.js";
import { element } from "../shared/page.js";
import { drawn } from "./plan.js";
import { GONE } from "./sender.js";
import { Sheet } from "./sheet.js";

const REDRAW = 250; // ms: more often nobody can read

export class SendingSheet extends Sheet {
  constructor(sender, options, { onRetry, onGone, onOther }) {
    super(options);
    Object.assign(this, { sender, onRetry, onGone, onOther });
    this.drawnAt = 0;
    sender.addEventListener("change", () => this.soon());
    this.draw();
  }

  /** Progress comes many times a second; a change of state is drawn at once. */
  soon() {
    const waited = performance.now() - this.drawnAt;
    if (this.sender.state !== this.stateDrawn || waited > REDRAW) this.draw();
    else if (!this.timer) this.timer = setTimeout(() => this.draw(), REDRAW - waited);
  }

  draw() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.drawnAt = performance.now();
    this.stateDrawn = this.sender.state;
    const draw = { paused: this.paused, waiting: this.waiting, finishing: this.sending, stopped: this.stopped };
    (draw[this.sender.state] || this.sending).call(this);
  }

  get percent() {
    return Math.floor((100 * this.sender.bytes) / this.sender.plan.size);
  }

  facts({ left = null } = {}) {
    const { sender } = this;
    const parts = { done: sender.received.size, all: sender.parts };
    return [
      this.line(drawn(sender.plan, sender.received, sender.loaded), this.percent),
      this.figures(this.percent, left, sender.bytes, sender.plan.size, parts),
    ];
  }

  hint(words) {
    return element("p", { class: "hint" }, words);
  }

  sending() {
    const { sender } = this;
    const left = sender.pace.left(sender.plan.size - sender.bytes);
    const hint = sender.retrying ? this.word("retrying", { number: sender.retrying }) : this.word("may_close");
    this.show(sender.state === "finishing" ? "finishing" : "sending", {
      body: [...this.facts({ left }), this.hint(hint)],
      acts: [this.button("pause", () => sender.pause(), { drawing: "pause" }), this.abandon()],
    });
  }

  paused() {
    this.show("paused", {
      body: [...this.facts(), this.hint(this.word("may_close"))],
      acts: [this.button("go_on", () => this.onRetry(), { drawing: "play" }), this.abandon()],
    });
  }

  waiting() {
    this.show("waiting", {
      kind: "state-wait",
      icon: "look",
      body: [...this.facts(), this.notice(this.word("waits"), this.word("waits_todo"))],
      acts: [this.button("again", () => this.onRetry()), this.abandon()],
    });
  }

  /** Refused by the server, or the file can no longer be read. */
  stopped() {
    const { error, file, plan } = this.sender;
    if (!error) {
      this.onGone();
      return;
    }
    const [what, todo] = error.says
      ? [error.says, ""]
      : error.name === "NotReadableError" || error.name === "NotFoundError"
        ? [this.word("unreadable", { name: file.name }), this.word("unreadable_todo")]
        : [this.word("no_answer"), this.word("no_answer_todo")];
    this.show("refused", {
      kind: "state-wait",
      icon: "look",
      body: [
        this.notice(what, todo),
        element("p", { class: "meta" }, element("span", {}, file.name), element("span", {}, fileSize(plan.size))),
      ],
      acts: [
        ...(GONE.has(error.status) ? [] : [this.button("again", () => this.onRetry())]),
        this.choose("other", (other) => this.onOther(other)),
        this.abandon(),
      ],
    });
  }

  /** Asked twice: a slip of the thumb must not cost what has arrived. */
  abandon() {
    const act = this.button("abandon", () => {
      if (act.node.dataset.sure) this.sender.abandon().catch((error) => this.sender.fail(error));
      act.node.dataset.sure = "yes";
      act.node.textContent = this.word("abandon_sure");
    }, { plain: true });
    return act;
  }
}
