const root = document.documentElement;

const show = (open) => {
  root.classList.toggle("cart-open", open);
  const toggle = element.querySelector(".cart-toggle");
  if (toggle) toggle.setAttribute("aria-expanded", String(open));
};

const open = () => root.classList.contains("cart-open");

// Cards say how many of their product are in the cart.
const mark = () => {
  const held = new Map();
  for (const line of element.querySelectorAll("[data-line]")) {
    held.set(line.dataset.line, line.dataset.quantity);
  }
  for (const button of document.querySelectorAll("[data-add]")) {
    const quantity = held.get(button.dataset.add);
    if (quantity) button.dataset.held = quantity;
    else delete button.dataset.held;
  }
};

let fading = 0;
const announce = () => {
  const said = element.querySelector(".announcement");
  if (!said || !said.textContent) return;
  said.classList.add("shown");
  clearTimeout(fading);
  fading = setTimeout(() => said.classList.remove("shown"), 2500);
};

watch("value", () => {
  show(open());
  mark();
  announce();
});
document.addEventListener("shop:drawn", mark);

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.matches(".cart-toggle")) {
    show(!open());
    if (open()) element.querySelector(".cart-close").focus();
  }
  if (button.matches(".cart-close")) {
    show(false);
    element.querySelector(".cart-toggle").focus();
  }
  const line = button.closest("[data-line]");
  if (!line) return;
  const quantity = "remove" in button.dataset ? "0" : button.dataset.set;
  trigger("set_quantity", { product: line.dataset.line, quantity });
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !open()) return;
  show(false);
  element.querySelector(".cart-toggle").focus();
});

// A tap beside the open sheet closes it.
document.addEventListener("click", (event) => {
  if (open() && !element.contains(event.target)) show(false);
});
