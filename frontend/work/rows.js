// A list of rows with a time each: one more where the picture is now, one less, and to its place in the picture.

import { moment } from "../shared/lengths.js";
import { goTo, position, readMoment } from "./picture.js";

export class Rows {
  constructor(root) {
    this.list = root.querySelector("[data-rows-list]");
    this.blank = root.querySelector("[data-row-blank]");
    this.reveal(root);
    root.addEventListener("click", ({ target }) => {
      const row = target.closest("[data-row]");
      if (target.closest("[data-row-add]")) this.add();
      else if (target.closest("[data-row-remove]")) this.remove(row);
      else if (target.closest("[data-row-go]")) this.go(row);
    });
  }

  /** Buttons that would do nothing without script are hidden without it. */
  reveal(within) {
    for (const button of within.querySelectorAll("button[hidden]")) button.hidden = false;
  }

  /** The empty row at the end, or a new one; before the first that begins later. */
  add() {
    const at = Math.floor((position() ?? 0) / 1000) * 1000;
    const rows = [...this.list.querySelectorAll("[data-row]")];
    const last = rows[rows.length - 1];
    const isEmpty = last && ![...last.querySelectorAll("input")].some(({ value }) => value.trim());
    const row = isEmpty ? last : this.blank.content.firstElementChild.cloneNode(true);
    this.reveal(row);
    const later = rows.find((one) => one !== row && (this.timeOf(one) ?? -1) > at);
    this.list.insertBefore(row, later || null);
    row.querySelector("[data-time]").value = moment(at);
    row.querySelector("[name=title]").focus();
  }

  remove(row) {
    const next = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    next?.querySelector("input").focus();
  }

  go(row) {
    const at = this.timeOf(row);
    if (at !== null) goTo(at);
  }

  timeOf(row) {
    return readMoment(row.querySelector("[data-time]").value);
  }
}
