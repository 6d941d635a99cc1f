const root = document.documentElement;
const chosen = () => decodeURIComponent(location.hash.slice(1));

const choose = (conversation) => {
  root.classList.toggle("desk-chosen", conversation !== "");
  document.dispatchEvent(new CustomEvent("desk:chosen", { detail: conversation }));
  trigger("choose", { conversation });
};

element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-choose]");
  if (!button) return;
  history.pushState(null, "", `#${encodeURIComponent(button.dataset.choose)}`);
  choose(button.dataset.choose);
});

// Back on a phone leads from the conversation to the queue.
window.addEventListener("popstate", () => choose(chosen()));
document.addEventListener("desk:back", () => {
  history.pushState(null, "", location.pathname);
  choose("");
});

// A reload comes back to the same conversation; the first drawing must have come.
let reloaded = false;
watch("value", () => {
  if (reloaded || !element.querySelector(".queue")) return;
  reloaded = true;
  if (chosen()) choose(chosen());
});

// How many wait, in the tab's title.
const title = document.title;
watch("value", () => {
  const waiting = element.querySelectorAll("[data-state='waiting']").length;
  document.title = waiting ? `(${waiting}) ${title}` : title;
});
