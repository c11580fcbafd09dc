// Hues for the largest parts of the tree; the others are grey.
const hues = [250, 155, 60, 310, 200, 25, 110, 345, 280, 85, 180, 5];

/**
 * The tree of a table, as the map shows it. A table without a tree of its own
 * has its groups right below the root.
 */
export function treeOf(table, total) {
  const rows = table.groups.rows;
  const group = (i) => (i == null ? null : rows[i]);
  const data = table.tree ?? { keys: 0, bytes: 0, below: rows.map((g, i) => ({ name: g.name, keys: g.keys, bytes: g.bytes, group: i })) };
  const root = grow(data, null, group);
  root.bytes = total.bytes ?? 0;
  root.keys = total.keys ?? 0;
  root.about = total.about;
  if (table.groups.left > 0) {
    root.below.push(leaf(root, `${table.groups.left.toLocaleString("en-US")} more`, "smaller groups, summed up", table.rest?.[0] ?? 0, table.rest?.[1] ?? 0));
    root.below.at(-1).about = total.about;
  }
  finish(root);
  return root;
}

function leaf(up, name, path, keys, bytes) {
  return { name, path, keys, bytes, up, group: null, about: false, below: [] };
}

// Trees may be as deep as names are long, so nothing here recurs.
function grow(data, up, group) {
  const root = leaf(up, data.name ?? "", "", data.keys ?? 0, data.bytes ?? 0);
  const todo = [[data, root]];
  while (todo.length > 0) {
    const [from, node] = todo.pop();
    node.group = group(from.group);
    node.about = node.group?.about ?? false;
    let { keys, bytes } = node;
    for (const d of from.below ?? []) {
      const child = leaf(node, d.name, node.path + d.name, d.keys ?? 0, d.bytes ?? 0);
      keys -= child.keys;
      bytes -= child.bytes;
      node.below.push(child);
      todo.push([d, child]);
    }
    // Keys that are named as the node itself, beside those below it.
    if (node.group && node.below.length > 0) {
      const own = leaf(node, node.name, node.path, keys, bytes);
      own.group = node.group;
      own.about = node.about;
      node.below.push(own);
    }
  }
  return root;
}

function finish(root) {
  const order = [root];
  for (const node of order) {
    node.below.sort((a, b) => b.bytes - a.bytes);
    node.below.forEach((n, i) => {
      n.hue = node.up ? node.hue : hues[i];
      n.tone = i % 4;
      n.at = i;
    });
    order.push(...node.below);
  }
  for (const node of order.reverse()) {
    if (node.below.some((n) => n.about)) node.about = true;
  }
}

/** The place of a node as text for the address: 0.3.1 */
export function placeOf(node) {
  const steps = [];
  for (let n = node; n.up; n = n.up) steps.unshift(n.at);
  return steps.join(".");
}

export function nodeAt(root, place) {
  let node = root;
  for (const i of place === "" ? [] : place.split(".")) {
    const next = node.below[Number(i)];
    if (!next) break;
    node = next;
  }
  return node;
}
