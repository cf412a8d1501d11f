// Triage by keyboard: j/k move, x selects, a acknowledges, r resolves, d dismisses with a reason, ? tells so.
const form = document.getElementById("bulk");
const rows = [...document.querySelectorAll("[data-row]")];
const picks = () => [...document.querySelectorAll("[data-pick]")];
const picked = () => picks().filter((box) => box.checked);
const typing = (element) => element.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
const all = document.querySelector("[data-pick-all]");

function tell() {
  const n = picked().length;
  for (const place of document.querySelectorAll("[data-picked]")) {
    place.textContent = n ? place.dataset.words.replace("%n", n) : "";
  }
  form.classList.toggle("ls-picked", n > 0);
  all.checked = n > 0 && n === rows.length;
  all.indeterminate = n > 0 && n < rows.length;
}

const current = () => rows.findIndex((row) => row.contains(document.activeElement));

function move(step) {
  const at = current();
  const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step));
  rows[next].focus();
}

// Without a selection the row in focus is meant.
function pickCurrent() {
  if (!picked().length && current() >= 0) rows[current()].querySelector("[data-pick]").checked = true;
  tell();
  return picked().length > 0;
}

function decide(state) {
  if (pickCurrent()) form.requestSubmit(form.querySelector(`button[value="${state}"]`));
}

function open(name) {
  const dialog = document.getElementById(name);
  // A reason belongs to something.
  if (name === "dismiss" && !pickCurrent()) return;
  dialog.showModal();
  dialog.querySelector("[data-reason]")?.focus();
}

const keys = {
  j: () => move(1),
  k: () => move(-1),
  x: () => { rows[current()]?.querySelector("[data-pick]").click(); },
  a: () => decide("acknowledged"),
  r: () => decide("resolved"),
  d: () => open("dismiss"),
  "?": () => open("keys"),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && event.target.matches("[data-row]")) event.target.querySelector("[data-detail]").click();
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("change", ({ target }) => {
  if (target === all) for (const box of picks()) box.checked = all.checked;
  if (target === all || target.matches("[data-pick]")) tell();
});

document.addEventListener("click", ({ target }) => {
  const opener = target.closest("[data-open]");
  if (opener) open(opener.dataset.open);
  const own = target.closest("[data-dismiss-one]");
  if (own) {
    for (const box of picks()) box.checked = own.closest("[data-row]").contains(box);
    open("dismiss");
  }
  target.closest("[data-close]")?.closest("dialog").close();
});

// Enter in the reason means “dismiss”; the form's first button would acknowledge.
document.querySelector("[data-reason]").addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  document.querySelector("[data-dismiss]").click();
});

form.addEventListener("submit", (event) => {
  const reason = document.querySelector("[data-reason]");
  const lacks = event.submitter?.value === "dismissed" && !reason.value.trim();
  if (lacks || !picked().length) event.preventDefault();
  reason.setAttribute("aria-invalid", lacks);
  reason.classList.toggle("is-invalid", lacks);
  if (lacks) reason.focus();
});

tell();
