import { count } from "./format.js";
import { el } from "./dom.js";

const step = 50;
const filterFrom = 12;

/**
 * A table that sorts by its columns. A column has a head, value(row) to sort by
 * and show(row), and text: true where it holds words. left only aligns it like words. last is a row that stays
 * at the end: what was left out.
 */
export function sortable({ label, columns, rows, sort, last }) {
  let by = columns.find((c) => c.id === sort) ?? columns[0];
  let down = !by.text;
  let wanted = "";
  let room = step;

  const heads = columns.map((c) => {
    const button = el("button", { type: "button", onclick: () => order(c), title: c.title }, c.head, el("span", { class: "arrow", "aria-hidden": true }));
    return el("th", { scope: "col", class: c.text || c.left ? "text" : null }, button);
  });
  const body = el("tbody");
  const more = el("div", { class: "morerows" });
  const filter = rows.length >= filterFrom
    ? el("input", { type: "search", name: "filter", autocomplete: "off", placeholder: "Filter", "aria-label": `Filter: ${label}`, oninput: (e) => { wanted = e.target.value.toLowerCase(); room = step; draw(); } })
    : null;
  const words = columns.filter((c) => c.text);

  function order(column) {
    down = column === by ? !down : !column.text;
    by = column;
    draw();
  }

  function compare(a, b) {
    const x = by.value(a);
    const y = by.value(b);
    return (by.text ? String(x).localeCompare(String(y), "en", { numeric: true }) : x - y) * (down ? -1 : 1);
  }

  function draw() {
    const found = wanted === "" ? rows : rows.filter((r) => words.some((c) => String(c.value(r)).toLowerCase().includes(wanted)));
    const sorted = found.slice().sort(compare);
    body.replaceChildren(...sorted.slice(0, room).map((r) => line(columns, r)));
    if (last && wanted === "") body.append(line(columns, last, "rest"));
    columns.forEach((c, i) => {
      if (c === by) heads[i].setAttribute("aria-sort", down ? "descending" : "ascending");
      else heads[i].removeAttribute("aria-sort");
    });
    const left = sorted.length - room;
    more.replaceChildren(...(left > 0 ? [
      el("span", null, `${count(room)} of ${count(sorted.length)} rows`),
      el("button", { type: "button", onclick: () => { room += 4 * step; draw(); } }, `Show ${count(Math.min(left, 4 * step))} more`),
      left > 4 * step ? el("button", { type: "button", onclick: () => { room = Infinity; draw(); } }, "Show all") : "",
    ] : wanted !== "" ? [el("span", null, `${count(sorted.length)} of ${count(rows.length)} rows`)] : []));
  }

  draw();
  return el("div", { class: "tablebox" },
    filter && el("div", { class: "filter" }, filter),
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
      el("table", null, el("thead", null, el("tr", null, heads)), body)),
    more);
}

function line(columns, row, kind) {
  return el("tr", { class: kind }, columns.map((c, i) =>
    el(i === 0 ? "th" : "td", { scope: i === 0 ? "row" : null, class: c.text || c.left ? "text" : null, title: c.hover?.(row) }, c.show(row))));
}
