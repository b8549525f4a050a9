// Who is writing: others are told so for as long as it takes, and this page is told when somebody takes the text over.
(() => {
  "use strict";
  const { desk, form } = window.relmail.review;

  let holder = "";
  const post = (address, body) => {
    if (window.relmail.token()) body.set("csrfmiddlewaretoken", window.relmail.token());
    return fetch(address, { method: "POST", body, headers: { "X-Requested-With": "fetch" }, redirect: "manual" }).then((answer) => {
      // Said once for each person who takes the text over.
      const now = answer.headers.get("X-Held-By") ?? "";
      if (now && now !== holder) window.relmail.tell(`${decodeURIComponent(now)} is editing this text now. What you save is compared with theirs; nothing is overwritten.`, "warning");
      holder = now;
      return answer;
    });
  };
  let told = "";
  const startWriting = () => {
    if (told === desk()?.dataset.email) return;
    told = desk().dataset.email;
    post(desk().dataset.lock, new FormData()).catch(() => { told = ""; });
  };
  // Also between two words.
  window.setInterval(() => {
    if (form()?.contains(document.activeElement)) post(desk().dataset.lock, new FormData()).catch(() => { /* no connection */ });
  }, 120000);
  document.addEventListener("relmail:saved", () => { told = ""; });

  Object.assign(window.relmail.review, { post, startWriting });
})();
