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
  // Who writes sees the sources of their line again when the pointer has gone.
  const rest = () => {
    dark();
    if (document.activeElement?.matches("[data-lines]")) light(lineKeys(document.activeElement));
  };
  document.addEventListener("mouseout", (event) => { if (keysOf(event.target)) rest(); });
  document.addEventListener("focusin", (event) => { const keys = keysOf(event.target); if (keys) light(keys); });
  document.addEventListener("focusout", (event) => { if (keysOf(event.target) || event.target.matches("[data-lines]")) dark(); });
  for (const kind of ["keyup", "click"]) {
    document.addEventListener(kind, (event) => { if (event.target.matches?.("[data-lines]")) light(lineKeys(event.target)); });
  }

  // --- lengths ---------------------------------------------------------------------------------------------------------
  // As the sample reader gets it: nobody sees a placeholder.
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

  // --- what was typed survives a lost session, a lost connection and a closed tab ---------------------------------------
  // Each page that is opened keeps under a key of its own: two tabs do not overwrite each other, and what an earlier one
  // left stays until it is put back, forgotten or saved.
  const form = () => document.querySelector("form[data-editor]");
  const place = () => `relmail:edit:${desk()?.dataset.email}`;
  const fresh = () => `${place()}:${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
  const fields = (editor) => all("input[name=subject], input[name=preheader], textarea[data-lines], input[data-order]", editor);
  // By name, because the parts change places.
  const byName = (entries) => Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
  const values = (editor) => byName(fields(editor).map((field) => [field.name, field.value]));
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
  const keep = (editor, more, soon = false) => {
    window.clearTimeout(later);
    later = window.setTimeout(() => {
      const body = new FormData(editor);
      if (more) body.set(more, "1");
      post(desk().dataset.keep, body)
        .then((answer) => {
          onServer = answer.status === 204 && !more;
          if (answer.type === "opaqueredirect" || answer.status === 403) say(editor, "You were signed out, or your role changed; kept in this browser.");
          else if (onServer && follows) follow(true);
          if (onServer && editor.isConnected && JSON.stringify(values(editor)) !== opened) say(editor, "Not saved yet; kept for you.");
        })
        .catch(() => { if (!more && editor.isConnected) say(editor, "No connection. Not saved yet; kept in this browser."); });
    }, more || soon ? 0 : 1500);
  };
  const remember = () => {
    const editor = form();
    if (!editor) return;
    mirror(editor);
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
  // What the server keeps is of this page itself once it was answered for; an answer of the desk brings it again.
  let unanswered = true;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target?.id === "desk") unanswered = Boolean(document.querySelector("[data-from-server]"));
  });
  const kept = () => {
    const found = [];
    try {
      Object.keys(localStorage).filter((key) => key === place() || key.startsWith(`${place()}:`))
        .forEach((key) => found.push({ ...JSON.parse(localStorage.getItem(key)), key }));
    } catch { /* private mode */ }
    const there = unanswered && form()?.dataset.keptText;
    if (there) found.push({ ...JSON.parse(there), server: true });
    // A text that was kept without an order has that of the saved one.
    found.forEach((each) => { each.values.order ||= JSON.parse(opened).order; });
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
      put(editor, JSON.stringify({ ...JSON.parse(opened), ...old.values }));
      noteDown(editor);
      remember();
    });
    button("Forget it", () => {
      onServer ||= Boolean(old.server);
      remember();
    });
    note.append(words, more, buttons);
    editor.prepend(note);
  };
  const start = () => {
    const editor = form();
    if (!editor || editor.dataset.ready) return;
    editor.dataset.ready = "yes";
    own ||= fresh();
    // As it is saved: in the fields stands what was put back, or what another text was saved under.
    opened = JSON.stringify(byName(Object.entries(JSON.parse(editor.dataset.text))));
    const now = JSON.stringify(values(editor));
    if (steps.length < 2 || steps[steps.length - 1] !== now) steps = [opened];
    noteDown(editor);
    all("input[name=subject], input[name=preheader]", editor).forEach(count);
    all(".words[data-line]", editor).forEach((words) => { words.tabIndex = 0; words.setAttribute("role", "button"); });
    mirror(editor, true);
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
    all("[data-undo]").forEach((undo) => { undo.hidden = steps.length < 2; });
  };
  const put = (editor, state) => {
    for (const [name, value] of Object.entries(JSON.parse(state))) { const field = editor.elements[name]; if (field) field.value = value; }
    all("input[name=subject], input[name=preheader]", editor).forEach(count);
    mirror(editor, true);
  };
  const undo = (editor) => {
    if (!editor || steps.length < 2) return;
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
    else if (what === "move") {
      const other = editor.elements[`block-${to}`];
      if (!other || other === area || !lines[line]) return;
      const [moved] = lines.splice(line, 1);
      other.value = other.value ? `${other.value}\n${moved}` : moved;
      area.value = lines.join("\n");
      noteDown(editor); remember();
      blockOf(to).querySelector("details.block-editor").open = true;
      select(other, other.value.split("\n").length - 1);
      return;
    }
    area.value = lines.join("\n");
    noteDown(editor); remember();
    select(area, Math.max(0, target));
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-line], [data-undo]");
    if (!button) return;
    if (button.hasAttribute("data-undo")) { undo(form()); return; }
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

  // --- in place: a part opens where it stands, is left by Escape, moves among its neighbours and is taken out ------------
  const announce = (words) => { const live = document.getElementById("live"); if (live) { live.textContent = ""; window.setTimeout(() => { live.textContent = words; }, 30); } };
  const blockOf = (kind) => document.getElementById(`block-${kind}`);
  const fieldOf = (block) => block.querySelector("input[name=subject], input[name=preheader], textarea[data-lines]");
  const isChanged = (block) => { const field = fieldOf(block); return field.value !== JSON.parse(opened)[field.name]; };
  // What stands in the fields, shown: the order of the parts, what is changed, taken out, can go up or down.
  const mirror = (editor, reveal = false) => {
    const foot = editor.querySelector(".edit-foot");
    const focused = document.activeElement;
    const wanted = editor.elements.order.value.split(",").map(blockOf).filter(Boolean);
    if (all("[data-block]", editor).slice(2).some((block, place) => block !== wanted[place])) {
      wanted.forEach((block) => foot.before(block));
      if (editor.contains(focused)) focused.focus({ preventScroll: true });
    }
    const blocks = all("[data-block]", editor);
    const movable = blocks.filter((block) => "movable" in block.dataset && fieldOf(block).value.trim());
    for (const block of blocks) {
      const changed = isChanged(block);
      const gone = changed && !fieldOf(block).value.trim() && !block.classList.contains("bare") && fieldOf(block).matches("textarea");
      const details = block.querySelector("details.block-editor");
      block.classList.toggle("changed", changed);
      if (reveal) {
        if (changed && !gone) details.open = true;
        else if (!details.contains(document.activeElement)) details.open = false;
      }
      block.classList.toggle("gone", gone && !details.open);
      block.querySelector(".note-gone").hidden = !(gone && !details.open);
      const place = movable.indexOf(block);
      const [up, down, out] = ["up", "down", "delete"].map((what) => block.querySelector(`[data-arrange=${what}]`));
      if (up) up.disabled = place < 1;
      if (down) down.disabled = place < 0 || place === movable.length - 1;
      if (out) out.disabled = gone;
    }
    const other = unsaved(editor);
    editor.classList.toggle("unsaved", other);
    all("[data-stale]").forEach((note) => { note.hidden = !other; });
    if (!other && follows) follow(false);
  };
  // The exact mail with the words that the server keeps, by the renderer that sends; its frame stays sealed.
  let follows = false;
  const follow = (on) => {
    follows = on;
    const frame = document.querySelector("iframe.preview[data-typed]");
    if (!frame) return;
    frame.dataset.saved ??= frame.getAttribute("src");
    frame.src = on ? `${frame.dataset.typed}&at=${Date.now()}` : frame.dataset.saved;
    all("[data-follow]").forEach((button) => { button.textContent = on ? "Show the saved text" : "Show it with what I typed"; });
    all("[data-not-in-it]").forEach((words) => { words.hidden = on; });
    all("[data-in-it]").forEach((words) => { words.hidden = !on; });
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-follow]") || !form()) return;
    if (follows) follow(false);
    else { follows = true; keep(form(), "", true); }
  });
  let locked = "";
  const takeLock = () => {
    if (locked === desk()?.dataset.email) return;
    locked = desk().dataset.email;
    post(desk().dataset.lock, new FormData()).catch(() => { locked = ""; });
  };
  const openBlock = (block, line = -1) => {
    const details = block?.querySelector("details.block-editor");
    if (!details) return;
    details.open = true;
    const field = fieldOf(block);
    const lines = field.value.split("\n");
    const upTo = line < 0 ? field.value : lines.slice(0, line + 1).join("\n");
    // Behind the words and before the issues in brackets, so that what is typed does not part them from their sentence.
    const end = field.matches("[data-lines]") ? upTo.replace(/\s*\[[^\]\n]*\]$/, "").length : upTo.length;
    field.focus();
    field.setSelectionRange(end, end);
    if (field.matches("[data-lines]")) light(lineKeys(field));
    block.classList.remove("gone");
  };
  const leaveBlock = (block) => {
    const editor = form();
    const field = fieldOf(block);
    const was = JSON.parse(opened)[field.name];
    const changed = field.value !== was;
    field.value = was;
    dark();
    block.querySelector("details.block-editor").open = false;
    if (changed) { count(field); noteDown(editor); }
    remember();
    (block.querySelector(".words") ?? block.querySelector("summary")).focus();
    if (changed) window.relmail?.tell(`${block.dataset.label} is as it was. Undo brings your words back.`);
  };
  const arrange = (block, what) => {
    const editor = form();
    const field = fieldOf(block);
    const label = block.dataset.label;
    if (what === "delete") {
      if (!field.value.trim()) return;
      takeLock();
      field.value = "";
      block.querySelector("details.block-editor").open = false;
      noteDown(editor); remember();
      (block.querySelector(".words") ?? block.querySelector("summary")).focus();
      window.relmail?.tell(`${label} is taken out, not saved yet. Undo brings it back.`);
      return;
    }
    const movable = all("[data-block][data-movable]", editor).filter((each) => fieldOf(each).value.trim());
    const beside = movable[movable.indexOf(block) + (what === "up" ? -1 : 1)];
    if (!("movable" in block.dataset)) { announce(`${label} stays where the template has it.`); return; }
    if (!beside || !movable.includes(block)) { announce(`${label} is ${what === "up" ? "the first" : "the last"} that can be moved.`); return; }
    takeLock();
    const order = editor.elements.order.value.split(",").filter((kind) => kind !== block.dataset.block);
    order.splice(order.indexOf(beside.dataset.block) + (what === "up" ? 0 : 1), 0, block.dataset.block);
    editor.elements.order.value = order.join(",");
    noteDown(editor); remember();
    const button = block.querySelector(`[data-arrange=${what}]`);
    if (button?.disabled && block.contains(document.activeElement)) (block.querySelector("[data-arrange]:not(:disabled)") ?? block.querySelector("summary")).focus();
    block.scrollIntoView({ block: "nearest" });
    announce(`${label} stands ${what === "up" ? "before" : "behind"} ${beside.dataset.label} now. Not saved yet.`);
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-arrange]");
    const block = event.target.closest("[data-block]");
    if (!block || !form()?.contains(block)) return;
    if (button) { event.preventDefault(); arrange(block, button.dataset.arrange); return; }
    const summary = event.target.closest("details.block-editor > summary");
    if (summary) { event.preventDefault(); if (summary.parentElement.open) leaveBlock(block); else openBlock(block); return; }
    // Who marks words to copy them wants no editor.
    const words = event.target.closest(".words[data-line]");
    if (words && window.getSelection().isCollapsed) openBlock(block, Number(words.dataset.line));
  });
  document.addEventListener("keydown", (event) => {
    const block = event.target.closest?.("[data-block]");
    if (!block || !form()?.contains(block) || event.isComposing) return;
    const field = event.target === fieldOf(block);
    if (field && event.key === "Escape") { event.preventDefault(); leaveBlock(block); }
    else if (field && event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form().requestSubmit(); }
    else if (!event.target.matches("input, textarea, select") && event.altKey && !event.ctrlKey && !event.metaKey) {
      const what = { ArrowUp: "up", ArrowDown: "down", Delete: "delete" }[event.key];
      if (what && (what === "delete" ? fieldOf(block).matches("textarea") : true)) { event.preventDefault(); arrange(block, what); }
    } else if ((event.key === "Enter" || event.key === " ") && event.target.matches(".words[data-line]")) {
      event.preventDefault();
      openBlock(block, Number(event.target.dataset.line));
    }
  });
  // Another wording came into its field: it is a step that can be undone, and kept like what is typed.
  document.addEventListener("htmx:load", (event) => {
    if (event.detail.elt.id === "mail" && form()) { follows = false; mirror(form()); return; }
    const editor = event.detail.elt.closest?.("form[data-editor][data-ready]");
    if (editor) { noteDown(editor); remember(); }
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
  // After saving, the keyboard goes on at the part that was written.
  let returnTo = "";
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.detail.requestConfig?.path?.endsWith("/edit/")) return;
    returnTo = document.activeElement?.closest?.("[data-block]")?.dataset.block ?? all("[data-block].changed")[0]?.dataset.block ?? "";
  });
  // Until it has settled an answer is given the attributes of what it replaced, open parts and marks among them.
  document.addEventListener("htmx:afterSettle", (event) => {
    const editor = form();
    if (!editor?.dataset.ready || event.target.id !== "desk") return;
    mirror(editor, true);
    const block = returnTo && blockOf(returnTo);
    returnTo = "";
    if (block) (isChanged(block) ? fieldOf(block) : (block.querySelector(".words") ?? block.querySelector("summary"))).focus();
  });
  // Only an answer that saved makes the kept text unneeded.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig?.path?.endsWith("/edit/") && event.detail.xhr.status === 200) {
      locked = "";
      follows = false;
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

  // --- the row of links of a narrow page: what is folded opens, and the keyboard goes on there -------------------------------
  document.addEventListener("click", (event) => {
    const target = document.getElementById(event.target.closest(".jump a")?.hash.slice(1) ?? "");
    if (!target) return;
    const folded = target.querySelector(":scope > details");
    if (folded) folded.open = true;
    target.tabIndex = -1;
    target.focus({ preventScroll: true });
  });

  // --- a part of the mail leads to a comment about it ---------------------------------------------------------------------
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-comment-on]");
    if (!link) return;
    event.preventDefault();
    const about = document.getElementById("comment-block");
    if (about) about.value = link.dataset.commentOn;
    document.getElementById("comment-body")?.focus();
  });

  // --- which sections are still to be ticked stands at the button that needs them, and is said when it is pressed without --
  const sayTicks = (pressed) => {
    document.querySelectorAll("[data-ticks]").forEach((line) => {
      const form = line.closest("form");
      const missing = [...document.querySelectorAll("input[name=ticked]")].filter((box) => box.form === form && !box.checked);
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
  document.addEventListener("change", (event) => { if (event.target.matches("input[name=ticked]")) sayTicks(); });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("form:has([data-ticks]) button:not([formnovalidate])");
    if (button) sayTicks(button);
  });
  document.addEventListener("htmx:afterSettle", () => sayTicks());
  document.addEventListener("htmx:oobAfterSwap", () => sayTicks());
  document.addEventListener("DOMContentLoaded", () => sayTicks());
  sayTicks();

  // --- keys: e edit, u undo, a approve, s sources, t time, c comment, j next, k previous; base.html lists them under ? ------------------------------------------------------------------
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    if (event.key === "e") {
      const at = event.target.closest(".sentence")?.querySelector(".words[data-line]");
      const block = event.target.closest("[data-block]") ?? document.querySelector("form[data-editor] [data-block]");
      if (block && form()) { openBlock(block, at ? Number(at.dataset.line) : -1); event.preventDefault(); }
    } else if (event.key === "u") undo(form());
    else if (event.key === "a") (document.querySelector("input[name=ticked]:not(:checked)") ?? document.querySelector("[data-approve]"))?.focus();
    else if (event.key === "s") document.querySelector(".review-sources .issue")?.focus();
    else if (event.key === "t") {
      const details = document.getElementById("choose-time");
      if (details) { details.open = true; details.querySelector("button")?.focus(); }
    }
    else if (event.key === "c") { document.getElementById("comment-body")?.focus(); event.preventDefault(); }
    else if (event.key === "j") document.querySelector("a[data-next]")?.click();
    else if (event.key === "k") document.querySelector("a[data-previous]")?.click();
  });
})();
