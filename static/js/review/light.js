// A sentence lights its issues and an issue its sentences, by pointer, by focus and by the line that is written.
(() => {
  "use strict";
  const { all } = window.relmail.review;

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
  const lightLine = (area) => {
    const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
    const end = area.value.indexOf("\n", area.selectionStart);
    const line = area.value.slice(start, end < 0 ? undefined : end);
    const found = line.match(/\[([^\]]*)\]\s*$/);
    light(found ? found[1].toUpperCase().split(/[,; ]+/).filter(Boolean) : []);
  };
  document.addEventListener("mouseover", (event) => { const keys = keysOf(event.target); if (keys) light(keys); });
  // Who writes, or came here by a link, sees the sources of their place again when the pointer has gone.
  const rest = () => {
    const at = document.activeElement;
    if (at?.matches("[data-lines]")) lightLine(at);
    else light(keysOf(at) ?? []);
  };
  document.addEventListener("mouseout", (event) => { if (keysOf(event.target)) rest(); });
  document.addEventListener("focusin", (event) => { const keys = keysOf(event.target); if (keys) light(keys); });
  document.addEventListener("focusout", (event) => { if (keysOf(event.target) || event.target.matches("[data-lines]")) dark(); });
  for (const kind of ["keyup", "click"]) {
    document.addEventListener(kind, (event) => { if (event.target.matches?.("[data-lines]")) lightLine(event.target); });
  }

  // Back from an issue to the sentence that tells of it: the keyboard goes on there, and it stays lit. Where its part is
  // open, the field stands in its place.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".told-in a");
    const sentence = link && document.getElementById(link.hash.slice(1));
    if (!sentence) return;
    const seen = sentence.checkVisibility();
    const place = seen ? sentence : sentence.closest("[data-block]");
    if (!seen) { event.preventDefault(); place.scrollIntoView({ block: "nearest" }); }
    place.tabIndex = -1;
    place.focus({ preventScroll: true });
    light([link.closest(".issue").dataset.key]);
  });

  Object.assign(window.relmail.review, { dark, lightLine });
})();
