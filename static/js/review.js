// The review page: sentence and issue light each other up, lengths are counted, what was typed survives, a few keys.
// Everything works without this file; it only adds.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const desk = () => document.getElementById("desk");

  // --- light: a sentence shows its issues, an issue its sentences ----------------------------------------------------
  const dark = () => all(".lit").forEach((lit) => lit.classList.remove("lit"));
  // In its own column only: the page must not jump under the pointer.
  const show = (issue) => {
    const column = issue.closest(".review-sources > .card");
    if (!column || column.scrollHeight <= column.clientHeight) return;
    const [inner, outer] = [issue.getBoundingClientRect(), column.getBoundingClientRect()];
    if (inner.top < outer.top || inner.bottom > outer.bottom) column.scrollTop += inner.top - outer.top - outer.height / 3;
  };
  const light = (keys) => {
    dark();
    keys.forEach((key, place) => {
      const issue = document.getElementById(`issue-${key}`);
      issue?.classList.add("lit");
      if (issue && place === 0 && !issue.matches(":hover, :focus-within")) show(issue);
      all(".sentence[data-keys]").forEach((sentence) => {
        if (sentence.dataset.keys.split(" ").includes(key)) sentence.classList.add("lit");
      });
    });
  };
  const keysOf = (element) => {
    const at = element?.closest?.(".sentence[data-keys], .issue[data-key]");
    if (!at) return null;
    return at.dataset.key ? [at.dataset.key] : at.dataset.keys.split(" ").filter(Boolean);
  };
  const lineKeys = (area) => {
    const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const end = area.value.indexOf("\n", area.selectionStart);
    const line = area.value.slice(start, end < 0 ? undefined : end);
    const found = line.match(/\[([^\]]*)\]\s*$/);
    return found ? found[1].toUpperCase().split(/[,; ]+/).filter(Boolean) : [];
  };
  document.addEventListener("mouseover", (event) => { const keys = keysOf(event.target); if (keys) light(keys); });
  document.addEventListener("mouseout", (event) => { if (keysOf(event.target)) dark(); });
  document.addEventListener("focusin", (event) => { const keys = keysOf(event.target); if (keys) light(keys); });
  document.addEventListener("focusout", (event) => { if (keysOf(event.target)) dark(); });
  for (const kind of ["keyup", "click"]) {
    document.addEventListener(kind, (event) => { if (event.target.matches?.("[data-lines]")) light(lineKeys(event.target)); });
  }

  // --- lengths ---------------------------------------------------------------------------------------------------------
  const count = (field) => {
    const help = document.querySelector(`[data-count-for="${field.id}"]`);
    if (!help) return;
    const [least, most] = help.dataset.best.split("-").map(Number);
    const length = [...field.value].length;
    help.textContent = `${length} characters; ${least} to ${most} are best.`;
    help.classList.toggle("off", length < least || length > most);
  };

  // --- what was typed survives a lost session, a lost connection and a closed tab ---------------------------------------
  const form = () => document.querySelector("form[data-editor]");
  const place = () => `relmail:edit:${desk()?.dataset.email}`;
  const values = (editor) => Object.fromEntries(
    all("input[name=subject], input[name=preheader], textarea[data-lines]", editor).map((field) => [field.name, field.value]));
  let opened = "";
  const remember = () => {
    const editor = form();
    if (!editor) return;
    const now = JSON.stringify(values(editor));
    try {
      if (now === opened) localStorage.removeItem(place());
      else localStorage.setItem(place(), JSON.stringify({ basedOn: editor.dataset.basedOn, at: Date.now(), values: JSON.parse(now) }));
      say(editor, now === opened ? "" : "Not saved yet; kept in this browser.");
    } catch { /* private mode: the page alone keeps it */ }
  };
  const say = (editor, words) => { const place = editor.querySelector("[data-kept]"); if (place) place.textContent = words; };
  const offer = (editor) => {
    let kept = null;
    try { kept = JSON.parse(localStorage.getItem(place()) ?? "null"); } catch { return; }
    if (kept && JSON.stringify(kept.values) === opened) { localStorage.removeItem(place()); return; }
    if (!kept) return;
    const note = document.createElement("div");
    note.className = "message tone-info";
    const words = document.createElement("strong");
    words.textContent = `A text you typed on ${new Date(kept.at).toLocaleString()} was not saved.`;
    const more = document.createElement("span");
    more.textContent = kept.basedOn === editor.dataset.basedOn ? "Nothing of it is lost." : `It was based on revision ${kept.basedOn}; compare before you save.`;
    const buttons = document.createElement("div");
    buttons.className = "buttons";
    const button = (label, act) => {
      const made = document.createElement("button");
      made.type = "button"; made.className = "button small"; made.textContent = label;
      made.addEventListener("click", () => { act(); note.remove(); });
      buttons.append(made);
    };
    button("Put it back", () => {
      for (const [name, value] of Object.entries(kept.values)) { const field = editor.elements[name]; if (field) field.value = value; }
      all("input[name=subject], input[name=preheader]", editor).forEach(count);
      remember();
    });
    button("Forget it", () => { try { localStorage.removeItem(place()); } catch { /* nothing to forget */ } });
    note.append(words, more, buttons);
    editor.prepend(note);
    const details = editor.closest("details");
    if (details) details.open = true;
  };
  const start = () => {
    const editor = form();
    if (!editor || editor.dataset.ready) return;
    editor.dataset.ready = "yes";
    opened = JSON.stringify(values(editor));
    all("input[name=subject], input[name=preheader]", editor).forEach(count);
    offer(editor);
  };
  document.addEventListener("input", (event) => {
    if (event.target.closest("form[data-editor]")) { count(event.target); remember(); }
  });
  // Only an answer that saved makes the kept text unneeded.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig?.path?.endsWith("/edit/") && event.detail.xhr.status === 200) {
      try { localStorage.removeItem(place()); } catch { /* nothing kept */ }
    }
  });
  const fold = () => {
    const sources = document.querySelector(".review-sources > details");
    if (sources && window.matchMedia("(max-width: 51.99rem)").matches) sources.open = false;
  };
  document.addEventListener("htmx:load", (event) => { if (event.detail.elt.id === "desk") fold(); start(); });
  document.addEventListener("DOMContentLoaded", start);
  fold();
  if (document.readyState !== "loading") start();

  // --- keys: e edit, a approve, j next, ? what there is ------------------------------------------------------------------
  const KEYS = { e: "Edit the text", a: "Go to Approve", c: "Comment", j: "Next e-mail that waits for you" };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    if (event.key === "e") {
      const details = document.getElementById("editor");
      if (details) { details.open = true; details.querySelector("input[name=subject]")?.focus(); event.preventDefault(); }
    } else if (event.key === "a") document.querySelector("[data-approve]")?.focus();
    else if (event.key === "c") { document.getElementById("comment-body")?.focus(); event.preventDefault(); }
    else if (event.key === "j") document.querySelector("a[data-next]")?.click();
    else if (event.key === "?") window.relmail?.tell(Object.entries(KEYS).map(([key, what]) => `${key}: ${what}`).join(" · "));
  });
})();
