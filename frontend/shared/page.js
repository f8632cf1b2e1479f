// What every script needs of its page: sentences, CSRF token, language, small elements.

/** The sentences for one script: the JSON block that {% words_of %} wrote. */
export function wordsOf(script) {
  const block = document.getElementById(`words-${script}`);
  return block ? JSON.parse(block.textContent) : {};
}

/** `fill("{a} of {b}", {a: 1, b: 2})`. Also Python's `%(a)s`, which the lengths share with the server. */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}|%\((\w+)\)s/g, (_, a, b) => String(values[a || b] ?? ""));
}

/** The API says everything in both languages; this is the one of the page. */
export function inOurLanguage(message) {
  const language = document.documentElement.lang.toLowerCase().startsWith("zh") ? "zh-hans" : "en";
  return message?.[language] || message?.["zh-hans"] || "";
}

export function csrfToken() {
  return document.querySelector("[name=csrfmiddlewaretoken]")?.value || "";
}

export class ApiError extends Error {
  /** `status` 0: no answer came at all. */
  constructor(status, body) {
    super(body?.code || `HTTP ${status}`);
    this.status = status;
    this.code = body?.code || "";
    this.says = inOurLanguage(body?.message);
  }
}

/** One call of our own API; answers the JSON, or throws an ApiError with a sentence in it. */
export async function api(method, path, body, options = {}) {
  let response;
  try {
    response = await fetch(`/api/v1/${path}`, {
      method,
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken() },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      ...options,
    });
  } catch {
    throw new ApiError(0, null);
  }
  const answer = response.status === 204 ? null : await response.json().catch(() => null);
  if (!response.ok) throw new ApiError(response.status, answer);
  return answer;
}

/** `element("p", {class: "hint", hidden: true}, "words", child)`; attributes only, so that no inline style can slip in. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export function icon(file, name) {
  const use = svg("use", { href: `${file}#${name}` });
  return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, use);
}

/** A UUID also where the page is not a secure context (plain http in a company network). */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
