// The switches and the search box above a waterfall steer its <plotly-chart>.
const chart = document.querySelector("plotly-chart");
const announce = document.getElementById("announce");

if (chart) {
  document.querySelectorAll("[data-chart-switch]").forEach((box) => {
    box.addEventListener("change", hideWhatIsOff);
  });
  // Browsers keep a switch's state over a reload.
  hideWhatIsOff();

  // A picture shows what is looked at: the page's URL holds the window and the folds.
  document.querySelectorAll("a[data-of-view]").forEach((link) => {
    link.addEventListener("click", () => { link.href = ofView(link.href); });
  });

  const form = document.querySelector("[data-find-in-chart]");
  let waiting = 0;
  const lookSoon = (wanted) => {
    clearTimeout(waiting);
    if (wanted) waiting = setTimeout(() => window.htmx.trigger(form, "look"), 250);
    else document.getElementById("found").replaceChildren();
  };
  const find = () => {
    chart.setAttribute("find", form.elements.find.value);
    if (!form.elements.find.value.trim()) lookSoon(false);
  };
  form?.addEventListener("input", find);
  // Enter would otherwise open the table, which is what the box does without this script.
  form?.addEventListener("submit", (event) => { event.preventDefault(); find(); });
  chart.addEventListener("find-results", ({ detail }) => {
    announce.textContent = form.dataset.found.replace("%n", detail.count);
    // Bars that are too short to be drawn, and those outside the window, are in none of its rows.
    lookSoon("many" in form.dataset || detail.count === 0);
  });
}

function hideWhatIsOff() {
  const off = [...document.querySelectorAll("[data-chart-switch]:not(:checked)")];
  chart.setAttribute("hide", off.map((box) => box.dataset.chartSwitch).join(" "));
}

function ofView(address) {
  const [url, view] = [new URL(address), new URLSearchParams(location.search)];
  for (const name of ["from", "to", "fold"]) {
    if (view.get(name)) url.searchParams.set(name, view.get(name));
    else url.searchParams.delete(name);
  }
  return url.href;
}
