// The text on the review page: its form, its parts, what of it is saved and what stands in the fields.
// Everything on the page works without these scripts; they only add. This one comes first: it holds what the others
// share, and tells them by three events on the form
//   relmail:opened  a text was opened; nothing in it is typed yet
//   relmail:draw    what stands in the fields is to be shown; `reveal` opens the parts that are changed
//   relmail:typed   what stands in the fields became another, by whatever hand
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const desk = () => document.getElementById("desk");
  const form = () => document.querySelector("form[data-editor]");
  // What a screen reader is to hear and the eye sees anyway.
  const announce = (words) => { const live = document.getElementById("live"); if (live) { live.textContent = ""; window.setTimeout(() => { live.textContent = words; }, 30); } };

  // --- the fields; by name, because the parts change places -------------------------------------------------------------
  const fields = (editor) => all("input[name=subject], input[name=preheader], textarea[data-lines], input[data-order]", editor);
  const byName = (entries) => Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
  const typed = (editor) => JSON.stringify(byName(fields(editor).map((field) => [field.name, field.value])));
  // No text before the editor is opened: a click may come before the last of these files.
  let saved = "{}";
  const unsaved = (editor) => "unsaved" in editor.dataset || typed(editor) !== saved;

  // --- the parts ------------------------------------------------------------------------------------------------------
  const partOf = (kind) => document.getElementById(`block-${kind}`);
  const fieldOf = (part) => part.querySelector("input[name=subject], input[name=preheader], textarea[data-lines]");
  const savedOf = (part) => JSON.parse(saved)[fieldOf(part).name];
  // Where the keyboard goes on in a part that is not open.
  const headOf = (part) => part.querySelector(".words") ?? part.querySelector("summary");

  // --- telling the others -----------------------------------------------------------------------------------------------
  const tell = (editor, name, detail = {}) => editor.dispatchEvent(new CustomEvent(`relmail:${name}`, { bubbles: true, detail }));
  const draw = (editor, reveal = false) => tell(editor, "draw", { reveal });
  const changed = (editor, reveal = false) => { draw(editor, reveal); tell(editor, "typed"); };
  const put = (editor, state) => {
    for (const [name, value] of Object.entries(JSON.parse(state))) { const field = editor.elements[name]; if (field) field.value = value; }
    changed(editor, true);
  };
  const open = () => {
    const editor = form();
    if (!editor || editor.dataset.ready) return;
    editor.dataset.ready = "yes";
    // As it is saved: in the fields stands what was put back, or what another text was saved under.
    saved = JSON.stringify(byName(Object.entries(JSON.parse(editor.dataset.text))));
    all(".words[data-line]", editor).forEach((words) => { words.tabIndex = 0; words.setAttribute("role", "button"); });
    draw(editor, true);
    tell(editor, "opened");
  };
  document.addEventListener("input", (event) => {
    const editor = event.target.closest("form[data-editor]");
    if (editor) changed(editor);
  });
  document.addEventListener("htmx:load", open);
  // By then every other script of the page listens.
  document.addEventListener("DOMContentLoaded", open);

  window.relmail.review = {
    all, desk, form, announce, typed, saved: () => saved, unsaved, partOf, fieldOf, savedOf, headOf, draw, changed, put,
  };
})();
