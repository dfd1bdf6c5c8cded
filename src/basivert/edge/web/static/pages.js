// Small helps that need a script; every page works without them.
"use strict";
document.addEventListener("htmx:afterSwap", (event) => {
  const told = event.detail.target.querySelector("[data-focus]");
  if (told) told.focus();
});
document.addEventListener("submit", (event) => {
  const asked = event.target.dataset.confirm;
  if (asked && !window.confirm(asked)) event.preventDefault();
});
document.querySelectorAll("[data-now]").forEach((input) => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet now";
  button.textContent = "Now";
  button.setAttribute("aria-label", "Now: " + input.labels[0].textContent);
  button.addEventListener("click", () => {
    const here = new Date().toLocaleString("sv-SE", { timeZone: input.dataset.now });
    input.value = here.replace(" ", "T").slice(0, 16);
  });
  const row = document.createElement("span");
  row.className = "beside";
  input.replaceWith(row);
  row.append(input, button);
});
// What went wrong is seen and read out first, however long the page is.
const field = document.querySelector("main [aria-invalid=true]");
const slip = document.querySelector("main [role=alert]");
if (field) field.focus();
else if (slip) {
  slip.tabIndex = -1;
  slip.focus();
}
if (navigator.clipboard) {
  document.querySelectorAll("[data-copy]").forEach((text) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = "Copy";
    button.addEventListener("click", () =>
      navigator.clipboard.writeText(text.textContent).then(() => { button.textContent = "Copied"; }));
    text.parentElement.append(" ", button);
  });
}
