import { hierarchy, treemap, treemapSquarify } from "d3-hierarchy";
import { bytes, count, keys, share } from "./format.js";
import { el, name } from "./dom.js";
import { describe } from "./facts.js";

// A rectangle smaller than this is not drawn; the list beside the map has it.
const least = { width: 3, height: 3 };
const header = 22;
// What is below a node is drawn inside it if the node is larger than this, by
// depth.
const roomy = [null, { width: 48, height: 46 }, { width: 150, height: 100 }];
const deepest = roomy.length;
const listed = 300;

/**
 * The map of a tree, its path and the list of what is in the node that is
 * shown. go(node) is called when another node is chosen.
 */
export class Treemap {
  constructor(report, go) {
    this.report = report;
    this.go = go;
    this.path = el("nav", { class: "path", "aria-label": "Path in the key tree" });
    this.map = el("div", {
      class: "map", role: "group", "aria-label": "Treemap: arrow keys move, Enter opens, Escape goes back",
      onkeydown: (e) => this.key(e), onmouseleave: () => this.untip(),
    });
    this.side = el("div", { class: "side" });
    this.tip = el("div", { class: "tip", role: "tooltip", hidden: true });
    this.element = el("div", { class: "treemap" }, this.path, el("div", { class: "mapbox" }, this.map, this.side), this.tip);
    new ResizeObserver(() => this.layout()).observe(this.map);
  }

  show(root, node, focus) {
    this.root = root;
    this.node = node;
    this.drawPath();
    this.drawSide();
    this.drawn = null;
    this.layout();
    if (focus) this.cells.find((c) => c.tabIndex === 0)?.focus({ preventScroll: true });
  }

  // What the map shows: a node without any below it is shown among its
  // siblings.
  get view() {
    return this.node.below.length > 0 || !this.node.up ? this.node : this.node.up;
  }

  drawPath() {
    const steps = [];
    for (let n = this.node; n; n = n.up) steps.unshift(n);
    this.path.replaceChildren(
      el("ol", null, steps.map((n) => {
        const label = n.up ? name(n.name) : "All keys";
        return el("li", null, n === this.node
          ? el("span", { "aria-current": "location" }, label)
          : el("button", { type: "button", onclick: () => this.go(n) }, label));
      })),
      el("span", { class: "sum", "aria-live": "polite" },
        `${bytes(this.node.bytes, this.node.about)} · ${share(this.node.bytes, this.root.bytes)} · ${keys(this.node.keys)}`),
    );
  }

  drawSide() {
    const { node } = this;
    this.side.replaceChildren(node.below.length > 0 ? this.list(node) : describe(node, this.report));
    this.side.scrollTop = 0;
  }

  list(node) {
    const most = node.below[0]?.bytes ?? 0;
    const rows = node.below.slice(0, listed).map((n) =>
      el("li", null, el("button", {
        type: "button", class: "row", style: hue(n), onclick: () => this.go(n),
        onmouseenter: () => this.light(n, true), onmouseleave: () => this.light(n, false),
      },
      el("span", { class: "line" }, name(n.name), el("span", { class: "figure" }, bytes(n.bytes, n.about))),
      el("span", { class: "line small" },
        el("span", { class: "bar", "aria-hidden": true }, el("span", { style: { width: `${most > 0 ? (100 * n.bytes) / most : 0}%` } })),
        el("span", { class: "figure" }, share(n.bytes, this.root.bytes))))));
    const more = node.below.length - rows.length;
    if (more > 0) rows.push(el("li", { class: "more" }, `and ${count(more)} more, all of them smaller`));
    return el("ol", { class: "below", "aria-label": "In this node" }, rows);
  }

  light(node, on) {
    for (const c of this.cells) if (c.node === node) c.classList.toggle("lit", on);
  }

  layout() {
    const { clientWidth: width, clientHeight: height } = this.map;
    const drawn = `${width}x${height}`;
    if (!this.node || width === 0 || this.drawn === drawn) return;
    this.drawn = drawn;
    const view = this.view;
    const top = hierarchy({ node: view, depth: 0 }, ({ node, depth }) =>
      depth < deepest ? node.below.map((n) => ({ node: n, depth: depth + 1 })) : null)
      .sum(({ node, depth }) => (depth === deepest || node.below.length === 0 ? Math.max(node.bytes, 0) : 0))
      .sort((a, b) => b.value - a.value);
    treemap().size([width, height]).round(true).tile(treemapSquarify.ratio(1.4))
      .paddingInner(2)
      .paddingOuter((d) => (d.depth > 0 ? 3 : 0))
      .paddingTop((d) => (d.depth > 0 ? header : 0))(top);
    top.eachBefore((d) => {
      const need = roomy[d.depth];
      if (need && (d.x1 - d.x0 < need.width || d.y1 - d.y0 < need.height)) delete d.children;
    });
    this.cells = top.descendants()
      .filter((d) => d.depth > 0 && d.x1 - d.x0 >= least.width && d.y1 - d.y0 >= least.height)
      .map((d) => this.cell(d));
    for (const c of this.cells) c.tabIndex = -1;
    const first = this.cells.find((c) => c.node === this.node) ?? this.cells[0];
    if (first) first.tabIndex = 0;
    this.map.replaceChildren(...this.cells);
    if (this.cells.length === 0) this.map.append(el("p", { class: "none" }, "No keys"));
  }

  cell(d) {
    const { node } = d.data;
    const width = d.x1 - d.x0;
    const height = d.y1 - d.y0;
    const parent = d.children != null;
    const classes = ["cell", parent ? "outer" : "inner"];
    if (parent && d.depth > 1) classes.push("second");
    if (this.view !== this.node) classes.push(node === this.node ? "chosen" : "dim");
    const figure = bytes(node.bytes, node.about);
    const part = share(node.bytes, this.root.bytes);
    const label = [];
    if (width >= 34 && height >= 16) {
      label.push(name(node.name));
      if (parent ? width >= 190 : height >= 36 && width >= 64) label.push(el("span", { class: "figure" }, width >= 124 ? `${figure} · ${part}` : figure));
    }
    if (label.length === 0) classes.push("blank");
    const cell = el("button", {
      type: "button", class: classes.join(" "),
      "aria-label": `${node.path || "(empty)"}, ${figure}, ${part} of all, ${keys(node.keys)}`,
      "aria-current": this.view !== this.node && node === this.node ? "true" : null,
      style: { left: `${d.x0}px`, top: `${d.y0}px`, width: `${width}px`, height: `${height}px`, ...hue(node) },
      onclick: () => { this.untip(); this.go(node === this.node && this.view !== this.node ? node.up : node); },
      onmousemove: (e) => this.showTip(node, e.clientX, e.clientY),
      onfocus: () => this.focused(cell),
      onblur: () => this.untip(),
    }, label);
    cell.node = node;
    cell.box = [d.x0, d.y0, d.x1, d.y1];
    return cell;
  }

  focused(cell) {
    for (const c of this.cells) c.tabIndex = c === cell ? 0 : -1;
    if (!cell.matches(":focus-visible")) return;
    const r = cell.getBoundingClientRect();
    this.showTip(cell.node, r.left + Math.min(r.width, 240) / 2, r.top + Math.min(r.height / 2, 60));
  }

  key(event) {
    if (event.key === "Escape" || event.key === "Backspace") {
      if (!this.node.up) return;
      event.preventDefault();
      this.go(this.node.up, true);
      return;
    }
    const from = document.activeElement;
    if (!event.key.startsWith("Arrow") || !from.box) return;
    event.preventDefault();
    nearest(this.cells, from, event.key.slice(5))?.focus();
  }

  showTip(node, x, y) {
    this.tip.replaceChildren(
      el("div", { class: "title" }, name(node.path)),
      el("div", null, `${bytes(node.bytes, node.about)}, ${share(node.bytes, this.root.bytes)} of all`),
      node.up && node.up.up ? el("div", null, `${share(node.bytes, node.up.bytes)} of `, name(node.up.name)) : null,
      el("div", null, `${keys(node.keys)}, ${bytes(node.keys > 0 ? node.bytes / node.keys : 0, node.about)} each on average`),
      el("div", { class: "hint" }, node.below.length > 0 ? `${count(node.below.length)} parts: click to open` : "Click for details"),
    );
    this.tip.hidden = false;
    const { offsetWidth: w, offsetHeight: h } = this.tip;
    const left = Math.max(8, Math.min(x + 14, document.documentElement.clientWidth - w - 8));
    const top = y + 18 + h > window.innerHeight ? y - h - 12 : y + 18;
    this.tip.style.left = `${left}px`;
    this.tip.style.top = `${Math.max(8, top)}px`;
  }

  untip() {
    this.tip.hidden = true;
  }
}

// The hue comes from the part of the tree, so that it stays while one goes
// deeper; the lightness tells siblings apart.
function hue(node) {
  return { "--hue": String(node.hue ?? 0), "--chroma": node.hue == null ? "0" : "1", "--tone": String(node.tone) };
}

/** The cell that lies next in a direction, by the distance of the centres. */
function nearest(cells, from, direction) {
  const centre = ({ box: [x0, y0, x1, y1] }) => [(x0 + x1) / 2, (y0 + y1) / 2];
  const [fx, fy] = centre(from);
  const way = { Left: [-1, 0], Right: [1, 0], Up: [0, -1], Down: [0, 1] }[direction];
  let best = null;
  let least = Infinity;
  for (const c of cells) {
    if (c === from) continue;
    const [x, y] = centre(c);
    const along = (x - fx) * way[0] + (y - fy) * way[1];
    const aside = Math.abs((x - fx) * way[1]) + Math.abs((y - fy) * way[0]);
    if (along <= 0) continue;
    const distance = along + 2 * aside;
    if (distance < least) [best, least] = [c, distance];
  }
  return best;
}
