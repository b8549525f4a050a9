// Each step of writing is noted down and taken back one by one, also behind a save. A word is a step, and so is what was
// taken out at one go; who pauses begins another.
(() => {
  "use strict";
  const { all, form, typed, saved, put } = window.relmail.review;

  const [PAUSE, MOST] = [1000, 500];
  let steps = [];
  // What the hand does now, as `input` tells it, and what it did at the last step: in which field, what and when.
  let hand = null;
  let last = null;
  const KINDS = { insertText: "word", insertCompositionText: "word", deleteContentBackward: "out", deleteContentForward: "out" };
  document.addEventListener("input", (event) => {
    const kind = KINDS[event.inputType] ?? "";
    const single = kind !== "word" || event.inputType === "insertCompositionText" || (event.data ?? "").length === 1;
    hand = { field: event.target, kind: !single ? "" : kind === "word" && /^\s$/.test(event.data ?? "") ? "space" : kind, at: Date.now() };
  }, true);
  // The space behind a word belongs to it.
  const goesOn = () => Boolean(hand?.kind && last?.kind && hand.field === last.field && hand.at - last.at < PAUSE
    && (hand.kind === last.kind || (last.kind === "word" && hand.kind === "space")));
  const noteDown = (editor) => {
    const now = typed(editor);
    if (steps[steps.length - 1] !== now) {
      if (goesOn() && steps.length > 1) steps.pop();
      steps.push(now);
      // The first state stays, whatever is forgotten of the way from it.
      if (steps.length > MOST) steps.splice(1, 1);
      last = hand;
    }
    hand = null;
    all("[data-undo]").forEach((button) => { button.hidden = steps.length < 2; });
  };
  const undo = () => {
    const editor = form();
    if (!editor || steps.length < 2) return;
    steps.pop();
    last = null;
    put(editor, steps[steps.length - 1]);
    window.relmail.tell("The last change is undone.");
  };
  document.addEventListener("relmail:opened", (event) => {
    last = null;
    if (steps.length < 2 || steps[steps.length - 1] !== typed(event.target)) steps = [saved()];
    noteDown(event.target);
  });
  document.addEventListener("relmail:typed", (event) => noteDown(event.target));
  document.addEventListener("click", (event) => { if (event.target.closest("[data-undo]")) undo(); });

  Object.assign(window.relmail.review, { undo });
})();
