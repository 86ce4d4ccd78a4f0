const $ = (id, root = document) => root.getElementById(id);
const waits = now => "waiting" in now.dataset;
let timer, busy;
const show = (fresh, posted) => {
  const now = $("now", fresh), held = document.activeElement.id, words = $("words").value;
  if (fresh.documentElement.lang !== document.documentElement.lang) return location.reload();
  if (!posted && (waits(now) || now.dataset.newest === $("now").dataset.newest && !waits($("now")))) return wait();
  $("end")?.remove();
  for (const one of fresh.querySelectorAll("#history > li")) if (!$(one.id)) $("history").append(one);
  for (const id of ["now", "more", "languages"]) $(id)?.replaceWith($(id, fresh));
  if (!posted && words) $("words").value = words;
  const next = document.querySelector("[autofocus]") || !posted && $(held) || $("question");
  if (posted || held) next.focus({ preventScroll: true });
  if (posted) (next.id === "question" && $("end") || $("now")).scrollIntoView();
  wait();
};
const load = async sent => {
  const got = await fetch(location.pathname, sent), text = await got.text();
  const fresh = new DOMParser().parseFromString(text, "text/html");
  if ($("now", fresh)) return show(fresh, sent);
  if (got.status > 412) throw got;
  document.open();
  document.write(text);
  document.close();
};
const look = () => document.hidden || busy || load().catch(wait);
const wait = () => {
  clearTimeout(timer);
  if (waits($("now"))) timer = setTimeout(look, 2e3);
};
addEventListener("submit", async event => {
  if (location.search) return;
  event.preventDefault();
  if (busy) return;
  busy = event.target;
  busy.ariaBusy = "true";
  $("status").textContent = $("main").dataset.sending;
  const body = new URLSearchParams(new FormData(busy, event.submitter));
  body.set("zone", Intl.DateTimeFormat().resolvedOptions().timeZone);
  try {
    await load({ method: "POST", body });
  } catch {
    busy.ariaBusy = null;
    $("status").textContent = $("main").dataset.failed;
  }
  busy = null;
});
addEventListener("visibilitychange", look);
wait();
