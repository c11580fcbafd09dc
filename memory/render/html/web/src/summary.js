import { bytes, count, exactly, many, moment, share, short, tally } from "./format.js";
import { el, name } from "./dom.js";

const serverFrom = { asked: "as asked", file: "from the file", nearest: "nearest release with a model", assumed: "assumed" };
const allocatorFrom = { asked: "as asked", "used-memory": "nearest to used_memory", assumed: "assumed" };

/** The names of the files, and what is known of them. */
export function heading(report) {
  const files = report.files.rows;
  const all = files.length + (report.files.left ?? 0);
  const title = all === 1 ? name(files[0].name) : many(all, "file");
  return el("div", { class: "heading" },
    el("h1", null, title),
    el("p", { class: "about" }, all === 1 ? oneFile(files[0]) : manyFiles(files), report.sample > 0 && report.sample < 1 ? sampled(report) : null));
}

function fact(term, ...value) {
  return el("span", { class: "fact" }, el("span", { class: "term" }, `${term} `), value);
}

const reason = (text) => (text ? el("span", { class: "reason" }, ` ${text}`) : null);

function oneFile(f) {
  const facts = [];
  if (f.version) facts.push(fact("Format", f.version));
  if (f.writer) facts.push(fact("Written by", f.writer));
  if (f.saved) facts.push(fact("Saved", moment(f.saved)));
  if (f.file_bytes) facts.push(fact("File", bytes(f.file_bytes)));
  facts.push(fact("Memory of", f.server ?? "", reason(serverFrom[f.server_from])));
  facts.push(fact("Allocator", f.allocator ?? "", reason(allocatorFrom[f.allocator_from])));
  if (f.state) facts.push(fact("Keys as", f.state === "loaded" ? "loaded from the file" : f.state === "settled" ? "written and read since" : f.state));
  return facts;
}

function manyFiles(files) {
  const unique = (field) => [...new Set(files.map((f) => f[field]).filter(Boolean))].slice(0, 6).join(", ");
  return [fact("Memory of", unique("server")), fact("Allocator", unique("allocator")), fact("Format", unique("version"))];
}

const sampled = (report) => fact("Sample", `1 key of every ${count(Math.round(1 / report.sample))}: figures scaled up; ± is the standard error`);

/** The figures that one looks for first. */
export function figures(report) {
  const { total, account } = report;
  const known = account.used_memory > 0;
  const keys = total.keys ?? 0;
  const tile = (term, value, detail, hint) => el("div", { class: "tile", title: hint }, el("dt", null, term), el("dd", null, value), el("dd", { class: "detail" }, detail));
  return el("dl", { class: "tiles" },
    tile("Memory of the keys", bytes(total.bytes ?? 0, total.about), keys > 0 ? `${bytes((total.bytes ?? 0) / keys, total.about)} a key${total.error ? `, ±${share(total.error, total.bytes)}` : ""}` : "no keys", exactly(total.bytes ?? 0, total.about)),
    tile("Keys", short(keys), total.elements ? `${short(total.elements)} elements` : "", tally(keys)),
    tile("Server's total", bytes(account.total, true), "predicted used_memory", exactly(account.total, true)),
    known
      ? tile("used_memory", bytes(account.used_memory), `residual ${bytes(account.residual ?? 0, true)}, ${share(Math.abs(account.residual ?? 0), account.used_memory)}`, exactly(account.used_memory))
      : tile("used_memory", "unknown", "the file does not say"));
}

/** What the server's total is made of, as one bar. */
export function accounted(report) {
  const a = report.account;
  const residual = Math.max(a.residual ?? 0, 0);
  const all = Math.max(a.total + residual, 1);
  const parts = [
    ["dataset", "Data set", a.dataset],
    ["tables", "Tables of the databases", a.tables],
    ["functions", "Functions", a.functions],
    ["startup", "Server without keys", a.startup],
    ["residual", "Residual: what no file holds", residual],
  ].filter(([, , b]) => b > 0);
  if (parts.length === 0) return null;
  return el("figure", { class: "account", "aria-label": "What the server's total is made of" },
    el("div", { class: "stack", "aria-hidden": true }, parts.map(([id, label, b]) => el("span", { class: id, title: `${label}: ${bytes(b, true)}`, style: { flex: `${b / all} 0 0` } }))),
    el("ul", { class: "legend" }, parts.map(([id, label, b]) => el("li", null,
      el("span", { class: `swatch ${id}`, "aria-hidden": true }), `${label} `, el("span", { class: "figure" }, bytes(b, true)), el("span", { class: "reason" }, ` ${share(b, all)}`)))));
}
