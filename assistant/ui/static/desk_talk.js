const log = element.querySelector(".log");
let follows = true;

log.addEventListener("scroll", () => {
  follows = log.scrollHeight - log.clientHeight - log.scrollTop < 80;
});

document.addEventListener("desk:chosen", () => {
  follows = true;
});

watch("value", () => {
  if (follows) log.scrollTop = log.scrollHeight;
});
