// Elements are made by hand, and names become text nodes. Nothing in the page
// is ever parsed as markup.

/**
 * Makes an element. Attributes whose value is null, undefined or false are left
 * out; "on..." are listeners; "style" is an object of properties.
 */
export function el(tag, attributes, ...content) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value == null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [k, v] of Object.entries(value)) node.style.setProperty(k, v);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...content.flat(3).filter((c) => c != null && c !== false));
  return node;
}

/** A name as it stands in the data, kept apart from the direction of the text around it. */
export function name(text, attributes) {
  const empty = text === "";
  return el("bdi", { ...attributes, class: `name${empty ? " empty" : ""}` }, empty ? "(empty)" : text);
}

/**
 * A row of buttons of which one is chosen. The arrow keys move the choice, and
 * the element's mark(value) shows another one as chosen.
 */
export function choice(label, options, chosen, onchoose) {
  const buttons = options.map(({ value, text }) =>
    el("button", { type: "button", role: "radio", "data-value": value, onclick: () => choose(value) }, text));
  const group = el("div", { class: "choice", role: "radiogroup", "aria-label": label, onkeydown: (event) => step(event, buttons) }, buttons);
  function mark(value) {
    for (const b of buttons) {
      const on = b.dataset.value === value;
      b.setAttribute("aria-checked", on);
      b.tabIndex = on ? 0 : -1;
    }
  }
  function choose(value) {
    mark(value);
    onchoose(value);
  }
  mark(chosen);
  group.mark = mark;
  return group;
}

/** Moves to the next or the last button of a row by the arrow keys, and presses it. */
export function step(event, buttons) {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const at = buttons.indexOf(document.activeElement);
  const next = buttons[(at + by + buttons.length) % buttons.length];
  next.focus();
  next.click();
}
