// Results as somebody types: the same piece of the page that the server draws, put in place of the one before.

const WAIT = 250;

export class Instant {
  /** `address` answers with the piece; `isPage`: it is this page's own, whose address follows. */
  constructor({ form, place, address, isPage, onDrawn }) {
    Object.assign(this, { form, place, address, isPage, onDrawn });
    const drawn = form.cloneNode(true);
    drawn.reset();
    this.shown = asked(drawn); // what the server answered, whatever was typed since
    const soon = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.update(), WAIT);
    };
    form.addEventListener("input", (event) => event.isComposing || soon());
    form.addEventListener("compositionend", soon);
    if (!isPage) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.update();
      });
    }
    soon();
  }

  get asked() {
    return asked(this.form);
  }

  async update() {
    clearTimeout(this.timer);
    const { asked } = this;
    if (asked === this.shown) return;
    this.asking?.abort();
    this.asking = new AbortController();
    this.place.setAttribute("aria-busy", "true");
    try {
      const headers = { "X-Part": "results" };
      const options = { headers, signal: this.asking.signal, credentials: "same-origin" };
      const response = await fetch(`${this.address}?${asked}`, options);
      const drawn = new DOMParser().parseFromString(await response.text(), "text/html");
      if (asked !== this.asked) return;
      this.shown = asked;
      this.place.replaceChildren(...drawn.body.childNodes);
      if (this.isPage) history.replaceState(history.state, "", `${this.address}?${asked}`);
      this.onDrawn?.(this.place);
    } catch {
      // Another question came first, or there is no connection: what is shown stays, and Enter loads the page.
    } finally {
      if (asked === this.asked) this.place.removeAttribute("aria-busy");
    }
  }
}

function asked(form) {
  return new URLSearchParams(new FormData(form)).toString();
}
