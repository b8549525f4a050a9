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
  // Each page that is opened keeps under a key of its own: two tabs do not overwrite each other, and what an earlier one
  // left stays until it is put back, forgotten or saved.
  const form = () => document.querySelector("form[data-editor]");
  const place = () => `relmail:edit:${desk()?.dataset.email}`;
  const fresh = () => `${place()}:${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
  const fields = (editor) => all("input[name=subject], input[name=preheader], textarea[data-lines]", editor);
  const values = (editor) => Object.fromEntries(fields(editor).map((field) => [field.name, field.value]));
  let opened = "";
  let own = "";
  let onServer = false;
  // The server keeps it too, a moment after the last key: it is there on another computer and after a new log-in.
  let later = 0;
  let holder = "";
  const post = (address, body) => {
    if (window.relmail?.token()) body.set("csrfmiddlewaretoken", window.relmail.token());
    return fetch(address, { method: "POST", body, headers: { "X-Requested-With": "fetch" }, redirect: "manual" }).then((answer) => {
      // Said once for each person who takes the text over.
      const now = answer.headers.get("X-Held-By") ?? "";
      if (now && now !== holder) window.relmail?.tell(`${decodeURIComponent(now)} is editing this text now. What you save is compared with theirs; nothing is overwritten.`, "warning");
      holder = now;
      return answer;
    });
  };
  const keep = (editor, more) => {
    window.clearTimeout(later);
    later = window.setTimeout(() => {
      const body = new FormData(editor);
      if (more) body.set(more, "1");
      post(desk().dataset.keep, body)
        .then((answer) => {
          onServer = answer.status === 204 && !more;
          if (answer.type === "opaqueredirect" || answer.status === 403) say(editor, "You were signed out, or your role changed; kept in this browser.");
          else if (onServer && editor.isConnected && JSON.stringify(values(editor)) !== opened) say(editor, "Not saved yet; kept for you.");
        })
        .catch(() => { /* no connection: this browser keeps it */ });
    }, more ? 0 : 1500);
  };
  const remember = () => {
    const editor = form();
    if (!editor) return;
    const now = JSON.stringify(values(editor));
    // What the server keeps from before is not overwritten while it is still offered.
    if (!editor.querySelector("[data-from-server]")) {
      if (now !== opened) keep(editor);
      else if (onServer) keep(editor, "forget");
      else window.clearTimeout(later);
    }
    try {
      if (now === opened) localStorage.removeItem(own);
      else localStorage.setItem(own, JSON.stringify({ basedOn: editor.dataset.basedOn, at: Date.now(), values: JSON.parse(now) }));
      say(editor, now === opened ? "" : "Not saved yet; kept in this browser.");
    } catch { /* private mode: the page alone keeps it */ }
  };
  const say = (editor, words) => { const place = editor.querySelector("[data-kept]"); if (place) place.textContent = words; };
  // While somebody writes, the others are told so for as long as it takes, also between two words.
  window.setInterval(() => {
    if (form()?.contains(document.activeElement)) post(desk().dataset.lock, new FormData()).catch(() => { /* no connection */ });
  }, 120000);
  const kept = () => {
    const found = [];
    try {
      Object.keys(localStorage).filter((key) => key === place() || key.startsWith(`${place()}:`))
        .forEach((key) => found.push({ ...JSON.parse(localStorage.getItem(key)), key }));
    } catch { /* private mode */ }
    const there = document.getElementById("kept-text");
    if (there) found.push({ ...JSON.parse(there.textContent), server: true });
    return found.sort((one, other) => other.at - one.at);
  };
  const same = (one, other) => Object.entries(other).every(([name, value]) => (one[name] ?? "") === value);
  const offer = (editor) => {
    const now = values(editor);
    const offers = [];
    for (const each of kept()) {
      if (same(each.values, JSON.parse(opened))) { if (each.key) localStorage.removeItem(each.key); continue; }
      if (same(each.values, now)) { if (each.server) onServer = true; continue; }
      const alike = offers.find((other) => same(other.values, each.values));
      if (alike) { alike.keys.push(each.key); alike.server ||= each.server; } else offers.push({ ...each, keys: [each.key] });
    }
    // The newest stands on top; more than three are looked at when those are dealt with.
    offers.slice(0, 3).reverse().forEach((each) => showOffer(editor, each));
    if (offers.some((each) => each.keys.includes(own))) own = fresh();
  };
  // As every moment on the page is written: in the zone of the product, which it names.
  const moment = (at) => {
    const shown = { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" };
    const written = new Intl.DateTimeFormat("en-GB", { ...shown, timeZone: desk().dataset.zone }).formatToParts(new Date(at));
    const part = Object.fromEntries(written.map(({ type, value }) => [type, value]));
    return `${part.weekday} ${part.day} ${part.month.slice(0, 3)} ${part.year}, ${part.hour}:${part.minute} ${part.timeZoneName}`;
  };
  const showOffer = (editor, old) => {
    const note = document.createElement("div");
    note.className = "message tone-info";
    note.dataset.offer = "";
    if (old.server) note.dataset.fromServer = "";
    const words = document.createElement("strong");
    words.textContent = `A text you typed on ${moment(old.at)} was not saved.`;
    const more = document.createElement("span");
    more.textContent = old.basedOn === editor.dataset.basedOn ? "Nothing of it is lost." : `It was based on revision ${old.basedOn}; compare before you save.`;
    const buttons = document.createElement("div");
    buttons.className = "buttons";
    const button = (label, act) => {
      const made = document.createElement("button");
      made.type = "button"; made.className = "button small"; made.textContent = label;
      made.addEventListener("click", () => {
        try { old.keys.filter(Boolean).forEach((key) => localStorage.removeItem(key)); } catch { /* nothing to forget */ }
        note.remove();
        act();
      });
      buttons.append(made);
    };
    button("Put it back", () => {
      put(editor, JSON.stringify(old.values));
      noteDown(editor);
      remember();
    });
    button("Forget it", () => {
      onServer ||= Boolean(old.server);
      remember();
    });
    note.append(words, more, buttons);
    editor.prepend(note);
    const details = editor.closest("details");
    if (details) details.open = true;
  };
  const start = () => {
    const editor = form();
    if (!editor || editor.dataset.ready) return;
    editor.dataset.ready = "yes";
    own ||= fresh();
    // As the server sent it: what stands in the fields may have been put back already.
    opened = JSON.stringify(Object.fromEntries(fields(editor).map((field) => [field.name, field.defaultValue])));
    const now = JSON.stringify(values(editor));
    if (steps.length < 2 || steps[steps.length - 1] !== now) steps = [opened];
    noteDown(editor);
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
  // What is submitted is the saved text: whoever typed on is asked before another one goes into review than they see.
  const unsaved = (editor) => "unsaved" in editor.dataset || JSON.stringify(values(editor)) !== opened;
  document.addEventListener("htmx:confirm", (event) => {
    const editor = form();
    if (!event.detail.elt.matches("form[data-submit]") || !editor || !unsaved(editor)) return;
    event.preventDefault();
    const question = `What you typed is not saved. To submit it, go back and save first. Submit revision ${editor.dataset.saved} without it?`;
    window.relmail.ask(question, () => event.detail.issueRequest(true));
  });
  // Only an answer that saved makes the kept text unneeded.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig?.path?.endsWith("/edit/") && event.detail.xhr.status === 200) {
      window.clearTimeout(later);
      onServer = false;
      try { localStorage.removeItem(own); } catch { /* nothing kept */ }
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

  // --- a part of the mail leads to its field, and to a comment about it ---------------------------------------------------
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-edit], [data-comment-on]");
    if (!link) return;
    event.preventDefault();
    const about = document.getElementById("comment-block");
    if (link.dataset.commentOn && about) about.value = link.dataset.commentOn;
    const field = document.getElementById(link.dataset.edit ?? "comment-body");
    const details = field?.closest("details");
    if (details) details.open = true;
    field?.focus();
  });

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
