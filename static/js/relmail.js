// What every page needs beside htmx: menu, theme, confirmation, what to say when something changed or failed.
(() => {
  "use strict";
  const $ = (selector, root = document) => root.querySelector(selector);

  // --- theme: light, dark or as the system says; kept under the key that Django's admin uses too -----------------------
  const themeButtons = () => document.querySelectorAll("[data-set-theme]");
  const showTheme = (theme) => {
    document.documentElement.dataset.theme = theme;
    themeButtons().forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.setTheme === theme)));
  };
  showTheme(document.documentElement.dataset.theme || "auto");
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-set-theme]");
    if (!button) return;
    try { localStorage.setItem("theme", button.dataset.setTheme); } catch { /* private mode: only this page */ }
    showTheme(button.dataset.setTheme);
  });

  // --- menu on narrow screens; without this script the links are simply always shown ------------------------------------
  const menuButton = $("[data-menu]");
  if (menuButton) {
    document.documentElement.classList.add("menu-ready");
    menuButton.addEventListener("click", () => showMenu(menuButton.getAttribute("aria-expanded") !== "true"));
  }
  const showMenu = (open) => {
    $("#navigation").classList.toggle("open", open);
    $("#search")?.classList.toggle("open", open);
    menuButton.setAttribute("aria-expanded", String(open));
  };
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.dropdown[open]").forEach((dropdown) => {
      if (!dropdown.contains(event.target)) dropdown.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const dropdown = event.target.closest?.("details.dropdown[open]");
    if (dropdown) { dropdown.open = false; $("summary", dropdown).focus(); }
  });

  // --- telling: a polite live region for the ear, a toast for the eye ------------------------------------------------------
  // An error keeps what it is about: the address that was asked, or the connection and the session, which concern all.
  let asked = "";
  const [EVERYTHING, CONNECTION] = ["everything", "the connection"];
  const tell = (text, tone = "info", cause = asked) => {
    const live = $("#live");
    if (live) { live.textContent = ""; window.setTimeout(() => { live.textContent = text; }, 30); }
    const toasts = $("#toasts");
    // What is still to be read is not said a second time, such as a lost session that each request meets anew.
    if (!toasts || [...toasts.children].some((shown) => shown.firstChild.textContent === text)) return;
    // The newest takes the place of what said the same of an earlier moment: revision 4 of revision 3. Errors stay.
    const kind = `${tone} ${text.replace(/\d+|“[^”]*”/g, "…")}`;
    if (tone !== "danger") [...toasts.children].filter((shown) => shown.dataset.kind === kind).forEach((shown) => shown.remove());
    const toast = document.createElement("div");
    toast.className = `toast tone-${tone}`;
    toast.dataset.kind = kind;
    if (tone === "danger") toast.dataset.cause = cause;
    const words = document.createElement("span");
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "button quiet small";
    close.textContent = "Close";
    close.addEventListener("click", () => toast.remove());
    toast.append(words, close);
    toasts.append(toast);
    if (tone === "danger") return;
    // It goes by itself, but not from under a pointer or the focus.
    let going = 0;
    const go = () => { window.clearTimeout(going); going = window.setTimeout(() => { if (!toast.matches(":hover, :focus-within")) toast.remove(); }, 8000); };
    for (const left of ["mouseleave", "focusout"]) toast.addEventListener(left, go);
    for (const met of ["mouseenter", "focusin"]) toast.addEventListener(met, () => window.clearTimeout(going));
    go();
  };
  document.addEventListener("relmail:tell", (event) => tell(event.detail.text ?? event.detail.value, event.detail.tone));
  const signedOut = (xhr) => Boolean(xhr.responseURL) && new URL(xhr.responseURL).pathname === document.body.dataset.loginPath;
  document.addEventListener("htmx:beforeOnLoad", (event) => { asked = event.detail.requestConfig.path; });
  // It goes when the same has worked.
  document.addEventListener("htmx:afterOnLoad", (event) => {
    const { xhr, requestConfig } = event.detail;
    asked = "";
    if (xhr.status >= 300 || signedOut(xhr)) return;
    document.querySelectorAll(".toast[data-cause]").forEach((toast) => {
      if ([requestConfig.path, EVERYTHING, CONNECTION].includes(toast.dataset.cause) && !toast.matches(":focus-within")) toast.remove();
    });
  });
  window.addEventListener("online", () => document.querySelectorAll(`.toast[data-cause="${CONNECTION}"]`).forEach((toast) => toast.remove()));

  // --- the token of forms: a log-in in another tab changes it, and this page goes on with the new one ---------------------
  const token = () => document.cookie.match(/(?:^|;\s*)csrftoken=([^;]+)/)?.[1] ?? "";
  document.addEventListener("htmx:configRequest", (event) => {
    if (!token()) return;
    event.detail.headers["X-CSRFToken"] = token();
    if (event.detail.parameters.csrfmiddlewaretoken !== undefined) event.detail.parameters.csrfmiddlewaretoken = token();
  });

  // --- confirmation: data-confirm on a form or button, hx-confirm on htmx elements --------------------------------------------
  // A question may be a function: figures in it move while the dialog is open, and it closes when nothing is left to ask.
  // It gives the words, and with them maybe an element of the page whose words belong to it and stand below as they do there.
  let asking = null;
  const worded = ([question, about]) => {
    const words = document.createElement("p");
    words.className = "strong";
    words.textContent = question;
    if (!about) return [words];
    const copy = about.cloneNode(true);
    copy.removeAttribute("id");
    return [words, copy];
  };
  const ask = (question, agreed) => {
    const dialog = $("#confirm");
    asking = () => [typeof question === "function" ? question() : question].flat();
    if (!dialog?.showModal) { if (window.confirm(asking().map((each) => each?.textContent ?? each).join(" "))) agreed(); return; }
    $("[data-question]", dialog).replaceChildren(...worded(asking()));
    dialog.returnValue = "";
    dialog.onclose = () => { if (dialog.returnValue === "yes") agreed(); };
    dialog.showModal();
  };
  const askAnew = () => {
    const dialog = $("#confirm");
    if (!dialog?.open) return;
    if (!asking()[0]) { dialog.close(""); return; }
    const [shown, now] = [$("[data-question]", dialog), worded(asking())];
    if (shown.textContent !== now.map((each) => each.textContent).join("")) shown.replaceChildren(...now);
  };
  for (const name of ["htmx:afterSwap", "htmx:oobAfterSwap"]) document.addEventListener(name, askAnew);
  // A form that an answer replaced meanwhile is the one that sends to the same address; null when there is none any more.
  const standing = (form) => (form.isConnected ? form
    : [...document.forms].find((other) => other.getAttribute("action") === form.getAttribute("action")) ?? null);
  // data-confirm-about names an element whose words belong to the question: its figures.
  const questionOf = (form, question) => {
    const there = standing(form);
    return there ? [question, document.getElementById(there.dataset.confirmAbout ?? "")].filter(Boolean) : "";
  };
  document.addEventListener("htmx:confirm", (event) => {
    if (!event.detail.question) return;
    event.preventDefault();
    ask(event.detail.question, () => event.detail.issueRequest(true));
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog") return;
    if (form.elements.csrfmiddlewaretoken && token()) form.elements.csrfmiddlewaretoken.value = token();
    // What htmx asks is not asked a second time; data-confirm is for the page on which it did not load.
    const question = window.htmx && form.matches("[hx-confirm]") ? "" : (event.submitter?.dataset.confirm ?? form.dataset.confirm);
    if (question && form.dataset.agreed !== "yes") {
      event.preventDefault();
      event.stopPropagation();
      ask(() => questionOf(form, question), () => {
        const there = standing(form);
        if (!there) return;
        there.dataset.agreed = "yes";
        there.requestSubmit(there === form ? event.submitter : null);
        delete there.dataset.agreed;
      });
      return;
    }
    // An answer that goes into a frame leaves the form where it is, to be sent again.
    if (event.submitter?.formTarget) return;
    // A second click while the first is on its way sends nothing.
    if (form.method !== "post" || form.matches("[hx-post], [data-hx-post]")) return;
    if (form.dataset.sent === "yes") { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    event.submitter?.setAttribute("aria-busy", "true");
  }, true);
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
    });
  });

  // --- keys: ? lists them, g and a letter goes somewhere, / searches, j and k move in lists -----------------------------------
  // They are heard before any other script hears them, and can be switched off (WCAG 2.1.4).
  const keysOn = () => { try { return localStorage.getItem("relmail:keys") !== "off"; } catch { return true; } };
  const keys = $("#keys");
  const showKeys = () => { if (keys?.showModal && !keys.open) keys.showModal(); };
  // Where letters are text, or choose in a list. A box, a circle and a button have the focus and leave the letters to the keys.
  const WRITTEN = "input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=reset], [type=image], [type=file], [type=color], [type=range]), textarea, select, [contenteditable]";
  const writes = (element) => Boolean(element.closest?.(`${WRITTEN}, dialog`));
  const showSwitch = () => {
    const button = $("[data-toggle-keys]");
    if (!button) return;
    button.setAttribute("aria-pressed", String(keysOn()));
    button.textContent = keysOn() ? "Single keys are on" : "Single keys are off";
  };
  document.querySelectorAll("[data-show-keys]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => { button.closest("details").open = false; showKeys(); });
  });
  $("[data-toggle-keys]")?.addEventListener("click", () => {
    try { localStorage.setItem("relmail:keys", keysOn() ? "off" : "on"); } catch { /* private mode: they stay on */ }
    showSwitch();
  });
  showSwitch();
  const rows = () => [...document.querySelectorAll("main .listing > li, main .table tbody > tr, main .agenda li li, main .timeline > li")]
    .map((row) => ({ row, link: row.querySelector("a[href], button, input, select") }))
    .filter(({ link }) => link?.checkVisibility());
  const step = (by) => {
    const all = rows();
    const at = all.findIndex(({ row }) => row.contains(document.activeElement));
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
    next?.link.focus();
    next?.row.scrollIntoView({ block: "nearest" });
  };
  let going = 0;
  window.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
    if (writes(event.target)) return;
    const done = () => { event.preventDefault(); event.stopImmediatePropagation(); };
    if (!keysOn()) { event.stopImmediatePropagation(); return; }
    if (Date.now() - going < 1500) {
      going = 0;
      const link = document.querySelector(`[data-go="${CSS.escape(event.key)}"]`);
      done();
      if (link) window.location.assign(link.href);
    } else if (event.key === "g") { going = Date.now(); done(); }
    else if (event.key === "?") { done(); showKeys(); }
    else if (event.key === "/" && $("#search-text")) {
      done();
      if (!$("#search-text").checkVisibility()) showMenu(true);
      $("#search-text").focus();
      $("#search-text").select();
    } else if ((event.key === "j" || event.key === "k") && !document.querySelector("a[data-next], a[data-previous]") && rows().length) {
      done();
      step(event.key === "j" ? 1 : -1);
    }
  }, true);

  // --- htmx: what went wrong is said, a lost session asks for a log-in, what changed is announced --------------------------------
  const SAID = {
    403: "That was refused: your role does not allow it, or you were signed out. Nothing was changed. Signed out? Sign in again in another tab, then go on here.",
    404: "That is not there any more. Load the page again to see how things stand.",
    409: "Somebody else changed this in the meantime. Load the page again; nothing was overwritten.",
    413: "That is too long to be taken. Nothing was changed.",
    429: "Too many requests at once. Wait a moment and try again.",
  };
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (signedOut(event.detail.xhr)) {
      event.detail.shouldSwap = false;
      tell("You were signed out. Sign in again in another tab, then go on here.", "danger", EVERYTHING);
    } else if (event.detail.xhr.status === 422) {
      // A form that was refused comes back with its errors; it replaces the form like an answer that worked.
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  document.addEventListener("htmx:responseError", (event) => {
    const { status } = event.detail.xhr;
    tell(SAID[status] ?? `That did not work (${status}). Nothing was lost; try again in a moment.`, "danger");
  });
  document.addEventListener("htmx:sendError", () => tell("No connection. What you typed is still here; try again in a moment.", "danger", CONNECTION));
  document.addEventListener("htmx:timeout", () => tell("The answer took too long. Load the page to see how things stand.", "danger", ""));
  document.addEventListener("htmx:afterSwap", (event) => {
    const announced = event.detail.elt?.closest?.("[data-announce]") ?? event.detail.elt?.querySelector?.("[data-announce]");
    const live = $("#live");
    if (announced && live && live.textContent !== announced.dataset.announce) live.textContent = announced.dataset.announce;
  });

  // --- what stands typed or ticked beside the form that was sent is still there when the answer replaces it ----------------
  // A tick says yes to what stood beside it (data-about): it is put back only where that still says the same.
  const first = (field) => {
    if (field.type === "checkbox" || field.type === "radio") return field.defaultChecked;
    return field.options ? (([...field.options].find((option) => option.defaultSelected) ?? field.options[0])?.value ?? "") : field.defaultValue;
  };
  const current = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked : field.value);
  const FIELDS = "input[id]:not([type=hidden], [type=file], [type=password], [type=submit]), textarea[id], select[id]";
  const typed = (target, request) => {
    if (!target?.querySelectorAll) return [];
    const source = request?.requestConfig?.elt;
    const sent = request?.xhr.status < 300 && request.requestConfig.verb !== "get" ? (source?.form ?? source?.closest?.("form")) : null;
    return [...target.querySelectorAll(FIELDS)]
      .filter((field) => (current(field) !== first(field) || field === document.activeElement) && !(sent && field.form === sent))
      .map((field) => ({
        focused: field === document.activeElement,
        id: field.id, value: current(field), before: first(field), about: field.dataset.about,
        basedOn: field.form?.dataset.basedOn, open: Boolean(field.closest("details")?.open),
      }));
  };
  const putBack = (fields) => {
    for (const { id, value, before, about, basedOn, open, focused } of fields) {
      const field = document.getElementById(id);
      if (!field || current(field) !== first(field) || (first(field) !== before && first(field) !== "")) continue;
      if (field.dataset.about !== about || field.form?.dataset.basedOn !== basedOn) continue;
      if (typeof value === "boolean") field.checked = value; else field.value = value;
      if (open && field.closest("details")) field.closest("details").open = true;
      if (focused && document.activeElement === document.body) field.focus({ preventScroll: true });
    }
  };
  // What comes out of band is put in between the two events of the answer that brings it.
  let [inBand, outOfBand] = [[], []];
  document.addEventListener("htmx:beforeSwap", (event) => { inBand = event.detail.shouldSwap ? typed(event.detail.target, event.detail) : []; });
  document.addEventListener("htmx:afterSwap", () => { putBack(inBand); inBand = []; });
  document.addEventListener("htmx:oobBeforeSwap", (event) => { outOfBand = typed(event.detail.target); });
  document.addEventListener("htmx:oobAfterSwap", () => { putBack(outOfBand); outOfBand = []; });

  // --- forms that send themselves when a choice is made ----------------------------------------------------------------------------
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-submit-on-change]");
    if (form) form.requestSubmit();
  });

  window.relmail = { tell, token, ask, writes };
})();
