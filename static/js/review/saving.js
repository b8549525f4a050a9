// Around a save: the others hear of it, the keyboard goes on where it was, and nothing else is submitted than what is seen.
(() => {
  "use strict";
  const { all, form, put, saved, unsaved, partOf, fieldOf, headOf, isChanged } = window.relmail.review;
  const isSave = (request) => Boolean(request.requestConfig?.path?.endsWith("/edit/"));

  document.addEventListener("htmx:afterRequest", (event) => {
    if (isSave(event.detail) && event.detail.xhr.status === 200) document.dispatchEvent(new Event("relmail:saved"));
  });
  let returnTo = "";
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!isSave(event.detail)) return;
    returnTo = document.activeElement?.closest?.("[data-block]")?.dataset.block ?? all("[data-block].changed")[0]?.dataset.block ?? "";
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "desk" || !form()?.dataset.ready) return;
    const part = returnTo && partOf(returnTo);
    returnTo = "";
    if (part) (isChanged(part) ? fieldOf(part) : headOf(part)).focus();
  });
  // Another text was saved meanwhile, and theirs is the one to go on with: it comes into the fields, and Undo takes it out.
  document.addEventListener("click", (event) => {
    const editor = event.target.closest("[data-use-theirs]") && form();
    if (!editor) return;
    event.preventDefault();
    delete editor.dataset.unsaved;
    put(editor, saved());
    event.target.closest(".message").remove();
    window.relmail.tell("The text is theirs. Undo brings your words back.");
  });
  // What is submitted is the saved text: whoever typed on, or has not answered yet what becomes of what they typed before,
  // is asked before another text goes into review than theirs. The server asks by itself what this page does not know of.
  let without = false;
  document.addEventListener("htmx:confirm", (event) => {
    const { elt, triggeringEvent } = event.detail;
    if (!elt.matches("form[data-submit]") || triggeringEvent?.submitter?.name === "without") return;
    const editor = form();
    const now = editor && unsaved(editor);
    if (!now && !document.querySelector("[data-offer]")) return;
    event.preventDefault();
    const what = now ? "What you typed is not saved. To submit it, go back and save first."
      : "A text you typed before was not saved. To submit it, go back, put it back and save first.";
    window.relmail.ask(`${what} Submit revision ${elt.dataset.revision} without it?`, () => {
      without = true;
      event.detail.issueRequest(true);
      without = false;
    });
  });
  document.addEventListener("htmx:configRequest", (event) => { if (without) event.detail.parameters.without = "1"; });
})();
