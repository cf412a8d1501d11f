// Ticking A and B in a table of launches: a launch is on one side only, and the bar says what is picked.
const count = (form, side) => form.querySelectorAll(`input[name="${side}"]:checked`).length;

function tell(form) {
  const words = form.querySelector("[data-compare-words]");
  const [a, b] = [count(form, "baseline"), count(form, "candidate")];
  form.querySelector("[data-compare-bar]").classList.toggle("ls-picked", a + b > 0);
  if (a + b > 0) words.textContent = words.dataset.words.replace("%a", a).replace("%b", b);
}

document.addEventListener("change", ({ target }) => {
  const form = target.closest("[data-compare-form]");
  if (!form || target.type !== "checkbox") return;
  const other = target.name === "baseline" ? "candidate" : "baseline";
  if (target.checked) target.closest("tr").querySelector(`input[name="${other}"]`).checked = false;
  tell(form);
});

// Browsers keep ticks over a reload without telling anyone.
document.querySelectorAll("[data-compare-form]").forEach(tell);
