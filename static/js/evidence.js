// Evidence on the launch page: an event or a proof opens its line in a drawer, a finding's phase is zoomed to.

const chart = document.getElementById("launch-chart");
const drawer = document.getElementById("drawer");

/** Shows lines of a file in the drawer. */
function open(address) {
  const body = document.getElementById("drawer-body");
  htmx.ajax("GET", address, { target: body, swap: "innerHTML" }).then(() => {
    if (!drawer.open) drawer.showModal();
    body.querySelector(".ls-asked")?.scrollIntoView({ block: "center" });
  });
}

document.addEventListener("event-select", ({ detail }) => open(`/artifacts/${detail.artifact}/lines/?line=${detail.line}`));

document.addEventListener("click", (event) => {
  // With a key held the browser opens the page of lines, as any link.
  const link = event.target.closest("a[data-open-line]");
  if (link && drawer && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    open(link.getAttribute("href"));
  }
  // The dialog itself is what lies around its content.
  if (event.target === drawer || event.target.closest("[data-close-drawer]")) drawer.close();
  const place = event.target.closest("a[data-zoom-path]");
  if (place && chart?.window) {
    event.preventDefault();
    zoom(place.dataset);
  }
});

/** Zooms to a phase, and chooses its row once it is drawn. */
function zoom({ zoomFrom, zoomTo, zoomPath }) {
  chart.addEventListener("figure-drawn", () => chart.select(zoomPath), { once: true });
  chart.zoomTo(zoomFrom, zoomTo);
  const smooth = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  document.getElementById("waterfall").scrollIntoView({ behavior: smooth ? "smooth" : "instant" });
}

document.querySelector("[data-clock-switch]")?.addEventListener("change", ({ target }) => {
  const evidence = document.getElementById("evidence-chart");
  evidence.setAttribute("src", evidence.getAttribute("src").split("?")[0] + (target.checked ? "?clock=corrected" : ""));
});
