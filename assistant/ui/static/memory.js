const dialog = () => element.querySelector("dialog");
let asked = false;

document.addEventListener("shop:memory", () => {
  asked = true;
  trigger("see");
});

watch("value", () => {
  if (!asked || !dialog()) return;
  if (!dialog().open) dialog().showModal();
});

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("close" in button.dataset) {
    asked = false;
    dialog().close();
  }
  if ("forget" in button.dataset) trigger("forget", { what: button.dataset.forget });
});

// Escape closes it as well; a redrawing must not open it again.
element.addEventListener("keydown", (event) => {
  if (event.key === "Escape") asked = false;
});

element.addEventListener("submit", (event) => {
  event.preventDefault();
  const given = Object.fromEntries(new FormData(event.target).entries());
  trigger("correct", { ...given, what: event.target.dataset.correct });
});
