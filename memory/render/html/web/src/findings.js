import { bytes, exactly, many } from "./format.js";
import { el, name } from "./dom.js";

const first = 8;

/** The findings, those with most bytes on top as the report has them. */
export function findings(report, open) {
  const { rows, left } = report.findings;
  if (rows.length === 0) return el("p", { class: "none" }, "Nothing that stands out.");
  const list = el("ol", { class: "findings" }, rows.map((f, i) => el("li", { hidden: i >= first && rows.length > first + 2 },
    el("div", { class: "amount" },
      el("span", { class: "figure", title: exactly(f.bytes ?? 0, f.saves) }, bytes(f.bytes ?? 0, f.saves)),
      el("span", { class: f.saves ? "saves" : "concerns" }, f.saves ? "to save" : "affected")),
    el("div", { class: "words" },
      el("p", { class: "text" }, f.text),
      f.do ? el("p", { class: "do" }, f.do) : null,
      el("p", { class: "of" },
        el("span", { class: "code" }, f.code),
        f.keys > 0 ? el("span", null, many(f.keys, "key")) : null,
        f.group && open(f.group) ? el("button", { type: "button", class: "link", onclick: open(f.group) }, name(f.group)) : f.group ? name(f.group) : null)))));
  const hidden = [...list.children].filter((li) => li.hidden);
  if (hidden.length === 0) return list;
  const more = el("button", { type: "button", class: "more", onclick: () => { hidden.forEach((li) => { li.hidden = false; }); more.remove(); } },
    `Show ${hidden.length} more findings`);
  return [list, more, left > 0 ? el("p", { class: "none" }, `${many(left, "finding")} left out`) : null];
}
