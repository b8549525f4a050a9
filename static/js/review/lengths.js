// How long subject and preheader are, as the sample reader gets them: nobody sees a placeholder. And of a field whose length
// is limited, that it is too long: it is never cut, and not sent before it is shorter.
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
  const limit = (field) => {
    const most = Number(field.dataset.most);
    // As the server counts what is sent: blanks around it do not count, and a line ends with two characters.
    const length = [...field.value.trim().replace(/\n/g, "\r\n")].length;
    const words = length > most ? `${length.toLocaleString("en")} characters; ${most.toLocaleString("en")} are the most that is kept. Nothing is cut: shorten it or split it in two.` : "";
    let line = document.getElementById(`${field.id}-most`);
    if (!line && !words) return;
    if (!line) {
      line = document.createElement("span");
      line.className = "error";
      line.id = `${field.id}-most`;
      line.setAttribute("role", "status");
      field.after(line);
      field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${line.id}`.trim());
    }
    if (line.textContent !== words) line.textContent = words;
    field.setCustomValidity(words);
    if (words) field.setAttribute("aria-invalid", "true"); else field.removeAttribute("aria-invalid");
  };
  document.addEventListener("input", (event) => { if (event.target.matches("[data-most]")) limit(event.target); });
  document.addEventListener("htmx:afterSettle", () => all("[data-most]").forEach(limit));
  document.addEventListener("relmail:draw", (event) => all("input[name=subject], input[name=preheader]", event.target).forEach(count));
})();
