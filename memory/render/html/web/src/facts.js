import { bytes, count, exactly, expiry, keys, many, share, tally } from "./format.js";
import { el, name } from "./dom.js";

const idle = ["touched within a day", "within a week", "within a month", "not for a month"];
const freq = ["used often (20 and more)", "now and then (5 to 19)", "seldom (1 to 4)", "never (0)"];

/** All that is known of a group, beside the map. */
export function describe(node, report) {
  const { group, about } = node;
  const rows = [];
  const add = (term, ...value) => rows.push(el("div", null, el("dt", null, term), el("dd", null, value)));
  const part = ([n, b], about) => `${bytes(b, about)} (${keys(n)})`;

  add("Memory", el("span", { title: exactly(node.bytes, about) }, bytes(node.bytes, about)), `, ${share(node.bytes, report.total.bytes)} of all`);
  add("Keys", tally(node.keys));
  if (node.keys > 0) add("On average", `${bytes(node.bytes / node.keys, about)} a key`);
  if (group) {
    const g = group;
    if (g.error) add("Standard error", `±${share(g.error, g.bytes)}`);
    if (g.elements) add("Elements", tally(g.elements));
    if (g.bytes && (g.names || g.content)) {
      add("Of which", `values ${share(g.content ?? 0, g.bytes)}, names ${share(g.names ?? 0, g.bytes)}, overhead ${share(overhead(g), g.bytes)}`);
    }
    if (g.never) add("Never expire", part(g.never, about));
    if (g.past) add("Expired, still there", part(g.past, about));
    if (g.day) add("Expire within a day", part(g.day, about));
    if (g.week) add("Within a week", part(g.week, about));
    if (g.later) add("Later", part(g.later, about));
    g.idle?.forEach((p, i) => p[0] > 0 && add(`Idle: ${idle[i]}`, part(p, about)));
    g.freq?.forEach((p, i) => p[0] > 0 && add(`Uses: ${freq[i]}`, part(p, about)));
    if (g.pack) add("Packing would save", part(g.pack, true));
    if (g.lzf) add("Compressing would save", part(g.lzf, true));
    if (g.folded) add("Patterns counted here", `at least ${count(g.folded)}`);
    g.files?.forEach((p, i) => add(name(report.files.rows[i]?.name ?? `file ${i + 1}`), part(p, about)));
    if (g.largest) {
      const k = g.largest;
      add("Largest key", name(k.key, { class: "name wrap" }), el("br"),
        `${bytes(k.bytes ?? 0)}${k.elements ? `, ${many(k.elements, "element")}` : ""}${k.encoding ? `, ${k.encoding}` : ""}, expires ${expiry(k.expire, report.now ?? 0)}`);
    }
  }
  return el("div", { class: "facts" }, el("h3", null, name(node.path)), el("dl", null, rows));
}

/** What a group takes beyond its names and values. */
export function overhead(g) {
  return Math.max((g.bytes ?? 0) - (g.names ?? 0) - (g.content ?? 0), 0);
}
