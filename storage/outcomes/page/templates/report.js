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
// A link to something that is folded, or to a table that is folded in its place, unfolds it.
const unfold = () => {
  const there = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const around = there && (there.closest("details") || there.querySelector(":scope > details.long"));
  if (around && !around.open) {
    around.open = true;
    there.scrollIntoView();
  }
};
addEventListener("hashchange", unfold);
unfold();
// The draft of the abstract is counted as somebody writes: what stands between blanks is a word.
for (const part of document.querySelectorAll("[data-count]")) {
  part.addEventListener("input", () => {
    const words = part.textContent.split(/\s+/u).filter(Boolean).length;
    const limit = Number(part.dataset.limit || 0);
    const count = document.getElementById(part.dataset.count);
    const isTooLong = limit > 0 && words > limit;
    count.textContent = `${words}${limit ? ` of ${limit}` : ""} words${isTooLong ? ", too long" : ""}`;
    count.classList.toggle("few", isTooLong);
  });
}
