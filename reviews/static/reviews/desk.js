// In a list the arrow keys move from row to row, while the focus is on a row's link. Every page works without this file.
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const row = step && event.target.closest?.("[data-rows] tbody tr");
  const next = row && (step > 0 ? row.nextElementSibling : row.previousElementSibling)?.querySelector("a");
  if (!next) return;
  event.preventDefault();
  next.focus();
});
