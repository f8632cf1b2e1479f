// The upload page: files chosen or dropped become sheets, sheets send, what has arrived is followed until it is ready.

import { api, element, fill, wordsOf } from "../shared/page.js";
import { fileSize } from "../shared/lengths.js";
import { Memory, fingerprint } from "./memory.js";
import { PreparingSheet } from "./preparing.js";
import { Sender } from "./sender.js";
import { SendingSheet } from "./sending.js";
import { UnfinishedSheet } from "./unfinished.js";

class Panel {
  constructor(root) {
    this.root = root;
    this.words = wordsOf("upload");
    this.icons = root.dataset.icons;
    this.memory = new Memory(root.dataset.member);
    this.most = Number(root.dataset.maxBytes) || Infinity;
    this.section = root.querySelector("[data-upload-list]");
    this.list = this.section.querySelector("ul");
    this.says = root.querySelector("[data-upload-says]");
    this.senders = new Set();
    this.waiting = new Map(); // uploads that wait for their file: id → sheet
    this.input = root.querySelector("[data-upload-file]");
    this.listen();
    this.recall().then(() => this.takeChosen()); // also what was chosen before this script was there
  }

  listen() {
    this.input.addEventListener("change", () => this.takeChosen());
    const drop = this.root.querySelector("[data-upload-drop]");
    for (const type of ["dragenter", "dragover"]) {
      drop.addEventListener(type, (event) => {
        event.preventDefault();
        drop.classList.add("drop-over");
      });
    }
    for (const type of ["dragleave", "drop"]) drop.addEventListener(type, () => drop.classList.remove("drop-over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      this.take([...event.dataTransfer.files]);
    });
    addEventListener("beforeunload", (event) => {
      if ([...this.senders].some((sender) => sender.isMoving)) event.preventDefault();
    });
  }

  options(name) {
    return { words: this.words, icons: this.icons, name };
  }

  put(sheet, instead = null) {
    if (instead?.root.isConnected) instead.root.replaceWith(sheet.root);
    else this.list.prepend(sheet.root);
    this.section.hidden = false;
  }

  remove(sheet) {
    sheet.root.remove();
    this.section.hidden = !this.list.children.length;
  }

  complain(what, todo) {
    const icon = element("p", {}, element("strong", {}, what));
    this.says.append(element("div", { class: "notice notice-look", role: "alert" }, icon, element("p", {}, todo)));
  }

  // ---- what was begun before ----

  async recall() {
    for (const asset of this.memory.preparing) {
      const known = await api("GET", `assets/${asset.id}`).catch((error) => (error.status === 404 ? "gone" : asset));
      if (known === "gone") this.memory.prepared(asset.id);
      else this.prepare({ ...known, name: asset.name });
    }
    const answer = await api("GET", "uploads").catch(() => ({ uploads: [] })); // signed out, offline: nothing to offer
    for (const upload of answer.uploads) await this.offer(upload);
  }

  async offer(upload) {
    if (this.isSending(upload.id)) return;
    const answer = await api("GET", `uploads/${upload.id}/parts`).catch(() => null);
    if (!answer) return;
    const received = answer.parts.map((part) => part.number);
    const sheet = new UnfinishedSheet(upload, received, this.options(upload.name), {
      onFile: (file) => this.goOn(upload, file, sheet),
      onGone: () => this.forget(upload.id, sheet),
    });
    this.waiting.set(upload.id, sheet);
    this.put(sheet);
  }

  isSending(id) {
    return [...this.senders].some((sender) => sender.id === id && sender.state !== "stopped");
  }

  forget(id, sheet) {
    this.memory.forget(id);
    this.waiting.delete(id);
    this.remove(sheet);
  }

  /** Only the very file may go on: parts of two files would make neither. */
  async goOn(upload, file, sheet) {
    const known = this.memory.printOf(upload.id);
    const fits = file.size === upload.size && (known ? known === (await fingerprint(file)) : file.name === upload.name);
    if (fits) this.send(file, upload, sheet);
    else sheet.sayOtherFile();
  }

  // ---- new files ----

  takeChosen() {
    const files = [...this.input.files];
    this.input.value = ""; // the same file may be chosen again
    if (files.length) this.take(files);
  }

  async take(files, instead = null) {
    this.says.replaceChildren();
    for (const file of files) {
      const size = fileSize(file.size);
      if (!file.size) {
        this.complain(fill(this.words.empty_file, { name: file.name }), this.words.empty_file_todo);
      } else if (file.size > this.most) {
        const most = fileSize(this.most);
        this.complain(fill(this.words.too_large, { name: file.name, size, most }), this.words.too_large_todo);
      } else await this.begin(file, instead);
    }
  }

  async begin(file, instead) {
    let print;
    try {
      print = await fingerprint(file);
    } catch {
      this.complain(fill(this.words.unreadable, { name: file.name }), this.words.unreadable_todo);
      return;
    }
    const known = this.memory.uploadOf(print);
    if (known && this.isSending(known)) return;
    if (known && this.waiting.has(known)) {
      const sheet = this.waiting.get(known);
      this.send(file, sheet.upload, sheet);
      return;
    }
    try {
      const facts = { name: file.name, size: file.size, content_type: file.type, purpose: this.root.dataset.purpose };
      const upload = await api("POST", "uploads", facts);
      this.memory.remember(upload.id, print);
      this.send(file, upload, instead);
    } catch (error) {
      const todo = error.says ? "" : this.words.no_answer_todo;
      this.complain(error.says || this.words.no_answer, todo);
    }
  }

  send(file, upload, instead = null) {
    this.waiting.delete(upload.id);
    const sender = new Sender(file, { ...upload, size: file.size });
    this.senders.add(sender);
    const run = async () => {
      const asset = await sender.send();
      if (asset) this.arrived(asset, upload, sender, sheet);
    };
    const sheet = new SendingSheet(sender, this.options(file.name), {
      onRetry: run,
      onGone: () => this.forget(upload.id, sheet),
      onOther: (other) => {
        this.forget(upload.id, sheet);
        this.take([other]);
      },
    });
    sender.addEventListener("change", () => {
      // Back online: sender.send runs by itself, and its asset must not be lost.
      if (sender.state === "done") this.arrived(sender.asset, upload, sender, sheet);
    });
    this.put(sheet, instead);
    run();
  }

  // ---- after the last part ----

  arrived(asset, upload, sender, sheet) {
    if (!this.senders.delete(sender)) return;
    this.memory.forget(upload.id);
    this.memory.prepare({ id: asset.id, name: sheet.name });
    this.prepare({ ...asset, name: sheet.name }, sheet);
  }

  prepare(asset, instead = null) {
    const sheet = new PreparingSheet(asset, this.options(asset.name), {
      onOther: (file) => {
        this.memory.prepared(asset.id);
        this.take([file], sheet);
      },
      onGone: () => {
        this.memory.prepared(asset.id);
        this.remove(sheet);
      },
      onEnd: (ended) => {
        if (ended.state === "ready") this.memory.prepared(asset.id);
      },
      findTarget: (id) => this.targetOf(id),
    });
    this.put(sheet, instead);
  }

  /** The lecture a file becomes, or the page a recording belongs to. Asking twice changes nothing. */
  async targetOf(asset) {
    const { completeUrl, purpose } = this.root.dataset;
    if (completeUrl) {
      const answer = await api("POST", completeUrl.replace(/^\/api\/v1\//, ""), { asset });
      return { write: "", look: answer?.url || "", done: purpose === "replay" ? "done_replay" : "done" };
    }
    const lecture = await api("POST", "lectures", { asset });
    return { write: `/mine/${lecture.id}/`, look: `/mine/${lecture.id}/#preview` };
  }
}

for (const root of document.querySelectorAll("[data-upload]")) new Panel(root);
