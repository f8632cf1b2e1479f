// One sheet of the list: an upload on its way, or a file being prepared. Draws what it is told and knows nothing else.

import { element, fill, icon, svg } from "../shared/page.js";
import { fileSize, spokenLeft } from "../shared/lengths.js";

let count = 0;

export class Sheet {
  constructor({ words, icons, name }) {
    Object.assign(this, { words, icons, name });
    count += 1;
    this.title = element("h3", { id: `upload-${count}` }, name);
    this.state = element("span", { class: "state push" });
    this.body = element("div", { class: "stack" });
    this.acts = element("div", { class: "acts" });
    this.says = element("p", { class: "sr", role: "status" });
    const head = element("div", { class: "row" }, this.title, this.state);
    const sheet = element("article", { class: "sheet job", "aria-labelledby": this.title.id });
    sheet.append(head, this.body, this.acts, this.says);
    this.root = element("li", {}, sheet);
    this.shown = "";
    this.keys = "";
  }

  icon(name) {
    return icon(this.icons, name);
  }

  word(key, values = {}) {
    return fill(this.words[key], values);
  }

  /** State and buttons are only rebuilt when they change, so that focus stays where it is. */
  show(state, { kind = "", icon: drawing = "", body, acts = [] }) {
    const key = `${state}|${acts.map((act) => act.key).join()}`;
    if (key !== this.keys) {
      this.keys = key;
      this.state.className = `state push ${kind}`.trim();
      this.state.replaceChildren(...(drawing ? [this.icon(drawing)] : []), element("span", {}, this.word(state)));
      this.acts.replaceChildren(...acts.map((act) => act.node));
      this.acts.hidden = !acts.length;
    }
    this.body.replaceChildren(...body);
    this.announce(state);
  }

  /** Said politely, and at each step only: never at each percent. */
  announce(state) {
    if (state === this.shown) return;
    this.shown = state;
    this.says.textContent = `${this.name}: ${this.word(state)}`;
  }

  button(key, onclick, { plain = false, drawing = "" } = {}) {
    const classes = plain ? "btn btn-plain" : "btn";
    const node = element("button", { class: classes, type: "button", onclick }, this.word(key));
    if (drawing) node.prepend(this.icon(drawing));
    return { key, node };
  }

  link(key, href, drawing = "") {
    const node = element("a", { class: "btn", href }, this.word(key));
    if (drawing) node.prepend(this.icon(drawing));
    return { key: `${key}${href}`, node };
  }

  /** A button that opens the file dialogue. */
  choose(key, onfile) {
    const input = element("input", {
      class: "sr",
      type: "file",
      accept: "video/*,.mkv,.mov,.mp4,.webm,.avi,.ts",
      onchange: () => input.files[0] && onfile(input.files[0]),
    });
    return { key, node: element("label", { class: "btn" }, this.icon("add"), this.word(key), input) };
  }

  notice(what, todo) {
    const words = [element("p", {}, element("strong", {}, what))];
    if (todo) words.push(element("p", {}, todo));
    return element("div", { class: "notice notice-look" }, this.icon("look"), ...words);
  }

  paragraph(strong, rest) {
    return element("p", {}, element("strong", {}, strong), rest);
  }

  /** The inked line; `pieces` from plan.drawn, `percent` for those who cannot see it. */
  line(pieces, percent) {
    const line = svg("svg", {
      class: "line line-thick",
      role: "progressbar",
      "aria-label": this.word("progress"),
      "aria-valuemin": 0,
      "aria-valuemax": 100,
      "aria-valuenow": percent,
    });
    for (const { x, width, now } of pieces) {
      const rect = svg("rect", { x: `${x.toFixed(2)}%`, width: `${width.toFixed(2)}%`, height: "100%" });
      if (now) rect.setAttribute("class", "now");
      line.append(rect);
    }
    return line;
  }

  figures(percent, left, bytes, size, parts) {
    const meta = element("span", { class: "meta push" });
    meta.append(
      element("span", {}, this.word("bytes", { done: fileSize(bytes), all: fileSize(size) })),
      element("span", {}, this.word("parts", parts)),
    );
    const row = element("div", { class: "row" }, element("strong", { class: "t-l num" }, `${percent}%`));
    if (left !== null) {
      const time = spokenLeft(left, this.words);
      row.append(element("span", {}, this.word("left", { time })));
    }
    row.append(meta);
    return row;
  }

  steps(steps) {
    const drawings = { done: "okring", at: "at", to: "ring" };
    const items = steps.map(({ state, label, when }) => {
      const item = element("li", { class: state, "aria-current": state === "at" ? "step" : null });
      item.append(this.icon(drawings[state]), element("span", {}, label));
      if (when) item.append(element("span", { class: "meta num" }, when));
      return item;
    });
    return element("ol", { class: "steps" }, ...items);
  }
}
