// <plotly-chart follows="id">: it shows whatever stretch of time the chart of that id shows, and leaves zooming to it.

/** The chart that `chart` follows; null when it follows none. */
export function leaderOf(chart) {
  return document.getElementById(chart.getAttribute("follows"));
}

/** Calls `show` with the leader's {from, to}, ns as text, now and whenever the leader has drawn. */
export function follow(chart, show) {
  const ended = new AbortController();
  const tell = () => {
    const leader = leaderOf(chart);
    if (leader?.window) show({ from: leader.window[0], to: leader.window[1] });
  };
  const drawn = ({ target }) => target === leaderOf(chart) && tell();
  document.addEventListener("figure-drawn", drawn, { signal: ended.signal });
  tell();
  return { disconnect: () => ended.abort() };
}
