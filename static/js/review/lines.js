// A sentence is moved or taken out where it stands: one sentence is one line of the field of its part.
(() => {
  "use strict";
  const { changed, partOf } = window.relmail.review;

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
      changed(editor);
      partOf(to).querySelector("details.block-editor").open = true;
      select(other, other.value.split("\n").length - 1);
      return;
    }
    area.value = lines.join("\n");
    changed(editor);
    select(area, Math.max(0, target));
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-line]");
    const area = button && document.getElementById(button.dataset.of);
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
})();
