// The Plotly bundle: large, so it comes when the first chart needs it, and once a page.

let loading;

/** Plotly, loaded once a page from `url`; a failed load may be tried again. */
export function loadPlotly(url) {
  if (window.Plotly) return Promise.resolve(window.Plotly);
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => {
      loading = undefined;
      script.remove();
      reject(new Error("The chart library could not be loaded. Check the connection and try again."));
    };
    document.head.append(script);
  });
  return loading;
}
