// Loaded before the page is painted, so that a chosen theme does not flash. The admin reads and writes the same key.
(() => {
  const stored = (() => { try { return localStorage.getItem("theme"); } catch { return null; } })();
  document.documentElement.dataset.theme = ["light", "dark"].includes(stored) ? stored : "auto";
})();
