// The switches and the search box above a waterfall steer its <plotly-chart>.
const chart = document.querySelector("plotly-chart");
const announce = document.getElementById("announce");

if (chart) {
  document.querySelectorAll("[data-chart-switch]").forEach((box) => {
    box.addEventListener("change", hideWhatIsOff);
  });
  // Browsers keep a switch's state over a reload.
  hideWhatIsOff();

  const form = document.querySelector("[data-find-in-chart]");
  const find = () => chart.setAttribute("find", form.elements.find.value);
  form?.addEventListener("input", find);
  // Enter would otherwise open the table, which is what the box does without this script.
  form?.addEventListener("submit", (event) => { event.preventDefault(); find(); });
  chart.addEventListener("find-results", ({ detail }) => {
    announce.textContent = form.dataset.found.replace("%n", detail.count);
  });
}

function hideWhatIsOff() {
  const off = [...document.querySelectorAll("[data-chart-switch]:not(:checked)")];
  chart.setAttribute("hide", off.map((box) => box.dataset.chartSwitch).join(" "));
}
