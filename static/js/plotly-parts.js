// The elements inside a <plotly-chart>: zoom buttons, drawing, selection, state, and what is read out.

import { word } from "./plotly-words.js";

const TOOLS = [["zoomIn", "+", 0.5], ["zoomOut", "−", 2], ["whole", "⤢", 0]];

/** Builds the parts; `zoom` is called with a factor, 0 meaning the whole launch. */
export function build(zoom) {
  const part = (name, ...children) => {
    const element = document.createElement("div");
    element.className = `plotly-chart-${name}`;
    element.append(...children);
    return element;
  };
  const [selection, plot, state, said] = ["selection", "plot", "state", "said"].map((name) => part(name));
  const tools = part("tools", ...TOOLS.map(([name, sign, factor]) => button(sign, word(name), () => zoom(factor))));
  said.setAttribute("aria-live", "polite");
  selection.hidden = true;
  tools.hidden = true;
  return { tools, body: part("body", selection, plot), plot, selection, state, said };
}

/** Says in words what a drawing shows; one with rows can be walked through by keyboard. */
export function describe(body, title, meta, hasRows) {
  const label = [title?.replace(/\.$/, ""), meta.summary].filter(Boolean).join(". ");
  const keys = meta.launch && hasRows ? ` ${word("keys")}` : "";
  body.setAttribute("role", hasRows ? "application" : "img");
  if (hasRows) body.setAttribute("aria-roledescription", word("chart"));
  if (hasRows) body.tabIndex = 0;
  body.setAttribute("aria-label", label + keys);
}

/** Shows `text` in place of a chart; `again`, if given, is what "Try again" does. */
export function say(state, kind, text, again) {
  const line = document.createElement("p");
  line.textContent = text;
  state.dataset.kind = kind;
  state.replaceChildren(line);
  if (again) {
    const retry = button(word("again"), "", again);
    retry.className = "btn btn-sm";
    state.append(retry);
  }
  state.hidden = false;
}

function button(text, name, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = text;
  if (name) {
    element.title = name;
    element.setAttribute("aria-label", name);
  }
  element.addEventListener("click", act);
  return element;
}
