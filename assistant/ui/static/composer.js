const form = element.querySelector("form");
const message = element.querySelector("textarea");
let sent = null;

const limit = () => Number(form.dataset.limit);
const busy = () => form.dataset.busy === "true";
const coarse = window.matchMedia("(pointer: coarse)");

const note = (text) => {
  element.querySelector(".count").textContent = text;
};

const fit = () => {
  message.style.height = "auto";
  message.style.height = `${Math.min(message.scrollHeight, 180)}px`;
};

const count = () => {
  const length = [...message.value].length;
  const over = length - limit();
  form.classList.toggle("over", over > 0);
  if (over > 0) note(`${over.toLocaleString("en")} characters too many: shorten the message to send it.`);
  else note(length > limit() * 0.9 ? `${length.toLocaleString("en")} of ${limit().toLocaleString("en")} characters` : "");
  return over <= 0;
};

const send = () => {
  if (!count() || !message.value.trim()) return;
  if (busy()) {
    note("The last message is still being answered: stop it, or wait.");
    return;
  }
  sent = { text: message.value, nonce: `${Date.now()}-${Math.random()}` };
  trigger("say", sent);
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});

message.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || coarse.matches) return;
  event.preventDefault();
  send();
});

message.addEventListener("input", () => {
  fit();
  count();
});

element.querySelector(".people").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("memory" in button.dataset) document.dispatchEvent(new Event("shop:memory"));
  if ("call" in button.dataset) trigger("call");
  if ("leave" in button.dataset) trigger("leave");
});

element.querySelector(".stop").addEventListener("click", () => {
  trigger("stop");
  message.focus();
});

// What was typed goes away only once the server has taken it.
watch("value", () => {
  if (sent && props.value.accepted === sent.nonce) {
    if (message.value === sent.text) message.value = "";
    sent = null;
    fit();
    if (!coarse.matches) message.focus();
  }
  count();
});
