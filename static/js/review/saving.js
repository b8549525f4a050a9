// Around a save: the others hear of it, the keyboard goes on where it was, and nothing else is submitted than what is seen.
(() => {
  "use strict";
  const { all, form, unsaved, partOf, fieldOf, headOf, isChanged } = window.relmail.review;
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
  // What is submitted is the saved text: whoever typed on is asked before another one goes into review than they see.
  document.addEventListener("htmx:confirm", (event) => {
    const editor = form();
    if (!event.detail.elt.matches("form[data-submit]") || !editor || !unsaved(editor)) return;
    event.preventDefault();
    const question = `What you typed is not saved. To submit it, go back and save first. Submit revision ${editor.dataset.saved} without it?`;
    window.relmail.ask(question, () => event.detail.issueRequest(true));
  });
})();
