package html

import (
	"cmp"
	"slices"

	"github.com/rdbtool/rdbtool/memory"
)

// nodeBytes is what a group adds to the tree at most, as JSON, beside its name:
// a leaf, and a node where it branches off.
const nodeBytes = 2 * len(`{"name":"","keys":-9223372036854775808,"bytes":-9223372036854775808,"group":9999,"below":[]},`)

// node is a node of the key tree. One with nothing but another below it is
// joined with that, so there are at most two for each group.
type node struct {
	Name  string  `json:"name"`
	Keys  int64   `json:"keys,omitempty"`
	Bytes int64   `json:"bytes,omitempty"`
	Group *int    `json:"group,omitempty"` // the row of the table that has this very name
	Below []*node `json:"below,omitempty"`
}

// tablesOf takes over the tables: the first has most of the room.
func tablesOf(all []memory.Table, s scale) []table {
	all = all[:min(len(all), maxTables)]
	tables := []table{}
	for i := range all {
		r := roomFirst
		if i > 0 {
			r = room{roomOthers.rows, roomOthers.bytes / (len(all) - 1)}
		}
		tables = append(tables, tableOf(&all[i], s, r))
	}
	return tables
}

func tableOf(t *memory.Table, s scale, r room) table {
	groups := slices.Clone(t.Groups)
	slices.SortStableFunc(groups, func(a, b memory.Group) int { return cmp.Compare(b.Bytes, a.Bytes) })

	out := table{By: shown(t.By, maxWord), Folded: t.Folded}
	if t.By != "pattern" && t.By != "prefix" {
		out.Groups = listOf(groups, s.group, r)
	} else {
		inTree := func(g *group) int { return len(marshal(g.Name)) + nodeBytes }
		out.Groups = listBeside(groups, s.group, inTree, r)
		out.Tree = treeOf(t.By, groups[:len(out.Groups.Rows)])
	}
	for _, g := range groups[len(out.Groups.Rows):] {
		out.Rest[0] += g.Keys
		out.Rest[1] += g.Bytes
	}
	return out
}

// treeOf lays out the groups under the names that the page shows of them.
func treeOf(by string, groups []memory.Group) *node {
	short := memory.Table{By: by, Groups: make([]memory.Group, len(groups))}
	rows := make(map[string]int, len(groups))
	for i := range groups {
		g := &groups[i]
		name := shown(g.Name, maxName)
		short.Groups[i] = memory.Group{Name: name, Keys: g.Keys, Bytes: g.Bytes}
		if _, twice := rows[name]; twice {
			rows[name] = -1 // cut to the same name: the node is neither of them
		} else {
			rows[name] = i
		}
	}
	root := short.Tree()
	top := &node{Keys: root.Keys, Bytes: root.Bytes}
	for _, c := range root.Children {
		top.Below = append(top.Below, joined(c, rows))
	}
	return top
}

// joined is a node and what is below it.
func joined(n *memory.Node, rows map[string]int) *node {
	name := n.Name
	for len(n.Children) == 1 && !named(n, rows) {
		n = n.Children[0]
		name += n.Name
	}
	out := nodeOf(n, rows)
	out.Name = name
	for _, c := range n.Children {
		out.Below = append(out.Below, joined(c, rows))
	}
	return out
}

func nodeOf(n *memory.Node, rows map[string]int) *node {
	out := &node{Name: n.Name, Keys: n.Keys, Bytes: n.Bytes}
	if i, ok := rows[n.Path]; ok && i >= 0 {
		out.Group = &i
	}
	return out
}

// named reports whether some key's pattern ends at this node.
func named(n *memory.Node, rows map[string]int) bool {
	_, ok := rows[n.Path]
	return ok
}
