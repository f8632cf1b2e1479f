// Shared by all tabs of one browser: one connection, however many pages are open (browsers allow six to a host).

import { Stream } from "./stream.js";

const ports = new Set();
let stream = null;
let answer = null; // resolves the question for a token that some page is answering

function toAll(message) {
  for (const port of ports) port.postMessage(message);
}

/** A worker has no CSRF token of its own: a page fetches for it. The youngest page is the likeliest to be alive. */
function getToken() {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no page answered")), 10_000);
    answer = (message) => {
      clearTimeout(timer);
      if (message.token) resolve(message.token);
      else reject(Object.assign(new Error("no token"), { status: message.status }));
    };
    [...ports].pop()?.postMessage({ ask: "token" });
  });
}

self.onconnect = (event) => {
  const port = event.ports[0];
  ports.add(port);
  port.onmessage = ({ data }) => {
    if (data.bye) ports.delete(port);
    if (data.answer === "token") answer?.(data);
    if (!ports.size) {
      stream?.close();
      stream = null;
    }
  };
  if (!stream?.isOpen) {
    stream = new Stream({
      getToken,
      makeSource: (url) => new EventSource(url),
      onEvent: (pushed) => toAll({ pushed }),
    });
    stream.open();
  }
};
