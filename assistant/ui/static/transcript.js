const log = element.querySelector(".log");
let turns = 0;
let follows = true;
// Orders that the shopper unfolded or folded; redrawing would undo it.
const folds = new Map();

// The end of the log, but never so far that the last question leaves the view.
const target = () => {
  const last = log.querySelector(".turn:last-child");
  const end = log.scrollHeight - log.clientHeight;
  return last ? Math.min(end, last.offsetTop - 28) : end;
};

log.addEventListener("scroll", () => {
  follows = Math.abs(log.scrollTop - target()) < 60;
});

watch("value", () => {
  const now = log.querySelectorAll(".turn").length;
  for (const order of log.querySelectorAll("[data-order]")) {
    if (folds.has(order.dataset.order)) order.open = folds.get(order.dataset.order);
  }
  if (now !== turns) follows = true;
  turns = now;
  if (follows) log.scrollTop = target();
  document.dispatchEvent(new Event("shop:drawn"));
});

element.addEventListener("click", (event) => {
  const order = event.target.closest("summary")?.parentElement;
  if (order) folds.set(order.dataset.order, !order.open);
  const button = event.target.closest("button");
  if (!button) return;
  const asked = button.dataset;
  if ("say" in asked) trigger("say", { text: asked.say });
  if ("add" in asked) trigger("add_to_cart", { product: asked.add });
  if ("like" in asked) trigger("like", { product: asked.like });
  if ("yes" in asked) trigger("decide", { proposal: asked.yes, answer: "yes" });
  if ("no" in asked) trigger("decide", { proposal: asked.no, answer: "no" });
  if ("retry" in asked) trigger("retry");
});

// Another tab may have gone on with the conversation.
document.addEventListener("visibilitychange", () => {
  const busy = document.querySelector(".composer[data-busy='true']");
  if (document.visibilityState === "visible" && !busy) trigger("refresh");
});
