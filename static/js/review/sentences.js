// The sentences of a part that is not open stand as its field has them, and one is dragged by its grip to another place in
// its part or into another part. For a pointer alone: the buttons and keys of an open part do the same.
(() => {
  "use strict";
  const { all, form, partOf, fieldOf, savedOf, changed, announce, startWriting, draggable } = window.relmail.review;

  const isBlock = (part) => fieldOf(part).matches("textarea");
  const linesOf = (part) => fieldOf(part).value.split("\n");
  const editorOf = (part) => part.querySelector("details.block-editor");

  // --- as the fields have them --------------------------------------------------------------------------------------------
  // Each saved sentence of the text by its line. An answer of the desk brings another form, and so other sentences.
  const known = new WeakMap();
  const grips = new WeakMap();
  const gripOf = (sentence) => {
    if (grips.has(sentence)) return grips.get(sentence);
    const made = document.createElement("span");
    made.className = "line-grip"; made.draggable = true; made.title = "Drag the sentence to another place";
    made.setAttribute("aria-hidden", "true");
    grips.set(sentence, made);
    return made;
  };
  const sentencesOf = (editor) => {
    if (known.has(editor)) return known.get(editor);
    const found = new Map();
    for (const part of all("[data-block]", editor).filter(isBlock)) {
      const lines = savedOf(part).split("\n");
      all(".sentence", part).forEach((sentence, place) => {
        sentence.before(gripOf(sentence));
        found.set(lines[place], [...(found.get(lines[place]) ?? []), { sentence, part }]);
      });
    }
    known.set(editor, found);
    return found;
  };
  // A part says by its sentences alone what its field says, if each line is one that is saved somewhere in the text.
  const arranged = (part) => {
    if (!isBlock(part)) return false;
    const found = sentencesOf(part.closest("form"));
    const lines = linesOf(part).filter((line) => line.trim());
    return lines.length > 0 && lines.every((line) => found.has(line));
  };
  const wanted = (part, elsewhere) => {
    if (arranged(part)) return linesOf(part).map((line, place) => ({ line, place })).filter(({ line }) => line.trim());
    const lines = savedOf(part).split("\n").map((line, place) => ({ line, place })).filter(({ line }) => line);
    // What is empty now shows what was taken out of it, and not what stands elsewhere.
    return fieldOf(part).value.trim() ? lines : lines.filter(({ line }) => !elsewhere.has(line));
  };
  const drawSentences = (editor) => {
    const parts = all("[data-block]", editor).filter(isBlock);
    const found = sentencesOf(editor);
    const elsewhere = new Set(parts.filter(arranged).flatMap(linesOf));
    const taken = new Set();
    const take = (line, part) => {
      const free = (found.get(line) ?? []).filter(({ sentence }) => !taken.has(sentence));
      const one = free.find((each) => each.part === part) ?? (part ? undefined : free[0]);
      if (one) taken.add(one.sentence);
      return one?.sentence;
    };
    const rows = parts.map((part) => ({ part, lines: wanted(part, elsewhere) }));
    // Each part first takes what is its own; a line that stands twice is shown twice.
    for (const { part, lines } of rows) for (const each of lines) each.sentence = take(each.line, part);
    for (const { part, lines } of rows) {
      for (const each of lines) {
        each.sentence ??= take(each.line);
        if (!each.sentence) { each.sentence = found.get(each.line)[0].sentence.cloneNode(true); each.sentence.removeAttribute("id"); }
        each.sentence.querySelector(".words").dataset.line = each.place;
      }
      let shown = part.querySelector(".sentences");
      const before = shown ? all(".sentence", shown) : [];
      if (before.length === lines.length && lines.every(({ sentence }, place) => sentence === before[place])) continue;
      if (!shown) { shown = document.createElement("p"); shown.className = "sentences"; part.querySelector(".block-head").after(shown); }
      const focused = shown.contains(document.activeElement) && document.activeElement;
      shown.replaceChildren(...lines.flatMap(({ sentence }) => [gripOf(sentence), sentence, " "]));
      if (focused && shown.contains(focused)) focused.focus({ preventScroll: true });
    }
    for (const { part, lines } of rows) part.classList.toggle("bare", lines.length === 0 && !savedOf(part).trim());
  };

  // --- dragged ----------------------------------------------------------------------------------------------------------
  const lineOf = (sentence) => Number(sentence.querySelector(".words").dataset.line);
  // Whether a point lies in the first half of a sentence, which may run over several lines of the page.
  const inFirstHalf = (sentence, { clientX, clientY }) => {
    const boxes = [...sentence.getClientRects()];
    const at = Math.max(0, boxes.findIndex((box) => clientY <= box.bottom));
    const width = (some) => some.reduce((sum, box) => sum + box.width, 0);
    const beside = getComputedStyle(sentence).direction === "rtl" ? boxes[at].right - clientX : clientX - boxes[at].left;
    return width(boxes.slice(0, at)) + beside < width(boxes) / 2;
  };
  // Beside the sentence under the pointer, or at the end of the part under it.
  const target = (event, dragged) => {
    const part = event.target.closest?.("[data-block]");
    if (!part || !form()?.contains(part) || !isBlock(part)) return null;
    const sentence = event.target.closest(".sentence");
    if (sentence === dragged) return null;
    if (sentence && arranged(part)) return { part, beside: sentence, where: inFirstHalf(sentence, event) ? "before" : "behind" };
    return { part, beside: part, where: "into" };
  };
  const move = (from, line, to, at) => {
    startWriting();
    const lines = linesOf(from);
    const [moved] = lines.splice(line, 1);
    fieldOf(from).value = lines.join("\n");
    const others = linesOf(to).filter((each) => each.trim() || to === from);
    const place = to === from && at > line ? at - 1 : at;
    others.splice(place, 0, moved);
    fieldOf(to).value = others.join("\n");
    changed(form());
    const rank = ["first", "second", "third"][place] ?? `${place + 1}th`;
    announce(`It is the ${rank} sentence of ${to.dataset.label} now. Not saved yet.`);
  };
  draggable({
    name: "sentence",
    heldBy: (element) => element.closest(".line-grip")?.nextElementSibling,
    target,
    drop: (sentence, { part, beside, where }) => {
      const from = sentence.closest("[data-block]");
      const end = linesOf(part).filter((each) => each.trim() || part === from).length;
      const at = where === "into" ? end : lineOf(beside) + (where === "before" ? 0 : 1);
      move(from, lineOf(sentence), part, at);
    },
  });

  Object.assign(window.relmail.review, { arranged, drawSentences });
})();
