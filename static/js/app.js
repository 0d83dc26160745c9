// What HTML cannot do yet. Pages work without this file; docs/look.md says which attribute asks for what.
const all = (root, selector) => [...root.querySelectorAll(selector)];
const news = (root) => all(root, "[data-announce]").map((part) => part.textContent.trim()).join("\n");
const listen = (types, act) => types.split(" ").forEach((type) => document.addEventListener(type, act, true));
const free = () => all(document, "form[aria-busy]").forEach((form) => form.removeAttribute("aria-busy"));

let opener = null;
function openPanel(dialog) {
  dialog.toggleAttribute("data-next-step", opener !== null);
  opener ??= document.activeElement;
  dialog.removeAttribute("open");
  dialog.showModal();
}
function allowNext(form) {
  const missing = [...form.elements].some((field) => field.validity?.valueMissing);
  [...form.elements].forEach((field) => { if ("next" in field.dataset) field.disabled = missing; });
}
function prepare() {
  all(document, "dialog[data-modal]:not(:modal)").forEach(openPanel);
  all(document, "form[data-complete]").forEach(allowNext);
}
function say(words) {
  const toast = document.getElementById("toast");
  toast.querySelector("p").textContent = words || toast.dataset.offline;
  toast.showPopover();
}
// Who closes a panel ends up where its Close link points, mostly the page below it, at what opened it.
listen("click", (event) => {
  const dialog = event.target.closest("[data-close]")?.closest("dialog:modal");
  if (dialog) { event.preventDefault(); dialog.close(); }
});
listen("close", ({ target: dialog }) => {
  if (!("modal" in dialog.dataset)) return;
  const back = dialog.querySelector("a[data-close]") ?? location;
  if (back.pathname !== location.pathname) return location.assign(back.href);
  dialog.remove();
  opener = opener?.focus() ?? null;
});
// A form on its way is not sent twice; an answer, or coming back by the browser's Back, frees it again.
listen("submit", (event) => {
  if (event.target.ariaBusy === "true") { event.preventDefault(); event.stopPropagation(); }
  if (event.target.method === "post") event.target.ariaBusy = "true";
});
["pageshow", "htmx:afterRequest"].forEach((type) => addEventListener(type, free));
listen("input change", ({ target }) => target.form?.matches("[data-complete]") && allowNext(target.form));
// A text that was chosen takes the place of what is selected in its field, or of nothing where the cursor stands.
listen("click", ({ target }) => {
  const button = target.closest("[data-insert]");
  if (!button) return;
  const field = document.querySelector(button.dataset.insert);
  field.setRangeText(button.value, field.selectionStart, field.selectionEnd, "end");
  requestAnimationFrame(() => field.focus());
});
// Files dropped on a zone land in its file input; a file that misses the zone does not replace the page.
listen("dragover dragleave drop", (event) => {
  if (!event.dataTransfer?.types.includes("Files") || !document.querySelector("[data-drop]")) return;
  event.preventDefault();
  const zone = event.target.closest?.("[data-drop]");
  zone?.toggleAttribute("data-over", event.type === "dragover");
  if (!zone || event.type !== "drop") return;
  const input = Object.assign(zone.querySelector("input[type=file]"), { files: event.dataTransfer.files });
  input.dispatchEvent(new Event("change", { bubbles: true }));
});
listen("htmx:xhr:progress", ({ target, detail: { loaded, total } }) => {
  const bar = target.querySelector("progress");
  if (bar && total) Object.assign(bar, { hidden: false, max: total, value: loaded });
});
// After a swap: say what changed, put the focus where work goes on, and never take it from one who types.
listen("htmx:load", prepare);
listen("htmx:afterSwap", ({ detail: { target, requestConfig } }) => {
  const dialog = requestConfig.elt.closest("dialog:modal");
  if (dialog && !dialog.contains(target) && !target.contains(dialog)) dialog.close();
});
listen("htmx:afterSettle", ({ detail: { elt } }) => {
  document.getElementById("live").textContent = news(elt);
  const lost = [null, document.body].includes(document.activeElement) ? "[tabindex='-1']" : "[data-focus]";
  ["[data-focus]", "[aria-invalid=true]", lost].flatMap((selector) => all(elt, selector))[0]?.focus();
});
// Trouble is told beside the work, which stays; a whole page for a part is a sign-in that takes over.
listen("htmx:beforeSwap", ({ detail }) => {
  const wholePage = /^\s*<!doctype/i.test(detail.serverResponse);
  if ((!wholePage && detail.xhr.status < 500) || detail.requestConfig.elt.closest("[data-hx-select]")) return;
  detail.shouldSwap = false;
  if (detail.xhr.status < 400) location.reload();
  else say(news(new DOMParser().parseFromString(detail.serverResponse, "text/html")));
});
listen("htmx:sendError htmx:timeout", () => say(""));
// A form whose place is on another page (a dialog that came as its own page) is sent the plain way.
listen("htmx:targetError", ({ target }) => target.matches("form") && target.submit());
prepare();
