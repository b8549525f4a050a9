// Ways through the page: folded on a phone, links to its columns, from a part to a comment on it, and keys.
(() => {
  "use strict";
  const { form, openPart, undo } = window.relmail.review;

  // --- on a narrow page the sources are folded, and a link to a column opens it; the keyboard goes on there ----------------
  const fold = () => {
    const sources = document.querySelector(".review-sources > details");
    if (sources && window.matchMedia("(max-width: 51.99rem)").matches) sources.open = false;
  };
  document.addEventListener("htmx:load", (event) => { if (event.detail.elt.id === "desk") fold(); });
  fold();
  document.addEventListener("click", (event) => {
    const target = document.getElementById(event.target.closest(".jump a")?.hash.slice(1) ?? "");
    if (!target) return;
    const folded = target.querySelector(":scope > details");
    if (folded) folded.open = true;
    target.tabIndex = -1;
    target.focus({ preventScroll: true });
  });

  // --- a part of the mail leads to a comment about it ---------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-comment-on]");
    if (!link) return;
    event.preventDefault();
    const about = document.getElementById("comment-block");
    if (about) about.value = link.dataset.commentOn;
    document.getElementById("comment-body")?.focus();
  });

  // --- keys; the page lists them under ? ----------------------------------------------------------------------------------
  // What is next in this role: a section to be ticked, then the button that decides; where it is stopped, the reason.
  const goOn = () => {
    const button = [...document.querySelectorAll("#decision .button.primary, #standing .button.primary, #send-go .button")]
      .find((each) => each.checkVisibility());
    const next = document.querySelector("input[name=ticked]:not(:checked)") ?? button;
    const place = next?.disabled ? document.getElementById(next.getAttribute("aria-describedby")) : next;
    if (!place) return;
    if (place !== next) place.tabIndex = -1;
    place.focus();
  };
  const KEYS = {
    // The sentence or part in focus, or the first one.
    e: (event) => {
      const at = event.target.closest(".sentence")?.querySelector(".words[data-line]");
      const part = event.target.closest("[data-block]") ?? document.querySelector("form[data-editor] [data-block]");
      if (part && form()) { openPart(part, at ? Number(at.dataset.line) : -1); event.preventDefault(); }
    },
    u: () => undo(),
    a: () => goOn(),
    s: () => {
      const sources = document.querySelector(".review-sources > details");
      if (sources) sources.open = true;
      sources?.querySelector(".issue")?.focus();
    },
    t: () => {
      const details = document.getElementById("choose-time");
      if (details) { details.open = true; details.querySelector("button")?.focus(); }
    },
    c: (event) => { document.getElementById("comment-body")?.focus(); event.preventDefault(); },
    j: () => document.querySelector("a[data-next]")?.click(),
    k: () => document.querySelector("a[data-previous]")?.click(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || window.relmail.writes(event.target)) return;
    if (Object.hasOwn(KEYS, event.key)) KEYS[event.key](event);
  });
})();
