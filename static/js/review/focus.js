// The keyboard goes on where it was: an answer brings the whole desk anew, and what had the focus is no longer there.
(() => {
  "use strict";
  const { desk } = window.relmail.review;

  const idsAround = (element) => {
    const ids = [];
    for (let at = element; at && at.id !== "desk"; at = at.parentElement) if (at.id) ids.push(at.id);
    return ids;
  };
  const inSight = (element) => element && !element.disabled && element.checkVisibility({ visibilityProperty: true });
  let left = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt } = event.detail;
    if (event.detail.target?.id !== "desk" || !desk()?.contains(elt)) return;
    const active = elt.contains(document.activeElement) ? document.activeElement : elt;
    const form = elt.form ?? elt.closest("form");
    left = {
      path: event.detail.requestConfig.path,
      fields: [...(form?.querySelectorAll("textarea[id], input[id]:not([type=hidden], [type=checkbox])") ?? [])].map((field) => field.id),
      around: idsAround(active),
    };
  });
  // What was refused wants its words; what was done its button once more; what is gone leads to where it stood.
  const find = ({ path, fields, around }, refused) => {
    const words = fields.map((id) => document.getElementById(id));
    const buttons = [...desk().querySelectorAll("button")].filter((button) => (button.getAttribute("formaction") ?? button.form?.getAttribute("action")) === path);
    const found = [...(refused ? words : []), ...buttons].find(inSight);
    if (found) return found;
    const place = around.map((id) => document.getElementById(id)).find(inSight);
    if (!place || place.matches("a, button, input, textarea, select, summary")) return place;
    if (!place.matches("section, aside, .card")) return [...place.querySelectorAll("summary, button, a[href]")].find(inSight);
    place.tabIndex = -1;
    return place;
  };
  let refused = false;
  document.addEventListener("htmx:beforeSwap", (event) => { if (event.detail.target?.id === "desk") refused = event.detail.xhr.status === 422; });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "desk" || !left) return;
    const was = left;
    left = null;
    if (document.activeElement !== document.body) return;
    const place = find(was, refused);
    place?.focus({ preventScroll: true });
    place?.scrollIntoView({ block: "nearest" });
  });
})();
