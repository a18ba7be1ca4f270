// Two custom elements for what only the browser knows: where the focus is, and how far a list is scrolled.

const STOPS = "button, a[href], input, textarea, [tabindex='0']";
const openers = new WeakMap(); // phone → the element that had the focus before its dialog opened

const isShown = (element) => element.getClientRects().length > 0;

/** A dialog over one phone's screen: takes the focus, keeps Tab inside, and gives the focus back when it is removed. */
class ModalDialog extends HTMLElement {
  connectedCallback() {
    this.phone = this.closest(".phone");
    const active = document.activeElement;
    if (!openers.has(this.phone) && this.phone.contains(active)) openers.set(this.phone, active);
    this.addEventListener("keydown", (event) => this.keepTab(event));
    // The framework shows the dialog's parent in the same turn, but after this call.
    queueMicrotask(() => {
      const isElsewhere = isOutside(this.phone);
      setInert(this.phone, true);
      if (!isElsewhere) (this.stops()[0] ?? this).focus({ preventScroll: true });
    });
  }

  disconnectedCallback() {
    // A dialog that replaces this one is connected in the same turn, and then keeps the focus.
    queueMicrotask(() => this.phone.querySelector("modal-dialog") ?? giveFocusBack(this.phone));
  }

  stops() {
    return [...this.querySelectorAll(STOPS)].filter(isShown);
  }

  keepTab(event) {
    if (event.key !== "Tab") return;
    const stops = this.stops();
    const [edge, next] = event.shiftKey ? [stops[0], stops.at(-1)] : [stops.at(-1), stops[0]];
    if (document.activeElement !== edge && stops.includes(document.activeElement)) return;
    event.preventDefault();
    next?.focus();
  }
}

/** Whether somebody is busy outside this phone: at the other one, or with the clock. */
function isOutside(phone) {
  const active = document.activeElement;
  return active !== document.body && !phone.contains(active);
}

function setInert(phone, inert) {
  for (const face of phone.querySelectorAll(".face")) face.inert = inert;
}

function giveFocusBack(phone) {
  const opener = openers.get(phone);
  openers.delete(phone);
  setInert(phone, false);
  if (isOutside(phone)) return;
  const isUsable = opener && isShown(opener);
  (isUsable ? opener : phone.querySelector(".tab.is-active")).focus({ preventScroll: true });
}

/** A list of messages that shows its newest one after every addition, and when it is shown again or changes its size. */
class ChatLog extends HTMLElement {
  connectedCallback() {
    this.additions = new MutationObserver((changes) => {
      if (changes.some((change) => change.addedNodes.length > 0)) this.showNewest();
    });
    this.additions.observe(this, { childList: true, subtree: true });
    this.size = new ResizeObserver(() => this.showNewest());
    this.size.observe(this);
  }

  disconnectedCallback() {
    this.additions.disconnect();
    this.size.disconnect();
  }

  showNewest() {
    this.scrollTop = 0; // the end: `column-reverse` counts from there
  }
}

customElements.define("modal-dialog", ModalDialog);
customElements.define("chat-log", ChatLog);
