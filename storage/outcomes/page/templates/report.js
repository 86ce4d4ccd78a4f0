"use strict";
// What is folded is printed too, and folded again afterwards.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...document.querySelectorAll("details:not([open])")];
  for (const one of opened) one.open = true;
});
addEventListener("afterprint", () => {
  for (const one of opened) one.open = false;
});
// A link to something that is folded unfolds it.
const unfold = () => {
  const there = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const around = there && there.closest("details");
  if (around && !around.open) {
    around.open = true;
    there.scrollIntoView();
  }
};
addEventListener("hashchange", unfold);
unfold();
