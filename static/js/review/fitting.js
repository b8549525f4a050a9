// The mail is laid out at its own width and shown as large as its frame allows: one number, which the stylesheet uses.
(() => {
  "use strict";
  const fit = (frame) => {
    const mail = frame.querySelector("iframe.preview");
    if (!mail || !frame.clientWidth) return;
    frame.style.setProperty("--fit", Math.min(1, frame.clientWidth / mail.offsetWidth).toFixed(4));
    frame.classList.add("fitted");
  };
  const watcher = new ResizeObserver((entries) => entries.forEach(({ target }) => fit(target)));
  const watch = () => document.querySelectorAll(".preview-frame").forEach((frame) => { fit(frame); watcher.observe(frame); });
  document.addEventListener("htmx:load", watch);
  // Until it has settled an answer is given the attributes of what it replaced.
  document.addEventListener("htmx:afterSettle", watch);
  document.addEventListener("DOMContentLoaded", watch);
})();
