let conversation = decodeURIComponent(location.hash.slice(1));
// What the agent unfolded; redrawing would undo it.
const folds = new Map();

document.addEventListener("desk:chosen", (event) => {
  conversation = event.detail;
  folds.clear();
});

watch("value", () => {
  for (const part of element.querySelectorAll("[data-fold]")) {
    part.open = folds.get(part.dataset.fold) ?? false;
  }
});

element.addEventListener("click", (event) => {
  const fold = event.target.closest("summary")?.parentElement;
  if (fold?.dataset.fold) folds.set(fold.dataset.fold, !fold.open);
  const button = event.target.closest("[data-decide]");
  if (!button) return;
  trigger("decide", {
    conversation,
    handoff: button.dataset.handoff,
    proposal: button.dataset.proposal,
    answer: button.dataset.decide,
  });
});

element.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  trigger("propose", {
    conversation,
    handoff: form.dataset.handoff,
    action: form.dataset.action,
    order: form.dataset.order,
    fields: [...new FormData(form).entries()].map(([name, value]) => [name, String(value)]),
  });
});
