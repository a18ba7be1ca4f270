// The frame of the mini-program's web page. The page speaks to it by `postMessage`; what it asks becomes an `ask` event of this element.
// Attributes: `data-src`, the page's address, and `data-begun`, which is set when the owner opens the mini-program for the first time.

class MiniProgram extends HTMLElement {
  static observedAttributes = ["data-begun"];

  connectedCallback() {
    this.hear = (event) => this.take(event);
    window.addEventListener("message", this.hear);
  }

  disconnectedCallback() {
    window.removeEventListener("message", this.hear);
  }

  attributeChangedCallback() {
    this.frame?.remove();
    this.frame = document.createElement("iframe");
    this.frame.title = "小程序";
    this.frame.referrerPolicy = "origin";
    this.frame.src = this.dataset.src;
    this.append(this.frame);
  }

  get origin() {
    return new URL(this.dataset.src).origin;
  }

  /** Only the page in this element's own frame is listened to. */
  take(event) {
    if (event.source !== this.frame?.contentWindow || event.origin !== this.origin) return;
    const { jifen, id, what, args } = event.data ?? {};
    if (jifen === "ask") this.dispatchEvent(new CustomEvent("ask", { detail: { id, what, args } }));
  }

  /** Send an answer or a piece of news to the page. */
  send(message) {
    this.frame?.contentWindow.postMessage(message, this.origin);
  }
}

customElements.define("mini-program", MiniProgram);
