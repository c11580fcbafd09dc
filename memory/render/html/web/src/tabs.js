import { el, step } from "./dom.js";
import { databaseColumns, fileColumns, groupColumns, keyColumns, slotColumns } from "./columns.js";
import { count } from "./format.js";
import { sortable } from "./table.js";

const headOf = {
  pattern: "Pattern", type: "Type", db: "Database", encoding: "Encoding", ttl: "Time to live", size: "Size",
  slot: "Slot", idle: "Idle time", freq: "Access frequency", prefix: "Prefix",
};

export const headOfTable = (table) => headOf[table.by] ?? table.by;

/** The tables of keys in groups, one for each way to group them. */
export function groupTabs(report) {
  return report.tables.map((t, i) => ({
    id: `by${i}`,
    text: headOfTable(t),
    make: () => sortable({
      label: `Keys by ${t.by}`, columns: groupColumns(t, report, headOfTable(t)), rows: t.groups.rows, sort: "bytes",
      last: t.groups.left > 0 ? { rest: true, name: `${count(t.groups.left)} more`, keys: t.rest?.[0] ?? 0, bytes: t.rest?.[1] ?? 0, about: report.total.about } : null,
    }),
  }));
}

/** The keys that stand out. */
export function keyTabs(report) {
  const tabs = [];
  const add = (id, text, keys, sort) => keys.rows.length > 0 && tabs.push({
    id, text, make: () => sortable({ label: text, columns: keyColumns(keys, report), rows: keys.rows, sort }),
  });
  add("top-bytes", "Largest", report.top_bytes, "bytes");
  add("top-elements", "Most elements", report.top_elements, "elements");
  return tabs;
}

/** The files and what is in them beside the keys. */
export function fileTabs(report) {
  const tabs = [];
  const add = (id, text, list, columns, sort) => list.rows.length > 0 && tabs.push({
    id, text, make: () => sortable({ label: text, columns: columns(list, report), rows: list.rows, sort }),
  });
  add("files", "Files", report.files, (_, r) => fileColumns(r), "bytes");
  add("databases", "Databases", report.databases, databaseColumns, "keys");
  add("slots", "Heaviest slots", report.slots, slotColumns, "bytes");
  return tabs;
}

/** Tabs and the panel of the one that is open. */
export function tabbed(label, tabs) {
  if (tabs.length === 0) return null;
  const panel = el("div", { class: "panel", role: "tabpanel" });
  const buttons = tabs.map((t) => el("button", { type: "button", role: "tab", id: `tab-${t.id}`, onclick: () => open(t) }, t.text));
  function open(tab) {
    tabs.forEach((t, i) => {
      buttons[i].setAttribute("aria-selected", t === tab);
      buttons[i].tabIndex = t === tab ? 0 : -1;
    });
    panel.setAttribute("aria-labelledby", `tab-${tab.id}`);
    panel.replaceChildren(tab.make());
  }
  open(tabs[0]);
  return [el("div", { class: "tabs", role: "tablist", "aria-label": label, onkeydown: (e) => step(e, buttons) }, buttons), panel];
}
