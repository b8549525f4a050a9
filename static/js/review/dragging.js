// What is dragged by a grip: parts of the mail (parts.js) and single sentences (sentences.js). For a pointer alone: buttons
// and keys do the same, so a grip is neither reached by keyboard nor read out.
(() => {
  "use strict";
  const { all, form } = window.relmail.review;

  const SIDES = ["drop-before", "drop-behind", "drop-into"];
  const unmark = () => all(SIDES.map((side) => `.${side}`).join()).forEach((one) => one.classList.remove(...SIDES));

  // One kind of thing that is dragged.
  //   name      under which the browser carries it: dropped on a field, a name of our own leaves no words there
  //   heldBy    what an element is the grip of, or nothing
  //   target    where `dragged` would come to stand under the pointer: { beside, where: "before" | "behind" | "into" }, or null
  //   drop      puts it there
  const draggable = ({ name, heldBy, target, drop }) => {
    let dragged = null;
    const found = (event) => dragged && target(event, dragged);
    document.addEventListener("dragstart", (event) => {
      const held = event.target.closest && heldBy(event.target);
      if (!held || !form()?.contains(held)) return;
      dragged = held;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData(`application/x-relmail-${name}`, held.id);
      const box = held.getBoundingClientRect();
      event.dataTransfer.setDragImage(held, event.clientX - box.left, event.clientY - box.top);
      // Later, so that the picture that is dragged is not the pale one.
      window.setTimeout(() => dragged?.classList.add("dragged"));
    });
    document.addEventListener("dragover", (event) => {
      if (!dragged) return;
      unmark();
      const there = found(event);
      if (!there) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "move";
      there.beside.classList.add(`drop-${there.where}`);
    });
    document.addEventListener("drop", (event) => {
      const there = found(event);
      if (!there) return;
      event.preventDefault();
      drop(dragged, there);
    });
    document.addEventListener("dragend", () => {
      dragged?.classList.remove("dragged");
      dragged = null;
      unmark();
    });
  };

  Object.assign(window.relmail.review, { draggable });
})();
