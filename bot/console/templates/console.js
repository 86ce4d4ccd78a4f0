// One key for what a page offers: a control with data-key is pressed by that key, where nobody is typing and as long as
// the box of the keys is ticked. The browser keeps whether it is.
const keys = document.querySelector("#keys");
if (keys) {
  keys.checked = localStorage.getItem("keys") !== "off";
  keys.addEventListener("change", () => localStorage.setItem("keys", keys.checked ? "on" : "off"));
  keys.closest("[hidden]").hidden = false;
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if (typing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (keys && !keys.checked) return;
  const control = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (control) {
    event.preventDefault();
    control.click();
  }
});
