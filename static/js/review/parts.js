// A part of the mail opens where it stands, is left by Escape, moves among its neighbours and is taken out.
(() => {
  "use strict";
  const {
    all, form, announce, unsaved, partOf, fieldOf, savedOf, headOf, draw, changed, dark, lightLine, startWriting, arranged,
    drawSentences, draggable,
  } = window.relmail.review;

  const isChanged = (part) => fieldOf(part).value !== savedOf(part);
  const hasWords = (part) => Boolean(fieldOf(part).value.trim());
  const movable = (editor) => all("[data-block][data-movable]", editor).filter(hasWords);

  // --- what stands in the fields, shown: the order of the parts, what is changed, taken out, can go up or down ------------
  const show = (editor, reveal) => {
    const foot = editor.querySelector(".edit-foot");
    const focused = document.activeElement;
    const wanted = editor.elements.order.value.split(",").map(partOf).filter(Boolean);
    if (all("[data-block]", editor).slice(2).some((part, place) => part !== wanted[place])) {
      wanted.forEach((part) => foot.before(part));
      if (editor.contains(focused)) focused.focus({ preventScroll: true });
    }
    drawSentences(editor);
    const free = movable(editor);
    for (const part of all("[data-block]", editor)) {
      const other = isChanged(part);
      const gone = other && !hasWords(part) && fieldOf(part).matches("textarea");
      const details = part.querySelector("details.block-editor");
      part.classList.toggle("changed", other);
      if (reveal) {
        if (other && !gone && !arranged(part)) details.open = true;
        else if (!details.contains(document.activeElement)) details.open = false;
      }
      part.classList.toggle("gone", gone && !details.open);
      const note = part.querySelector(".note-gone");
      note.hidden = !(gone && !details.open);
      note.textContent = part.querySelector(".sentence") ? "Taken out, not saved yet." : "Its sentences stand elsewhere now, not saved yet.";
      const place = free.indexOf(part);
      const [up, down, out] = ["up", "down", "delete"].map((what) => part.querySelector(`[data-arrange=${what}]`));
      if (up) up.disabled = place < 1;
      if (down) down.disabled = place < 0 || place === free.length - 1;
      if (out) out.disabled = gone;
    }
    editor.classList.toggle("unsaved", unsaved(editor));
  };
  document.addEventListener("relmail:draw", (event) => show(event.target, event.detail.reveal));

  // --- open, leave ------------------------------------------------------------------------------------------------------
  const openPart = (part, line = -1) => {
    const details = part?.querySelector("details.block-editor");
    if (!details) return;
    details.open = true;
    const field = fieldOf(part);
    const lines = field.value.split("\n");
    const upTo = line < 0 ? field.value : lines.slice(0, line + 1).join("\n");
    // Behind the words and before the issues in brackets, so that what is typed does not part them from their sentence.
    const end = field.matches("[data-lines]") ? upTo.replace(/\s*\[[^\]\n]*\]$/, "").length : upTo.length;
    field.focus();
    field.setSelectionRange(end, end);
    if (field.matches("[data-lines]")) lightLine(field);
    part.classList.remove("gone");
  };
  const leavePart = (part) => {
    const other = isChanged(part);
    fieldOf(part).value = savedOf(part);
    dark();
    part.querySelector("details.block-editor").open = false;
    changed(form());
    headOf(part).focus();
    if (other) window.relmail.tell(`${part.dataset.label} is as it was. Undo brings your words back.`);
  };

  // --- take out, move -----------------------------------------------------------------------------------------------------
  const takeOut = (part) => {
    if (!hasWords(part)) return;
    startWriting();
    fieldOf(part).value = "";
    part.querySelector("details.block-editor").open = false;
    changed(form());
    headOf(part).focus();
    window.relmail.tell(`${part.dataset.label} is taken out, not saved yet. Undo brings it back.`);
  };
  const place = (part, where, beside) => {
    const editor = form();
    startWriting();
    const order = editor.elements.order.value.split(",").filter((kind) => kind !== part.dataset.block);
    order.splice(order.indexOf(beside.dataset.block) + (where === "before" ? 0 : 1), 0, part.dataset.block);
    editor.elements.order.value = order.join(",");
    changed(editor);
    part.scrollIntoView({ block: "nearest" });
    announce(`${part.dataset.label} stands ${where} ${beside.dataset.label} now. Not saved yet.`);
  };
  const move = (part, what) => {
    const free = movable(form());
    const label = part.dataset.label;
    const beside = free[free.indexOf(part) + (what === "up" ? -1 : 1)];
    if (!("movable" in part.dataset)) { announce(`${label} stays where the template has it.`); return; }
    if (!beside || !free.includes(part)) { announce(`${label} is ${what === "up" ? "the first" : "the last"} that can be moved.`); return; }
    place(part, what === "up" ? "before" : "behind", beside);
    const button = part.querySelector(`[data-arrange=${what}]`);
    if (button?.disabled && part.contains(document.activeElement)) (part.querySelector("[data-arrange]:not(:disabled)") ?? part.querySelector("summary")).focus();
  };
  const arrange = (part, what) => (what === "delete" ? takeOut(part) : move(part, what));

  // --- by pointer and by keyboard -------------------------------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-arrange]");
    const part = event.target.closest("[data-block]");
    if (!part || !form()?.contains(part)) return;
    if (button) { event.preventDefault(); arrange(part, button.dataset.arrange); return; }
    const summary = event.target.closest("details.block-editor > summary");
    if (summary) { event.preventDefault(); if (summary.parentElement.open) leavePart(part); else openPart(part); return; }
    // Who marks words to copy them wants no editor.
    const words = event.target.closest(".words[data-line]");
    if (words && window.getSelection().isCollapsed) openPart(part, Number(words.dataset.line));
  });
  document.addEventListener("keydown", (event) => {
    const part = event.target.closest?.("[data-block]");
    if (!part || !form()?.contains(part) || event.isComposing) return;
    const field = event.target === fieldOf(part);
    if (field && event.key === "Escape") { event.preventDefault(); leavePart(part); }
    else if (field && event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form().requestSubmit(); }
    else if (!event.target.matches("input, textarea, select") && event.altKey && !event.ctrlKey && !event.metaKey) {
      const what = { ArrowUp: "up", ArrowDown: "down", Delete: "delete" }[event.key];
      if (what && (what === "delete" ? fieldOf(part).matches("textarea") : true)) { event.preventDefault(); arrange(part, what); }
    } else if ((event.key === "Enter" || event.key === " ") && event.target.matches(".words[data-line]")) {
      event.preventDefault();
      openPart(part, Number(event.target.dataset.line));
    }
  });
  // Another wording came into its field: it is a step that can be undone, kept like what is typed, and read where it stands.
  document.addEventListener("htmx:load", (event) => {
    const editor = event.detail.elt.closest?.("form[data-editor][data-ready]");
    if (!editor) return;
    changed(editor);
    if (document.activeElement === document.body) event.detail.elt.querySelector("[data-lines], input[name=subject], input[name=preheader]")?.focus();
  });
  // Until it has settled an answer is given the attributes of what it replaced, open parts and marks among them.
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id === "desk" && form()?.dataset.ready) draw(form(), true);
  });

  draggable({
    name: "part",
    heldBy: (element) => element.closest(".grip")?.closest("[data-block]"),
    // Beside a part that can move too, on the side of its nearer edge.
    target: (event, dragged) => {
      const part = event.target.closest?.("[data-block]");
      if (!part || part === dragged || !movable(form()).includes(part)) return null;
      const box = part.getBoundingClientRect();
      return { beside: part, where: event.clientY < box.top + box.height / 2 ? "before" : "behind" };
    },
    drop: (part, { beside, where }) => place(part, where, beside),
  });

  Object.assign(window.relmail.review, { openPart, isChanged });
})();
