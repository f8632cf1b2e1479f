// The sheet of a file that has arrived and is being prepared: its steps, live, and what can be done meanwhile.

import { spokenLeft } from "../shared/lengths.js";
import { ApiError, api, inOurLanguage } from "../shared/page.js";
import { Sheet } from "./sheet.js";

const POLL = 3000; // the stream of events is quicker; this is for where it does not come through
const ENDED = new Set(["ready", "refused", "failed"]);

export class PreparingSheet extends Sheet {
  /** `target`: where to go on, `{write, look}` addresses; filled in once known. */
  constructor(asset, options, { onOther, onGone, onEnd, findTarget }) {
    super(options);
    Object.assign(this, { asset, onOther, onGone, onEnd });
    this.id = asset.id;
    this.target = null;
    this.problem = null;
    this.seenEvent = (event) => this.heard(event.detail);
    document.addEventListener("pushed", this.seenEvent);
    this.findTarget = async () => {
      try {
        this.target = await findTarget(this.id);
        this.problem = null;
      } catch (error) {
        this.problem = error;
      }
      this.draw();
    };
    this.draw();
    this.findTarget();
    this.follow();
  }

  get isOver() {
    return ENDED.has(this.asset.state);
  }

  /** Events say that something moved, not how all of it stands: so look, a few times a second at most. */
  heard({ kind, payload }) {
    // A long recording is worked on in parts, whose subjects are its own and a number.
    const isJob = kind === "job" && payload.subject.split("/")[0] === this.asset.subject;
    const ours = kind === "asset" ? payload.asset === this.id : isJob;
    if (ours && !this.isOver && !this.looking) {
      this.looking = setTimeout(() => this.look(), 300);
    }
  }

  async follow() {
    while (!this.isOver && !this.isGone) {
      await new Promise((done) => setTimeout(done, POLL));
      await this.look();
    }
  }

  async look() {
    clearTimeout(this.looking);
    try {
      this.asset = await api("GET", `assets/${this.id}`);
      if (!this.target && !this.isOver) await this.findTarget();
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) this.leave();
    }
    this.looking = 0;
    if (this.isGone) return;
    this.draw();
    if (this.isOver) this.end();
  }

  end() {
    document.removeEventListener("pushed", this.seenEvent);
    this.onEnd(this.asset);
  }

  leave() {
    this.isGone = true;
    this.end();
    this.onGone();
  }

  draw() {
    const { state, playable } = this.asset;
    if (state === "refused" || state === "failed") this.stopped(state);
    else if (state === "ready") this.ready();
    else this.working(playable);
  }

  ways() {
    if (!this.target) return [];
    const { write, look } = this.target;
    const acts = write ? [this.link("write", write)] : [];
    if (look && this.asset.playable) acts.push(this.link("look", look, "play"));
    return acts;
  }

  working(playable) {
    const { queue_ahead: ahead, seconds_left: left } = this.asset;
    const time = left === null || left === undefined ? "" : spokenLeft(left * 1000, this.words);
    let words = this.paragraph("", this.word("working"));
    if (playable) {
      words = this.paragraph(this.word("watchable"), this.word(time ? "watchable_todo" : "watchable_soon", { time }));
    } else if (ahead) words = this.paragraph("", this.word("queue", { count: ahead }));
    else if (time) words = this.paragraph("", this.word("soon", { time }));
    this.show(playable ? "playable" : "preparing", {
      body: [words, ...this.remarks(), this.steps(this.stepList(time)), ...this.problems()],
      acts: this.ways(),
    });
  }

  ready() {
    const isWritten = this.target && !this.target.write; // it belongs to what has its title already
    const words = isWritten
      ? this.paragraph(this.word(this.target.done), "")
      : this.paragraph(this.word("done"), this.word("done_todo"));
    this.show("ready", {
      kind: "state-done",
      icon: "ok",
      body: [words, ...this.remarks(), this.steps(this.stepList("")), ...this.problems()],
      acts: this.ways(),
    });
  }

  /** What is to be known of a recording that was taken all the same, as that its end is missing. */
  remarks() {
    return (this.asset.remarks || []).map(({ message }) => this.notice(inOurLanguage(message), ""));
  }

  problems() {
    if (!this.problem) return [];
    return [this.notice(this.problem.says || this.word("no_answer"), this.problem.says ? "" : this.word("no_answer_todo"))];
  }

  stepList(time) {
    const states = { done: "done", now: "at", waiting: "to", stopped: "to" };
    const steps = (this.asset.steps || []).map(({ code, state, at }) => ({
      state: states[state] || "to",
      label: this.words[`step_${code}`] || code,
      when: at ? clockTime(at) : state === "now" && time ? this.word("about", { time }) : "",
    }));
    if (!this.target || this.target.write) steps.push({ state: "to", label: this.word("step_submit"), when: "" });
    return steps;
  }

  stopped(state) {
    const said = inOurLanguage(this.asset.refusal?.message);
    const isOurs = state === "failed";
    this.show(state, {
      kind: "state-wait",
      icon: "look",
      body: [
        isOurs
          ? this.notice(this.word("broken"), said || this.word("broken_todo"))
          : this.notice(said || this.word("refused"), ""),
      ],
      acts: [
        ...(isOurs ? [] : [this.choose("other", (file) => this.onOther(file))]),
        this.button("dismiss", () => this.leave(), { plain: true }),
      ],
    });
  }
}

function clockTime(iso) {
  return new Date(iso).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
}
