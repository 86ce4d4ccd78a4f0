"use strict";
// Posts forms without leaving the page. All works without it.
const $ = (id, root = document) => root.getElementById(id);
const waits = (now) => now.matches("[data-waiting]");
let timer, busy;
const show = (fresh, posted) => {
  const now = $("now", fresh), old = $("now"), held = document.activeElement.id, words = $("words").value;
  if (fresh.documentElement.lang !== document.documentElement.lang) return location.reload();
  if (!posted && (waits(now) || now.dataset.newest === old.dataset.newest && !waits(old))) return wait();
  let news;
  for (const one of fresh.querySelectorAll("#history > li")) if (!$(one.id)) {
    $("history").append(one);
    if (one.matches(".bot")) news ??= one;
  }
  for (const id of ["now", "more", "languages"]) if ($(id)) $(id).replaceWith($(id, fresh));
  if (!posted) $("words").value = words;
  const next = document.querySelector("[autofocus]") || !posted && $(held) || $("question");
  if (posted || held) next.focus({ preventScroll: true });
  if (posted) (next.id === "question" && news || $("now")).scrollIntoView();
  wait();
};
const load = async (sent) => {
  const text = await (await fetch(location.pathname, sent)).text();
  const fresh = new DOMParser().parseFromString(text, "text/html");
  if ($("now", fresh)) return show(fresh, sent);
  document.open();
  document.write(text);
  document.close();
};
const look = () => document.hidden || busy || load().catch(wait);
const wait = () => {
  clearTimeout(timer);
  if (waits($("now"))) timer = setTimeout(look, 2000);
};
addEventListener("submit", async (event) => {
  if (location.search) return;
  event.preventDefault();
  if (busy) return;
  busy = event.target;
  busy.ariaBusy = "true";
  $("status").textContent = $("main").dataset.sending;
  try {
    await load({ method: "POST", body: new URLSearchParams(new FormData(busy, event.submitter)) });
  } catch {
    busy.ariaBusy = null;
    $("status").textContent = $("main").dataset.failed;
  }
  busy = null;
});
addEventListener("visibilitychange", look);
wait();
