// The exact mail beside the text: it says when what is typed is not in it, and shows it when asked.
// By the renderer that sends, with the words that the server keeps; its frame stays sealed.
(() => {
  "use strict";
  const { all, form, unsaved, draw, keep } = window.relmail.review;

  let follows = false;
  const follow = (on) => {
    follows = on;
    const frame = document.querySelector("iframe.preview[data-typed]");
    if (!frame) return;
    frame.dataset.saved ??= frame.getAttribute("src");
    frame.src = on ? `${frame.dataset.typed}&at=${Date.now()}` : frame.dataset.saved;
    all("[data-follow]").forEach((button) => { button.textContent = on ? "Show the saved text" : "Show it with what I typed"; });
    all("[data-not-in-it]").forEach((words) => { words.hidden = on; });
    all("[data-in-it]").forEach((words) => { words.hidden = !on; });
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-follow]") || !form()) return;
    if (follows) follow(false);
    else { follows = true; keep(form(), "", true); }
  });
  document.addEventListener("relmail:kept", () => { if (follows) follow(true); });
  document.addEventListener("relmail:draw", (event) => {
    const other = unsaved(event.target);
    all("[data-stale]").forEach((note) => { note.hidden = !other; });
    if (!other && follows) follow(false);
  });
  // Another look or reader brings the saved text.
  document.addEventListener("htmx:load", (event) => {
    if (event.detail.elt.id !== "mail" || !form()) return;
    follows = false;
    draw(form());
  });
  document.addEventListener("relmail:saved", () => { follows = false; });
})();
