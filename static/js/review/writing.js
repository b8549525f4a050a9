// Who is writing: others are told so for as long as it takes, and this page is told when somebody takes the text over.
(() => {
  "use strict";
  const { desk, form, unsaved } = window.relmail.review;

  let holder = "";
  let newer = "";
  // Said once for each person who takes the text over, whichever question it is the answer to.
  const hear = (header) => {
    const now = header("X-Held-By") ?? "";
    if (now && now !== holder) window.relmail.tell(`${decodeURIComponent(now)} is editing this text now. What you save is compared with theirs; nothing is overwritten.`, "warning");
    holder = now;
    const saved = header("X-Newer") ?? "";
    if (saved && saved !== newer) window.relmail.tell(`${decodeURIComponent(saved)} while you write. What you save is compared with it; nothing is overwritten.`, "warning");
    if (saved) newer = saved;
  };
  const post = (address, body) => {
    if (window.relmail.token()) body.set("csrfmiddlewaretoken", window.relmail.token());
    return fetch(address, { method: "POST", body, headers: { "X-Requested-With": "fetch" }, redirect: "manual" }).then((answer) => {
      hear((name) => answer.headers.get(name));
      return answer;
    });
  };
  document.addEventListener("htmx:afterOnLoad", (event) => {
    const { xhr, requestConfig } = event.detail;
    if (requestConfig.path === desk()?.dataset.lock && xhr.status === 204) hear((name) => xhr.getResponseHeader(name));
  });
  let told = "";
  const startWriting = () => {
    if (told === desk()?.dataset.email) return;
    told = desk().dataset.email;
    post(desk().dataset.lock, new FormData()).catch(() => { told = ""; });
  };
  // Also between two words, and, without holding anything, of who typed and looks elsewhere on the page.
  window.setInterval(() => {
    const editor = form();
    if (!editor || document.hidden) return;
    const writes = editor.contains(document.activeElement);
    if (!writes && !unsaved(editor)) return;
    const body = new FormData();
    body.set("based_on", editor.elements.based_on.value);
    if (!writes) body.set("look", "1");
    post(desk().dataset.lock, body).catch(() => { /* no connection */ });
  }, 15000);
  document.addEventListener("relmail:saved", () => { told = ""; });

  Object.assign(window.relmail.review, { post, startWriting });
})();
