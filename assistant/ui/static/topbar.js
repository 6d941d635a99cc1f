const sheet = () => element.querySelector("#sign-in");

element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("shopper" in button.dataset) trigger("sign_in", { shopper: button.dataset.shopper });
  if ("guest" in button.dataset) trigger("sign_in", { shopper: "" });
  if ("anew" in button.dataset) {
    trigger("anew");
    document.querySelector("#message").focus();
  }
});

element.addEventListener("submit", (event) => {
  event.preventDefault();
  const wanted = element.querySelector("#shopper-id").value.trim();
  if (wanted) trigger("sign_in", { shopper: wanted });
});

watch("value", () => {
  const complaint = element.querySelector(".complaint");
  if (sheet() && complaint && !complaint.textContent) sheet().hidePopover();
});
