// Which sections are still to be ticked stands at the button that needs them, and is said when it is pressed without.
// What no sentence mentions is ticked all at once.
(() => {
  "use strict";
  const { all } = window.relmail.review;

  const say = (pressed) => {
    all("[data-ticks]").forEach((line) => {
      const form = line.closest("form");
      const missing = all("input[name=ticked]").filter((box) => box.form === form && !box.checked);
      const refused = missing.length > 0 && (pressed?.form === form || (!pressed && line.classList.contains("error")));
      const words = `${refused ? "Nothing was approved. " : ""}Still to be ticked: `;
      const names = missing.map((box) => box.closest("label").textContent.trim());
      const says = missing.length ? `${words}${names.join(", ")}.` : "All sections are ticked.";
      line.classList.toggle("error", refused);
      // Said anew only when it says something else: a live region is heard with every change.
      if (line.textContent === says) return;
      const links = missing.flatMap((box, at) => {
        const link = document.createElement("a");
        link.href = `#${box.id}`;
        link.textContent = names[at];
        link.addEventListener("click", (event) => { event.preventDefault(); box.focus(); });
        return [link, at + 1 < missing.length ? ", " : "."];
      });
      line.replaceChildren(...(missing.length ? [words, ...links] : [says]));
    });
  };
  // One box ticks all that stand with it, and says whether they all are.
  const together = (box) => all(`input[type=checkbox][name="${box.dataset.tickAll}"]`, box.form);
  const sum = (box) => {
    const ticked = together(box).filter((each) => each.checked).length;
    box.checked = ticked === together(box).length;
    box.indeterminate = ticked > 0 && !box.checked;
    box.closest("label").hidden = false;
  };
  document.addEventListener("change", (event) => {
    const { target } = event;
    if ("tickAll" in target.dataset) together(target).forEach((each) => { each.checked = target.checked; });
    else all("[data-tick-all]", target.form ?? document.createElement("form")).forEach(sum);
  });
  const sumAll = () => all("[data-tick-all]").forEach(sum);
  for (const name of ["htmx:afterSettle", "DOMContentLoaded"]) document.addEventListener(name, sumAll);

  document.addEventListener("change", (event) => { if (event.target.matches("input[name=ticked]")) say(); });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("form:has([data-ticks]) button:not([formnovalidate])");
    if (button) say(button);
  });
  document.addEventListener("htmx:afterSettle", () => say());
  document.addEventListener("htmx:oobAfterSwap", () => say());
  document.addEventListener("DOMContentLoaded", () => say());
})();
