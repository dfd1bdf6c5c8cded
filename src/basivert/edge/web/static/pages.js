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
