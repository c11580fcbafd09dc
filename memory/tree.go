package memory

import (
	"cmp"
	"slices"

	"github.com/rdbtool/rdbtool/memory/pattern"
)

// Node is a node of the tree of key names: the pattern user:{n}:profile lies
// under user:, {n}: and profile.
type Node struct {
	Name     string // the part of the name that this node adds
	Path     string // the name from the root
	Keys     int64  // of the node and what is below it
	Bytes    int64
	Children []*Node // by bytes, largest first
}

// Tree lays the groups of a table out as a tree. The root's name is empty.
func (t *Table) Tree() *Node {
	root := &Node{}
	for i := range t.Groups {
		g := &t.Groups[i]
		n := root
		n.Keys, n.Bytes = n.Keys+g.Keys, n.Bytes+g.Bytes
		parts := []string{g.Name}
		if t.By == "pattern" || t.By == "prefix" {
			parts = pattern.Path(g.Name)
		}
		for _, p := range parts {
			n = n.child(p)
			n.Keys, n.Bytes = n.Keys+g.Keys, n.Bytes+g.Bytes
		}
	}
	root.sort()
	return root
}

func (n *Node) child(name string) *Node {
	for _, c := range n.Children {
		if c.Name == name {
			return c
		}
	}
	c := &Node{Name: name, Path: n.Path + name}
	n.Children = append(n.Children, c)
	return c
}

func (n *Node) sort() {
	slices.SortStableFunc(n.Children, func(a, b *Node) int { return cmp.Compare(b.Bytes, a.Bytes) })
	for _, c := range n.Children {
		c.sort()
	}
}
