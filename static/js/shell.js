// What every page can do: "/" jumps to the search box, copy buttons copy, filters submit on change.
const say = (text) => { document.getElementById("announce").textContent = text; };

const typing = (element) => element.closest("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  // A narrow screen hides the top box in the menu; the page's own filter is then the next best.
  const box = [...document.querySelectorAll("[data-search-box], [data-filter-box]")].find((b) => b.offsetParent);
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  await copy(source.textContent.trim(), source);
  const label = button.querySelector("[data-copy-label]");
  label.textContent = button.dataset.copied;
  say(button.dataset.copied);
});

// navigator.clipboard exists only on HTTPS and localhost; a plain-HTTP server in a private network is common.
async function copy(text, source) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const range = document.createRange();
  range.selectNodeContents(source);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  document.execCommand("copy");
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-submit-on-change]");
  if (form) form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !confirm(question)) event.preventDefault();
});
