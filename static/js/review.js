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
  // The server keeps it too, a moment after the last key: it is there on another computer and after a new log-in.
  let later = 0;
  const keep = (editor, more) => {
    window.clearTimeout(later);
    later = window.setTimeout(() => {
      const body = new FormData(editor);
      if (more) body.set(more, "1");
      if (window.relmail?.token()) body.set("csrfmiddlewaretoken", window.relmail.token());
      fetch(desk().dataset.keep, { method: "POST", body, headers: { "X-Requested-With": "fetch" }, redirect: "manual" })
        .then((answer) => {
          if (answer.type === "opaqueredirect" || answer.status === 403) say(editor, "You were signed out, or your role changed; kept in this browser.");
          else if (answer.status === 204 && !more && editor.isConnected && JSON.stringify(values(editor)) !== opened) say(editor, "Not saved yet; kept for you.");
        })
        .catch(() => { /* no connection: this browser keeps it */ });
    }, more ? 0 : 1500);
  };
  const remember = () => {
    const editor = form();
    if (!editor) return;
    const now = JSON.stringify(values(editor));
    if (now === opened) keep(editor, "forget"); else keep(editor);
    try {
      if (now === opened) localStorage.removeItem(place());
      else localStorage.setItem(place(), JSON.stringify({ basedOn: editor.dataset.basedOn, at: Date.now(), values: JSON.parse(now) }));
      say(editor, now === opened ? "" : "Not saved yet; kept in this browser.");
    } catch { /* private mode: the page alone keeps it */ }
  };
  const say = (editor, words) => { const place = editor.querySelector("[data-kept]"); if (place) place.textContent = words; };
  const offer = (editor) => {
    let kept = null;
    try { kept = JSON.parse(localStorage.getItem(place()) ?? "null"); } catch { /* private mode */ }
    const there = document.getElementById("kept-text");
    if (there) {
      const other = JSON.parse(there.textContent);
      if (!kept || other.at > kept.at) kept = other;
    }
    const same = (one, other) => Object.entries(other).every(([name, value]) => (one[name] ?? "") === value);
    if (kept && same(kept.values, JSON.parse(opened))) { localStorage.removeItem(place()); return; }
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
      noteDown(editor);
      remember();
    });
    button("Forget it", () => { keep(editor, "forget"); try { localStorage.removeItem(place()); } catch { /* nothing to forget */ } });
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
    steps = [opened];
    all("input[name=subject], input[name=preheader]", editor).forEach(count);
    offer(editor);
  };
  document.addEventListener("input", (event) => {
    const editor = event.target.closest("form[data-editor]");
    if (editor) { count(event.target); noteDown(editor); remember(); }
  });

  // --- lines: a sentence is moved or taken out where it stands, and each step can be undone ------------------------------
  let steps = [];
  const noteDown = (editor) => {
    const now = JSON.stringify(values(editor));
    if (steps[steps.length - 1] !== now) steps.push(now);
    if (steps.length > 200) steps.shift();
    const undo = editor.querySelector("[data-undo]");
    if (undo) undo.hidden = steps.length < 2;
  };
  const put = (editor, state) => {
    for (const [name, value] of Object.entries(JSON.parse(state))) { const field = editor.elements[name]; if (field) field.value = value; }
    all("input[name=subject], input[name=preheader]", editor).forEach(count);
  };
  const undo = (editor) => {
    if (steps.length < 2) return;
    steps.pop();
    put(editor, steps[steps.length - 1]);
    noteDown(editor);
    remember();
    window.relmail?.tell("The last change is undone.");
  };
  const lineAt = (area) => area.value.slice(0, area.selectionStart).split("\n").length - 1;
  const select = (area, line) => {
    const lines = area.value.split("\n");
    const start = lines.slice(0, line).reduce((sum, each) => sum + each.length + 1, 0);
    area.focus();
    area.setSelectionRange(start, start + (lines[line] ?? "").length);
  };
  const act = (area, what, to) => {
    const editor = area.form;
    const lines = area.value.split("\n");
    const line = lineAt(area);
    let target = line;
    if (what === "up" || what === "down") {
      target = line + (what === "up" ? -1 : 1);
      if (target < 0 || target >= lines.length) return;
      [lines[line], lines[target]] = [lines[target], lines[line]];
    } else if (what === "delete") { lines.splice(line, 1); target = Math.min(line, lines.length - 1); }
    else if (what === "clear") { lines.length = 0; target = 0; }
    else if (what === "move") {
      const other = editor.elements[`block-${to}`];
      if (!other || other === area || !lines[line]) return;
      const [moved] = lines.splice(line, 1);
      other.value = other.value ? `${other.value}\n${moved}` : moved;
      area.value = lines.join("\n");
      noteDown(editor); remember();
      select(other, other.value.split("\n").length - 1);
      return;
    }
    area.value = lines.join("\n");
    noteDown(editor); remember();
    select(area, Math.max(0, target));
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-line], [data-undo]");
    if (!button || !button.form) return;
    if (button.hasAttribute("data-undo")) { undo(button.form); return; }
    const area = document.getElementById(button.dataset.of);
    if (area) act(area, button.dataset.line);
  });
  document.addEventListener("change", (event) => {
    const chooser = event.target.closest("select[data-move]");
    if (!chooser) return;
    const area = document.getElementById(chooser.dataset.move);
    if (area && chooser.value) act(area, "move", chooser.value);
    chooser.value = "";
  });
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches?.("[data-lines]") || !event.altKey || event.ctrlKey || event.metaKey) return;
    const what = { ArrowUp: "up", ArrowDown: "down", Delete: "delete" }[event.key];
    if (what) { act(event.target, what); event.preventDefault(); }
  });
  // Only an answer that saved makes the kept text unneeded.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig?.path?.endsWith("/edit/") && event.detail.xhr.status === 200) {
      window.clearTimeout(later);
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

  // --- keys: e edit, a approve, s sources, t time, c comment, j next, k previous; base.html lists them under ? ------------------------------------------------------------------
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    if (event.key === "e") {
      const details = document.getElementById("editor");
      if (details) { details.open = true; details.querySelector("input[name=subject]")?.focus(); event.preventDefault(); }
    } else if (event.key === "a") (document.querySelector("input[name=ticked]:not(:checked)") ?? document.querySelector("[data-approve]"))?.focus();
    else if (event.key === "s") document.querySelector(".review-sources .issue")?.focus();
    else if (event.key === "t") {
      const details = document.getElementById("choose-time");
      if (details) { details.open = true; details.querySelector("button")?.focus(); }
    }
    else if (event.key === "c") { document.getElementById("comment-body")?.focus(); event.preventDefault(); }
    else if (event.key === "j") document.querySelector("a[data-next]")?.click();
    else if (event.key === "k") document.querySelector("a[data-previous], a[data-next]")?.click();
  });
})();
