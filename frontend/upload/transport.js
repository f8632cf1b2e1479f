// One part on its way: XMLHttpRequest, because fetch cannot say how much of a body has gone out.

import { ApiError } from "../shared/page.js";

const SILENCE = 60_000; // a phone that lost its network may hold a dead connection for many minutes

/** SHA-256 as the door wants it, or "" on plain http, where browsers give no digests. */
export async function sha256(blob) {
  if (!crypto.subtle) return "";
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function putPart(address, body, { digest, requests, onProgress }) {
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
    if (digest) request.setRequestHeader("X-Part-SHA256", digest);
    requests.add(request);
    alive();
    request.send(body);
  });
}

function answerOf(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return null;
  }
}
