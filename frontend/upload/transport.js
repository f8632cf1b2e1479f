// One part on its way: XMLHttpRequest, because fetch cannot say how much of a body has gone out.

import { ApiError } from "../shared/page.js";
import { md5 } from "./md5.js";

const SILENCE = 60_000; // a phone that lost its network may hold a dead connection for many minutes

/** What the header `check` is to say of this part: our own door wants SHA-256, an S3 service MD5. */
export function digestOf(check, blob) {
  return check === "Content-MD5" ? md5(blob) : sha256(blob);
}

/** Or "" on plain http, where browsers give no digests. */
async function sha256(blob) {
  if (!crypto.subtle) return "";
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function putPart(address, body, { check, digest, requests, onProgress }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let silence = 0;
    const alive = () => {
      clearTimeout(silence);
      silence = setTimeout(() => request.abort(), SILENCE);
    };
    const end = (settle) => {
      clearTimeout(silence);
      requests.delete(request);
      settle();
    };
    request.upload.onprogress = (event) => {
      alive();
      onProgress(event.loaded);
    };
    request.onload = () =>
      end(() => (request.status < 300 ? resolve() : reject(new ApiError(request.status, answerOf(request)))));
    request.onerror = request.onabort = () => end(() => reject(new ApiError(0, null)));
    request.open("PUT", address);
    if (digest) request.setRequestHeader(check, digest);
    requests.add(request);
    alive();
    request.send(body);
  });
}

/** Our door speaks JSON, an S3 service XML: of that, its code is enough. */
function answerOf(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    const code = /<Code>(\w+)<\/Code>/.exec(request.responseText);
    return code && { code: code[1] };
  }
}
