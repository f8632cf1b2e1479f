// A list below a search box: what may be meant while somebody types, and before that what was searched for on this device.
// The box is a combobox as ARIA has it: arrows choose, Enter opens, Escape closes. Without it the form works all the same.

import { element } from "../shared/page.js";
import { forget, remember, remembered } from "./history.js";

const WAIT = 150;
let made = 0;

export class Suggestions {
  constructor(input, words) {
    Object.assign(this, { input, words, chosen: -1, options: [] });
    made += 1;
    this.id = `suggest-${made}`;
    this.list = element("ul", { class: "suggest", id: this.id, role: "listbox", "aria-label": words.suggestions, hidden: true });
    input.form.append(this.list);
    const combobox = { role: "combobox", "aria-autocomplete": "list", "aria-controls": this.id, "aria-expanded": "false" };
    for (const [name, value] of Object.entries({ ...combobox, autocomplete: "off" })) input.setAttribute(name, value);
    this.follow();
  }

  follow() {
    const { input, list } = this;
    const soon = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.look(), WAIT);
    };
    input.addEventListener("input", (event) => event.isComposing || soon());
    input.addEventListener("compositionend", soon);
    input.addEventListener("focus", () => input.value.trim() || this.look());
    input.addEventListener("keydown", (event) => this.press(event));
    input.addEventListener("blur", () => this.close());
    input.form.addEventListener("submit", () => {
      remember(input.value);
      this.close();
    });
    list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
    list.addEventListener("click", (event) => {
      const at = [...list.children].indexOf(event.target.closest("[role=option]"));
      if (at >= 0) this.take(at);
    });
    if (input.value !== input.defaultValue) soon(); // typed before this script came
  }

  async look() {
    clearTimeout(this.timer);
    const typed = this.input.value.trim();
    this.asking?.abort();
    const asking = typed ? new AbortController() : null;
    this.asking = asking;
    if (!asking) return this.show(this.history());
    try {
      const address = `/search/suggestions/?${new URLSearchParams({ q: typed })}`;
      const response = await fetch(address, { signal: asking.signal, credentials: "same-origin" });
      const { suggestions } = response.ok ? await response.json() : { suggestions: [] };
      if (this.input.value.trim() === typed) this.show(suggestions.map((one) => this.option(one)));
    } catch {
      if (this.asking === asking) this.close(); // there is no connection; or another question came, whose turn it is
    }
    return undefined;
  }

  option({ kind, parts, url, note }) {
    const text = parts.map(([words, isHit]) => (isHit ? element("mark", {}, words) : words));
    return { url, row: [element("span", {}, ...text), element("span", { class: "hint" }, note || this.words[kind] || "")] };
  }

  history() {
    const before = remembered().map((text) => ({ url: `/search/?${new URLSearchParams({ q: text })}`, row: [text] }));
    if (before.length) before.push({ act: forget, row: [element("span", { class: "hint" }, this.words.forget)] });
    return before;
  }

  show(options) {
    this.options = options;
    this.list.replaceChildren(
      ...options.map(({ row }, at) =>
        element("li", { role: "option", id: `${this.id}-${at}`, "aria-selected": "false" }, ...row)),
    );
    const open = options.length > 0 && document.activeElement === this.input;
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    this.choose(-1);
  }

  close() {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.show([]);
  }

  choose(at) {
    this.chosen = at;
    [...this.list.children].forEach((row, number) => row.setAttribute("aria-selected", String(number === at)));
    if (at < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.id}-${at}`);
    this.list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  press(event) {
    if (event.isComposing) return;
    const { length } = this.options;
    if (event.key === "Escape" && length) this.close();
    else if (event.key === "Enter" && this.chosen >= 0) this.take(this.chosen);
    else if (event.key === "ArrowDown" && length) this.choose((this.chosen + 1) % length);
    else if (event.key === "ArrowUp" && length) this.choose((this.chosen <= 0 ? length : this.chosen) - 1);
    else return;
    event.preventDefault();
  }

  take(at) {
    const { url, act } = this.options[at];
    if (act) {
      act();
      this.close();
    } else {
      remember(this.input.value);
      location.assign(url);
    }
  }
}

/** `/` goes to the box, as on many sites. */
export function listenSlash(inputs) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const box = inputs.find((one) => one.offsetParent !== null);
    if (!box) return;
    event.preventDefault();
    box.focus();
    box.select();
  });
}
