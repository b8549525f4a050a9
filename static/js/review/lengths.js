// How long subject and preheader are, as the sample reader gets them: nobody sees a placeholder.
(() => {
  "use strict";
  const { all } = window.relmail.review;

  const count = (field) => {
    const help = document.querySelector(`[data-count-for="${field.id}"]`);
    if (!help) return;
    const [least, most] = help.dataset.best.split("-").map(Number);
    const samples = JSON.parse(field.form?.dataset.samples || "{}");
    const read = field.value.trim().replace(/\{\{\s*(\w+)\s*\}\}/g, (written, name) => samples[name] ?? written);
    const length = [...read].length;
    help.textContent = `${length} characters${read === field.value.trim() ? "" : " for the sample reader"}; ${least} to ${most} are best.`;
    help.classList.toggle("off", length < least || length > most);
  };
  document.addEventListener("relmail:draw", (event) => all("input[name=subject], input[name=preheader]", event.target).forEach(count));
})();
