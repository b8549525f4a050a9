// What was typed survives a lost session, a lost connection and a closed tab: it is kept in this browser and on the server.
// Each page that is opened keeps under a key of its own: two tabs do not overwrite each other, and what an earlier one
// left stays until it is put back, forgotten or saved. The key names the person too: who comes next in this browser is not
// offered the words of somebody else, and finds none of theirs gone.
(() => {
  "use strict";
  const { desk, form, typed, saved, unsaved, put, post } = window.relmail.review;

  const NAME = "relmail:typed:";
  const place = () => `${NAME}${desk()?.dataset.user}:${desk()?.dataset.email}`;
  const fresh = () => `${place()}:${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
  let own = "";
  let onServer = false;
  // What nobody came back for, and what was kept under names without a person.
  const KEPT_FOR = 60 * 24 * 3600 * 1000;
  const atOf = (key) => { try { return JSON.parse(localStorage.getItem(key)).at ?? 0; } catch { return 0; } };
  const clear = () => {
    try {
      Object.keys(localStorage)
        .filter((key) => key.startsWith("relmail:edit:") || (key.startsWith(NAME) && atOf(key) < Date.now() - KEPT_FOR))
        .forEach((key) => localStorage.removeItem(key));
    } catch { /* private mode: nothing is kept */ }
  };
  const say = (editor, words) => { const line = editor.querySelector("[data-kept]"); if (line) line.textContent = words; };

  // --- on the server a moment after the last key: there on another computer and after a new log-in -----------------------
  let later = 0;
  const keep = (editor, more, soon = false) => {
    window.clearTimeout(later);
    later = window.setTimeout(() => {
      const body = new FormData(editor);
      if (more) body.set(more, "1");
      post(desk().dataset.keep, body)
        .then(async (answer) => {
          onServer = answer.status === 204 && !more;
          if (answer.type === "opaqueredirect" || answer.status === 403) say(editor, "You were signed out, or your role changed; kept in this browser.");
          else if (answer.status === 422 && editor.isConnected) say(editor, `Not saved yet. ${await answer.text()}`);
          else if (onServer) document.dispatchEvent(new Event("relmail:kept"));
          if (onServer && editor.isConnected && typed(editor) !== saved()) say(editor, "Not saved yet; kept for you.");
        })
        .catch(() => { if (!more && editor.isConnected) say(editor, "No connection. Not saved yet; kept in this browser."); });
    }, more || soon ? 0 : 1500);
  };
  const remember = (editor) => {
    const now = typed(editor);
    // What the server keeps from before is not overwritten while it is still offered.
    if (!editor.querySelector("[data-from-server]")) {
      if (now !== saved()) keep(editor);
      else if (onServer) keep(editor, "forget");
      else window.clearTimeout(later);
    }
    try {
      if (now === saved()) localStorage.removeItem(own);
      else localStorage.setItem(own, JSON.stringify({ basedOn: editor.dataset.basedOn, at: Date.now(), values: JSON.parse(now) }));
      say(editor, now === saved() ? "" : "Not saved yet; kept in this browser.");
    } catch { say(editor, now === saved() ? "" : "Not saved yet; it stands in this page alone."); }
  };
  document.addEventListener("relmail:typed", (event) => remember(event.target));
  // The words are kept on the server again, and the line at the foot says so, without another key.
  window.addEventListener("online", () => {
    const editor = form();
    if (editor && unsaved(editor) && !editor.querySelector("[data-from-server]")) keep(editor, "", true);
  });
  // Only an answer that saved makes the kept text unneeded.
  document.addEventListener("relmail:saved", () => {
    window.clearTimeout(later);
    onServer = false;
    try { localStorage.removeItem(own); } catch { /* nothing kept */ }
  });

  // --- offered when the page is opened again ------------------------------------------------------------------------------
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
    found.forEach((each) => { each.values.order ||= JSON.parse(saved()).order; });
    return found.sort((one, other) => other.at - one.at);
  };
  const same = (one, other) => Object.entries(other).every(([name, value]) => (one[name] ?? "") === value);
  const offer = (editor) => {
    const now = JSON.parse(typed(editor));
    const offers = [];
    for (const each of kept()) {
      if (same(each.values, JSON.parse(saved()))) { if (each.key) localStorage.removeItem(each.key); continue; }
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
    button("Put it back", () => put(editor, JSON.stringify({ ...JSON.parse(saved()), ...old.values })));
    button("Forget it", () => {
      onServer ||= Boolean(old.server);
      remember(editor);
    });
    note.append(words, more, buttons);
    editor.prepend(note);
  };
  document.addEventListener("relmail:opened", (event) => {
    clear();
    own ||= fresh();
    offer(event.target);
    // A save was refused, and these are the words of it.
    if ("unsaved" in event.target.dataset) remember(event.target);
  });

  Object.assign(window.relmail.review, { keep });
})();
