import { choice, el } from "./dom.js";
import { findings } from "./findings.js";
import { scaledUp } from "./format.js";
import { histograms } from "./histogram.js";
import { accounted, figures, heading } from "./summary.js";
import { fileTabs, groupTabs, headOfTable, keyTabs, tabbed } from "./tabs.js";
import { themeChoice } from "./theme.js";
import { nodeAt, placeOf, treeOf } from "./tree.js";
import { Treemap } from "./treemap.js";

const report = JSON.parse(document.getElementById("data").textContent);
const trees = report.tables.map((t) => treeOf(t, report.total));
if (report.sample > 0 && report.sample < 1) scaledUp();
const map = new Treemap(report, (node, focus) => go(current, node, focus));
let current = 0;
let keepFocus = false;
let shownTable = null;

function section(id, title, side, ...content) {
  if (content.flat(2).every((c) => c == null)) return null;
  return el("section", { id, "aria-labelledby": `h-${id}` }, el("header", null, el("h2", { id: `h-${id}` }, title), side), content);
}

// The node that is shown stands in the address, so that the browser's own back
// button leads back, and a place can be kept as a bookmark.
function go(table, node, focus = map.map.contains(document.activeElement)) {
  keepFocus = focus;
  const hash = `#map/${table}/${placeOf(node)}`;
  if (location.hash === hash) show();
  else location.hash = hash;
}

function show() {
  const [, table, place] = /^#map\/(\d+)\/([\d.]*)$/.exec(location.hash) ?? [null, "0", ""];
  current = Number(table) < trees.length ? Number(table) : 0;
  map.show(trees[current], nodeAt(trees[current], place), keepFocus);
  shownTable?.mark(String(current));
  keepFocus = false;
}

/** What a press on a group's name in a finding does: it opens the map there. */
function opener(group) {
  for (const [i, tree] of trees.entries()) {
    const todo = [tree];
    for (const node of todo) {
      if (node.group?.name === group) {
        return () => {
          go(i, node);
          document.getElementById("map").scrollIntoView({ block: "start" });
        };
      }
      todo.push(...node.below);
    }
  }
  return null;
}

function mapChoice() {
  if (trees.length < 2) return null;
  const options = report.tables.map((t, i) => ({ value: String(i), text: headOfTable(t) }));
  shownTable = choice("What the map shows", options, "0", (i) => go(Number(i), trees[Number(i)], false));
  return shownTable;
}

const charts = histograms(report);
const names = report.files.rows.map((f) => f.name);
document.title = `Memory of ${names.length === 1 ? names[0] : `${names.length} files`}`;
const sections = [
  section("findings", "Findings", null, findings(report, opener)),
  trees.length > 0 ? section("map", "Where the memory goes", mapChoice(), map.element) : null,
  charts && section("charts", "Distribution", charts.choice, charts.box),
  section("groups", "Groups of keys", null, tabbed("Groups of keys", groupTabs(report))),
  section("keys", "Keys that stand out", null, tabbed("Keys that stand out", keyTabs(report))),
  section("files", report.files.rows.length > 1 ? "Files" : "File and databases", null, tabbed("Files", fileTabs(report))),
  report.notes && section("notes", "What this page leaves out", null, el("ul", { class: "notes" }, report.notes.map((n) => el("li", null, n)))),
].filter(Boolean);

document.body.append(
  el("header", { class: "top" },
    el("p", { class: "kind" }, "Memory report"),
    themeChoice(),
    heading(report),
    figures(report),
    accounted(report)),
  el("main", null, sections),
  el("footer", null,
    el("p", null, "Memory is what MEMORY USAGE answers of a key. ~ marks an estimate. KiB, MiB and GiB are powers of 1024."),
    el("p", null, "Written by rdbtool memory. This file asks nothing of any network.")),
);
if (trees.length > 0) {
  addEventListener("hashchange", show);
  show();
}
