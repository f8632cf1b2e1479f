// The page's end of the stream: every pushed event becomes a DOM event `pushed` on document, `detail` = {kind, payload}.

import { api } from "../shared/page.js";
import { Stream } from "./stream.js";

const say = (detail) => document.dispatchEvent(new CustomEvent("pushed", { detail }));
const askForToken = () => api("POST", "events", {});

function byWorker(address) {
  const worker = new SharedWorker(address, { type: "module", name: "events" });
  worker.port.onmessage = async ({ data }) => {
    if (data.pushed) say(data.pushed);
    if (data.ask === "token") {
      try {
        worker.port.postMessage({ answer: "token", token: await askForToken() });
      } catch (error) {
        worker.port.postMessage({ answer: "token", status: error.status });
      }
    }
  };
  worker.port.start();
  addEventListener("pagehide", () => worker.port.postMessage({ bye: true }));
  addEventListener("pageshow", (event) => {
    if (event.persisted) byWorker(address); // back from the browser's memory, where the port was said goodbye to
  });
}

function byPage() {
  new Stream({ getToken: askForToken, makeSource: (url) => new EventSource(url), onEvent: say }).open();
}

export function listen() {
  const address = document.body.dataset.eventsWorker;
  if (window.SharedWorker && address) {
    try {
      byWorker(address);
      return;
    } catch {
      // A webview that has the name but not the thing: every tab for itself.
    }
  }
  byPage();
}
