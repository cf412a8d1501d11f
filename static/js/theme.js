// A classic script in <head>: the theme must be known before the first paint, or a dark page flashes white.
(() => {
  const key = "launchscope-theme";
  const wanted = () => {
    try { return localStorage.getItem(key); } catch { return null; }
  };
  const system = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    document.documentElement.dataset.bsTheme = wanted() ?? (system.matches ? "dark" : "light");
  };
  apply();
  system.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    const next = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    try { localStorage.setItem(key, next); } catch { /* private mode: the choice lasts for this page */ }
    document.documentElement.dataset.bsTheme = next;
  });
})();
