/* Small comforts. Every page works without them. */
"use strict";
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
  for (const button of form.querySelectorAll("button")) button.classList.add("busy");
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button.busy")) button.classList.remove("busy");
  }
});
document.addEventListener("change", (event) => {
  const form = event.target.form;
  const told = form && form.querySelector(`output[data-count="${CSS.escape(event.target.name)}"]`);
  if (!told) return;
  const chosen = [...form.querySelectorAll(`input[name="${CSS.escape(event.target.name)}"]:checked`)];
  const names = chosen.map((one) => one.labels[0].textContent.trim());
  told.textContent = names.length ? `${names.length} chosen: ${names.join("; ")}.` : "Choose the things above.";
});
