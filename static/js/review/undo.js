// Each step of writing is noted down and taken back one by one, also behind a save.
(() => {
  "use strict";
  const { all, form, typed, saved, put } = window.relmail.review;

  let steps = [];
  const noteDown = (editor) => {
    const now = typed(editor);
    if (steps[steps.length - 1] !== now) steps.push(now);
    if (steps.length > 200) steps.shift();
    all("[data-undo]").forEach((button) => { button.hidden = steps.length < 2; });
  };
  const undo = () => {
    const editor = form();
    if (!editor || steps.length < 2) return;
    steps.pop();
    put(editor, steps[steps.length - 1]);
    window.relmail.tell("The last change is undone.");
  };
  document.addEventListener("relmail:opened", (event) => {
    if (steps.length < 2 || steps[steps.length - 1] !== typed(event.target)) steps = [saved()];
    noteDown(event.target);
  });
  document.addEventListener("relmail:typed", (event) => noteDown(event.target));
  document.addEventListener("click", (event) => { if (event.target.closest("[data-undo]")) undo(); });

  Object.assign(window.relmail.review, { undo });
})();
