// What this browser remembers of uploads, so that a reload or a crash costs nothing: which file an upload was of, and
// which assets are still being prepared. Kept for each member apart; the truth about parts stays with the server.

const MIB = 1024 * 1024;

async function edgesHash(file) {
  if (!crypto.subtle) return ""; // plain http: name, size and time must do
  const edges = new Blob([file.slice(0, MIB), file.slice(Math.max(0, file.size - MIB))]);
  const digest = await crypto.subtle.digest("SHA-256", await edges.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The same for the same file, without reading all of it. */
export async function fingerprint(file) {
  return [file.name, file.size, file.lastModified, await edgesHash(file)].join("|");
}

export class Memory {
  constructor(member, storage = localStorage) {
    this.key = `uploads:${member}`;
    this.storage = storage;
  }

  read() {
    try {
      return { files: {}, preparing: [], ...JSON.parse(this.storage.getItem(this.key) || "{}") };
    } catch {
      return { files: {}, preparing: [] }; // private windows may refuse storage: then nothing is remembered
    }
  }

  write(change) {
    const all = this.read();
    change(all);
    try {
      this.storage.setItem(this.key, JSON.stringify(all));
    } catch {
      return;
    }
  }

  /** The upload that was begun with this very file. */
  uploadOf(print) {
    return Object.entries(this.read().files).find(([, known]) => known === print)?.[0] || "";
  }

  printOf(upload) {
    return this.read().files[upload] || "";
  }

  remember(upload, print) {
    this.write((all) => {
      all.files[upload] = print;
    });
  }

  forget(upload) {
    this.write((all) => {
      delete all.files[upload];
    });
  }

  get preparing() {
    return this.read().preparing;
  }

  prepare(asset) {
    this.write((all) => {
      all.preparing = [...all.preparing.filter((one) => one.id !== asset.id), asset].slice(-20);
    });
  }

  prepared(id) {
    this.write((all) => {
      all.preparing = all.preparing.filter((one) => one.id !== id);
    });
  }
}
