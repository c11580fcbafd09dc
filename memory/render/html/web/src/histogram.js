import { bound, bytes, count, keys, share, short } from "./format.js";
import { choice, el } from "./dom.js";

const ttls = new Map([
  [-2, "Never expires"], [-1, "Expired, still there"], [0, "Up to a minute"], [60, "Up to an hour"], [3600, "Up to a day"],
  [86400, "Up to a week"], [604800, "Up to 30 days"], [2592000, "Up to a year"], [31536000, "More than a year"],
]);
const mostTypes = 12;
const mostGaps = 8;

/** The charts by type, by time to live and by size, by bytes or by keys. */
export function histograms(report) {
  const charts = [
    ["By type", typeBins(report), ""],
    ["By time to live", (report.ttls ?? []).map((b) => ({ label: ttls.get(b.from) ?? `From ${count(b.from)} s`, keys: b.keys, bytes: b.bytes })), ""],
    ["By size of the key", sizeBins(report.sizes ?? []), "tall"],
  ].filter(([, bins]) => bins.length > 0);
  if (charts.length === 0) return null;
  const box = el("div", { class: "charts" });
  const draw = (field) => box.replaceChildren(...charts.map((c) => chart(c, field, report.total)));
  draw("bytes");
  const options = [{ value: "bytes", text: "Memory" }, { value: "keys", text: "Keys" }];
  return { box, choice: choice("What the charts measure", options, "bytes", draw) };
}

function chart([title, bins, tall], field, total) {
  const most = bins.reduce((m, b) => Math.max(m, b[field]), 0);
  const all = bins.reduce((s, b) => s + Math.max(b[field], 0), 0);
  const figure = (b) => (field === "bytes" ? bytes(b.bytes, b.about ?? total.about) : short(b.keys));
  return el("figure", { class: `chart ${tall}` },
    el("figcaption", null, title),
    el("table", null,
      el("thead", { class: "unseen" }, el("tr", null, el("th", { scope: "col" }, title), el("th", { scope: "col" }, "Bar"), el("th", { scope: "col" }, field === "bytes" ? "Memory" : "Keys"), el("th", { scope: "col" }, "Share"))),
      el("tbody", null, bins.map((b) => el("tr", { title: `${b.label}: ${bytes(b.bytes, b.about ?? total.about)}, ${keys(b.keys)}` },
        el("th", { scope: "row" }, b.label),
        el("td", { class: "barcell" }, el("span", { class: "bar", "aria-hidden": true },
          el("span", { style: { width: `${most > 0 ? (100 * Math.max(b[field], 0)) / most : 0}%`, "min-width": b[field] > 0 ? "2px" : "0" } }))),
        el("td", { class: "figure" }, figure(b)),
        el("td", { class: "figure part" }, share(b[field], all)))))));
}

function typeBins(report) {
  const table = report.tables.find((t) => t.by === "type");
  if (!table) return [];
  const bins = table.groups.rows.map((g) => ({ label: g.name, keys: g.keys ?? 0, bytes: g.bytes ?? 0, about: g.about ?? false }));
  const rest = bins.slice(mostTypes);
  if (rest.length === 0) return bins;
  return [...bins.slice(0, mostTypes), { label: `${rest.length} more`, keys: rest.reduce((s, b) => s + b.keys, 0), bytes: rest.reduce((s, b) => s + b.bytes, 0) }];
}

// Sizes that no key has stand between the others, unless there are many in a
// row.
function sizeBins(bins) {
  const out = [];
  for (const b of bins) {
    const label = (from) => (from <= 0 ? "0 B" : `${bound(from)} – ${bound(2 * from)}`);
    const before = out.at(-1);
    if (before && before.from > 0) {
      const gaps = [];
      for (let from = 2 * before.from; from < b.from && gaps.length <= mostGaps; from *= 2) gaps.push({ from, label: label(from), keys: 0, bytes: 0 });
      if (gaps.length <= mostGaps) out.push(...gaps);
    }
    out.push({ from: b.from, label: label(b.from), keys: b.keys, bytes: b.bytes });
  }
  return out;
}
