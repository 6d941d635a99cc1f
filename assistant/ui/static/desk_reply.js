const form = element.querySelector("form");
const reply = element.querySelector("textarea");
let conversation = decodeURIComponent(location.hash.slice(1));
let sent = null;
let draft = "";
let drafted = "";

const handoff = () => element.querySelector("[data-handoff]")?.dataset.handoff ?? "";

const fit = () => {
  reply.style.height = "auto";
  reply.style.height = `${Math.min(reply.scrollHeight, 240)}px`;
};

document.addEventListener("desk:chosen", (event) => {
  conversation = event.detail;
  reply.value = "";
  draft = "";
  fit();
});

const send = () => {
  if (!reply.value.trim()) return;
  sent = { conversation, handoff: handoff(), text: reply.value, draft, nonce: `${Date.now()}-${Math.random()}` };
  trigger("reply", sent);
};

form.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});

reply.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  send();
});

reply.addEventListener("input", fit);

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("step" in button.dataset) {
    trigger("step", { conversation, step: button.dataset.step, handoff: button.dataset.handoff });
  }
  if ("back" in button.dataset) document.dispatchEvent(new Event("desk:back"));
  if (button.matches(".draft")) {
    form.classList.add("drafting");
    trigger("draft", { conversation, handoff: handoff() });
  }
});

watch("value", () => {
  form.classList.remove("drafting");
  if (sent && props.value.accepted === sent.nonce) {
    if (reply.value === sent.text) reply.value = "";
    sent = null;
    draft = "";
    fit();
  }
  const made = props.value.draft;
  if (made && made.id !== drafted) {
    drafted = made.id;
    draft = made.id;
    reply.value = made.text;
    fit();
    reply.focus();
  }
});
