const $ = (id, root = document) => root.getElementById(id);
const mark = (name, root) => $("say", root)[name].value;
const tell = key => $("status").textContent = $("main").dataset[key];
let newest = mark("newest"), busy;
const show = (fresh, sent) => {
	const at = document.activeElement.id, about = !sent && mark("about");
	const words = busy?.id !== "say" && $("words").value;
	if (fresh.documentElement.lang !== document.documentElement.lang) return location.reload();
	if (!sent && ($("wait", fresh) || newest === mark("newest", fresh) && !$("wait"))) return;
	newest = mark("newest", fresh);
	$("end")?.remove();
	$("history").append(...[...$("history", fresh).children].filter(one => !$(one.id)));
	for (const id of ["more", "languages", about && about === mark("about", fresh) || "now"]) $(id)?.replaceWith($(id, fresh));
	if (words) $("words").value = words;
	const next = !sent && $(at) || document.querySelector("[autofocus]") || $("question");
	if (sent || at) next.focus({ preventScroll: 1 });
	if (sent) (next.id === "question" && $("end") || $("now")).scrollIntoView();
};
const load = async sent => {
	const got = await fetch("", sent), text = await got.text();
	const fresh = new DOMParser().parseFromString(text, "text/html");
	if ($("now", fresh)) return show(fresh, sent);
	if (got.status > (sent ? 412 : 409)) throw got;
	document.write(text);
	document.close();
};
const look = () => document.hidden || busy || load().catch(() => {});
addEventListener("submit", async event => {
	if (location.search) return;
	event.preventDefault();
	if (busy) return;
	busy = event.target;
	busy.ariaBusy = true;
	tell("sending");
	const body = new URLSearchParams(new FormData(busy, event.submitter));
	body.set("newest", newest);
	body.set("zone", Intl.DateTimeFormat().resolvedOptions().timeZone);
	await load({ method: "POST", body }).catch(() => tell("failed"));
	busy = busy.ariaBusy = null;
});
addEventListener("visibilitychange", look);
for (;;) {
	await new Promise(done => setTimeout(done, 2e3));
	if ($("wait")) await look();
}
