import { bytes, count, exactly, expiry, moment, share, tally } from "./format.js";
import { el, name } from "./dom.js";
import { overhead } from "./facts.js";

// Columns of the tables. Those that would be empty all the way down are left
// out.

const number = (id, head, value, more) => ({ id, head, value, show: (r) => (r.rest && value(r) === 0 ? "" : count(value(r))), ...more });
const tallied = (id, head, value) => number(id, head, value, { show: (r) => (r.rest && value(r) === 0 ? "" : tally(value(r))) });
const memory = (id, head, value, about, more) => ({
  id, head, value,
  show: (r) => (r.rest && value(r) === 0 ? "" : bytes(value(r), about?.(r))),
  hover: (r) => exactly(value(r), about?.(r)),
  ...more,
});
const part = (id, head, value, all, title) => ({ id, head, title, value: (r) => (all(r) > 0 ? value(r) / all(r) : 0), show: (r) => (r.rest ? "" : share(value(r), all(r))) });
const text = (id, head, value, show) => ({ id, head, value, show: show ?? value, text: true });
const used = (columns, rows) => columns.filter((c) => !c.optional || rows.some(c.optional));

const about = (r) => r.about;
const of = (r) => r.bytes ?? 0;
const at = (field, i) => (r) => r[field]?.[i] ?? 0;

/** A share with a bar of its length. */
function shareBar(total, most) {
  return {
    id: "share", head: "Share", value: of,
    show: (r) => el("span", { class: "sharebar" }, share(of(r), total),
      el("span", { class: "bar", "aria-hidden": true }, el("span", { style: { width: `${most > 0 ? Math.max(0, Math.min(100, (100 * of(r)) / most)) : 0}%` } }))),
  };
}

export function groupColumns(table, report, headOfName) {
  const rows = table.groups.rows;
  const most = rows.reduce((m, r) => Math.max(m, of(r)), 0);
  const optional = (column, field) => ({ ...column, optional: (r) => Boolean(r[field]) });
  const files = Array.from({ length: report.columns ?? 0 }, (_, i) => ({
    ...memory(`file${i}`, name(report.files.rows[i]?.name ?? `file ${i + 1}`), (r) => r.files?.[i]?.[1] ?? 0, about),
    optional: (r) => r.files != null,
  }));
  return used([
    text("name", headOfName, (r) => r.name, (r) => (r.rest ? r.name : name(r.name))),
    memory("bytes", "Memory", of, about),
    { id: "error", head: "±", title: "Standard error of the memory", value: (r) => (of(r) > 0 ? (r.error ?? 0) / of(r) : 0),
      show: (r) => (r.error ? `±${share(r.error, of(r))}` : ""), optional: (r) => r.error },
    shareBar(report.total.bytes ?? 0, most),
    tallied("keys", "Keys", (r) => r.keys ?? 0),
    { ...memory("average", "Per key", (r) => (r.keys > 0 ? of(r) / r.keys : 0), about), hover: null },
    tallied("elements", "Elements", (r) => r.elements ?? 0),
    ...files,
    { id: "largest", head: "Largest key", title: "Its memory, and its name", left: true, value: (r) => r.largest?.bytes ?? 0,
      show: (r) => r.largest && el("span", { class: "largest" }, el("span", { class: "figure" }, bytes(r.largest.bytes ?? 0)), name(r.largest.key)), optional: (r) => r.largest },
    optional(part("never", "No expiry", at("never", 1), of, "Share of the memory whose keys never expire"), "never"),
    optional(part("past", "Expired", at("past", 1), of, "Share of the memory whose keys are past their time, but still there"), "past"),
    optional(part("day", "Within a day", at("day", 1), of, "Share of the memory that expires within a day"), "day"),
    optional(part("week", "Within a week", at("week", 1), of, "Share of the memory that expires within a week, but not within a day"), "week"),
    optional(part("idle", "Idle a month", (r) => r.idle?.[3][1] ?? 0, of, "Share of the memory that has not been touched for a month"), "idle"),
    optional(part("freq", "Never used", (r) => r.freq?.[3][1] ?? 0, of, "Share of the memory whose access frequency has fallen to 0"), "freq"),
    part("names", "Names", (r) => r.names ?? 0, of, "Share of the memory that is the names of the keys"),
    part("overhead", "Overhead", overhead, of, "Share of the memory that is neither names nor values"),
    optional(memory("pack", "Packing saves", at("pack", 1), () => true), "pack"),
    optional(memory("lzf", "Compressing saves", at("lzf", 1), () => true), "lzf"),
    { ...number("folded", "Patterns in it", (r) => r.folded ?? 0, { title: "At least so many rarer patterns are counted here" }), optional: (r) => r.folded > 0 },
  ], rows);
}

export function keyColumns(keys, report) {
  const now = report.now ?? 0;
  return used([
    text("key", "Key", (r) => r.key, (r) => name(r.key)),
    memory("bytes", "Memory", of),
    number("elements", "Elements", (r) => r.elements ?? 0),
    text("type", "Type", (r) => r.type ?? ""),
    text("encoding", "Encoding", (r) => r.encoding ?? ""),
    { id: "expire", head: "Expires", value: (r) => (r.expire < 0 ? Number.MAX_VALUE : r.expire), show: (r) => expiry(r.expire, now), hover: (r) => (r.expire < 0 ? null : moment(r.expire)) },
    { ...number("db", "DB", (r) => r.db ?? 0), show: (r) => String(r.db ?? 0) },
    { ...fileColumn(report), optional: () => report.files.rows.length > 1 },
  ], keys.rows);
}

const fileColumn = (report) => {
  const of = (r) => report.files.rows[r.file ?? 0]?.name ?? "";
  return text("file", "File", of, (r) => name(of(r)));
};

export function slotColumns(slots) {
  return used([
    { ...number("slot", "Slot", (r) => r.slot), show: (r) => String(r.slot) },
    text("tag", "Heaviest hash tag", (r) => r.tag, (r) => name(r.tag)),
    memory("bytes", "Memory", of),
    number("keys", "Keys", (r) => r.keys ?? 0),
  ], slots.rows);
}

export function databaseColumns(databases, report) {
  return used([
    { ...number("db", "Database", (r) => r.db), show: (r) => `db ${r.db}` },
    { ...fileColumn(report), optional: () => report.files.rows.length > 1 },
    number("keys", "Keys", (r) => r.keys ?? 0),
    number("expires", "With expiry", (r) => r.expires ?? 0),
    memory("main", "Table of keys", (r) => r.main ?? 0),
    memory("expiry", "Table of expiries", (r) => r.expiry ?? 0),
  ], databases.rows);
}

export function fileColumns(report) {
  const rows = report.files.rows;
  const most = rows.reduce((m, r) => Math.max(m, of(r)), 0);
  const all = rows.reduce((s, r) => s + of(r), 0);
  const withUsed = (c) => ({ ...c, optional: (r) => r.used > 0 });
  return used([
    text("name", "File", (r) => r.name, (r) => name(r.name)),
    memory("bytes", "Memory of keys", of, () => report.total.about),
    shareBar(all, most),
    number("keys", "Keys", (r) => r.keys ?? 0),
    memory("total", "Predicted total", (r) => r.total ?? 0, () => true),
    withUsed(memory("used", "used_memory", (r) => r.used ?? 0)),
    withUsed(memory("residual", "Residual", (r) => r.residual ?? 0, () => true)),
    text("server", "Server", (r) => r.server ?? ""),
    text("allocator", "Allocator", (r) => r.allocator ?? ""),
    text("version", "Format", (r) => r.version ?? r.kind ?? ""),
    memory("size", "File size", (r) => r.file_bytes ?? 0),
    { ...text("saved", "Saved", (r) => r.saved ?? 0, (r) => (r.saved ? moment(r.saved) : "")), optional: (r) => r.saved },
  ], rows);
}
