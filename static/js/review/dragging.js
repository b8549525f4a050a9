// A part of the mail is dragged by its grip to another place among those that can be moved. For a pointer alone: buttons
// and keys do the same, so a grip is neither reached by keyboard nor read out.
(() => {
  "use strict";
  const { all, form, movable, place } = window.relmail.review;

  let dragged = null;
  const unmark = () => all(".drop-before, .drop-behind").forEach((part) => part.classList.remove("drop-before", "drop-behind"));
  // Where it would come to stand: beside a part that can move too, on the side of its nearer edge.
  const target = (event) => {
    const part = event.target.closest?.("[data-block]");
    if (!dragged || !part || part === dragged || !movable(form()).includes(part)) return null;
    const box = part.getBoundingClientRect();
    return [part, event.clientY < box.top + box.height / 2 ? "before" : "behind"];
  };
  document.addEventListener("dragstart", (event) => {
    const part = event.target.closest?.(".grip")?.closest("[data-block]");
    if (!part || !form()?.contains(part)) return;
    dragged = part;
    event.dataTransfer.effectAllowed = "move";
    // Under a name of our own: dropped on a field it leaves no words there.
    event.dataTransfer.setData("application/x-relmail-part", part.dataset.block);
    const box = part.getBoundingClientRect();
    event.dataTransfer.setDragImage(part, event.clientX - box.left, event.clientY - box.top);
    // Later, so that the picture that is dragged is not the pale one.
    window.setTimeout(() => dragged?.classList.add("dragged"));
  });
  document.addEventListener("dragover", (event) => {
    if (!dragged) return;
    unmark();
    const found = target(event);
    if (!found) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    found[0].classList.add(`drop-${found[1]}`);
  });
  document.addEventListener("drop", (event) => {
    const found = target(event);
    if (!found) return;
    event.preventDefault();
    place(dragged, found[1], found[0]);
  });
  document.addEventListener("dragend", () => {
    dragged?.classList.remove("dragged");
    dragged = null;
    unmark();
  });
})();
