// The sheet of an upload that another page, or this one before a reload, had begun: it needs its file again.

import { fileSize } from "../shared/lengths.js";
import { ApiError, api } from "../shared/page.js";
import { drawn } from "./plan.js";
import { Sheet } from "./sheet.js";

export class UnfinishedSheet extends Sheet {
  constructor(upload, received, options, { onFile, onGone }) {
    super({ ...options, name: upload.name });
    Object.assign(this, { upload, onFile, onGone });
    this.received = new Set(received);
    this.draw();
  }

  draw(problem = null) {
    const { size, part_size: partSize } = this.upload;
    const plan = { size, partSize };
    const bytes = Math.min(this.received.size * partSize, size);
    const percent = Math.floor((100 * bytes) / size);
    const body = [
      this.line(drawn(plan, this.received), percent),
      this.paragraph(this.word("rest", { done: `${fileSize(bytes)} / ${fileSize(size)}` }), ""),
    ];
    if (problem) body.push(problem);
    this.show("unfinished", {
      kind: "state-wait",
      icon: "look",
      body,
      acts: [this.choose("same_file", (file) => this.onFile(file, this)), this.drop()],
    });
  }

  sayOtherFile() {
    const todo = this.word("other_file_todo", { name: this.upload.name, size: fileSize(this.upload.size) });
    this.draw(this.notice(this.word("other_file"), todo));
  }

  drop() {
    const act = this.button("abandon", async () => {
      if (!act.node.dataset.sure) {
        act.node.dataset.sure = "yes";
        act.node.textContent = this.word("abandon_sure");
        return;
      }
      try {
        await api("DELETE", `uploads/${this.upload.id}`);
      } catch (error) {
        if (!(error instanceof ApiError) || ![404, 409, 410].includes(error.status)) {
          this.draw(this.notice(error.says || this.word("no_answer"), this.word("no_answer_todo")));
          return;
        }
      }
      this.onGone();
    }, { plain: true });
    return act;
  }
}
