package pattern

import (
	"math"
	"slices"
)

// Room is made in steps, each of which costs more of the picture than the one
// before: first what Settle would fold anyway, then words where there are more than
// 64 light ones at a place, than 32, than 16; then whatever is below the deepest
// nodes becomes {...}, and so on up to the root.
var steps = [...]int{64, 32, 16}

// makeRoom folds until there is room again. Each time that it is called it makes
// more of it, so that names which are all different do not take much time.
func (s *Set) makeRoom() {
	if s.natural {
		s.root.weigh()
		s.foldAlike(s.root)
		if s.roomy() {
			return
		}
	}
	s.full = true
	for ; s.step < len(steps); s.step++ {
		s.root.weigh()
		s.foldLight(s.root, steps[s.step])
		if s.roomy() {
			return
		}
	}
	s.step-- // what was needed this time may be too much the next time
	s.cutBelow(s.target/2, s.roomy)
	s.target = min(s.target, max(s.target*3/4, s.room/8, s.max*3/4))
}

// fit brings the groups down to what the caller asked for.
func (s *Set) fit() {
	if s.Len() <= s.max {
		return
	}
	s.full = true
	s.depth = maxParts
	s.cutBelow(s.max*3/4, func() bool { return s.Len() <= s.max })
}

// cutBelow cuts the deepest nodes first, until there is room. The heaviest leaves
// stay, as many as keep.
func (s *Set) cutBelow(keep int, roomy func() bool) {
	s.root.weigh()
	var keys []int64
	for _, l := range s.leaves {
		if l != nil {
			keys = append(keys, l.keys)
		}
	}
	slices.Sort(keys)
	light := int64(math.MaxInt64) // the heaviest that does not stay
	if keep > 0 {
		light = keys[max(0, len(keys)-1-keep)]
	}
	var levels [maxParts + 1][]*node
	collect(s.root, 0, &levels)
	for ; s.depth >= 0; s.depth-- {
		for _, n := range levels[s.depth] {
			s.cut(n, light)
		}
		if roomy() {
			return
		}
	}
	s.depth = 0
	s.cut(s.root, math.MaxInt64)
}

// collect sorts the nodes at and below n that can be cut by how deep they are.
func collect(n *node, depth int, levels *[maxParts + 1][]*node) {
	if n.rest != nil {
		return // what is below is in one group or has one of its own
	}
	// Words behind {*} and a hyphen may belong to a {*} that is not below it.
	if n.home == nil && n.first != nil && (n.leaves > 1 || n.first.first != nil) {
		levels[depth] = append(levels[depth], n)
	}
	for c := n.first; c != nil; c = c.next {
		collect(c, depth+1, levels)
	}
}

func (s *Set) roomy() bool {
	return s.Len() <= s.target && s.nodes+maxParts <= s.maxNodes*3/4
}

// foldAlike folds words of like use at and below n.
func (s *Set) foldAlike(n *node) {
	if n.rest != nil {
		return
	}
	if n.words > manyWords || n.home != nil {
		if words := s.alike(n, n.foldable()); len(words) > 0 {
			s.foldWords(n, words)
			n.weigh()
		}
	}
	s.below(n, s.foldAlike)
}

// foldLight folds words at and below n where more than many of them are light.
func (s *Set) foldLight(n *node, many int) {
	if n.rest != nil {
		return
	}
	if n.words > many {
		words := n.foldable()
		light := slices.DeleteFunc(slices.Clone(words), func(c *node) bool { return c.keys*64 >= n.keys })
		if len(words) > 8*many && len(light) <= many {
			light = lightest(words)
		}
		if len(light) > many {
			s.foldWords(n, light)
			n.weigh()
		}
	}
	s.below(n, func(c *node) { s.foldLight(c, many) })
}

// below calls f for the children of n that f leaves there, and removes what has
// become empty.
func (s *Set) below(n *node, f func(*node)) {
	for _, c := range n.children() {
		if c.parent == n {
			f(c)
		}
	}
	s.prune(n)
}

// cut makes all leaves below n one, but the heavy ones. From then on whatever has
// no leaf there belongs to it.
func (s *Set) cut(n *node, light int64) {
	into := s.grow(n, rest)
	for _, c := range n.children() {
		if c != into {
			s.gather(c, into, light)
		}
	}
	if n == s.root {
		s.gatherLeaf(n, into, light) // the empty name
	}
	s.sweep(n)
	if into.leaf == nil {
		s.detach(into)
		return
	}
	n.rest = into.leaf
}

// gather puts the light leaves at and below n at into.
func (s *Set) gather(n, into *node, light int64) {
	for _, c := range n.children() {
		s.gather(c, into, light)
	}
	s.gatherLeaf(n, into, light)
	n.rest = nil
	s.sweep(n)
	// Where a {*} stays, a node must stay too if it is what keeps its names from
	// being taken for that: a word beside {*}, and the way that titles go.
	if n.leaf == nil && n.first == nil && !(n.home != nil && n.closed) && !(n.kind == wordKind && n.parent.closed) {
		s.detach(n)
	}
}

func (s *Set) gatherLeaf(n, into *node, light int64) {
	l := n.leaf
	switch {
	case l == nil || l.keys > light && n.part != rest:
	case into.leaf != nil:
		s.join(l, into.leaf)
	default:
		n.leaf = nil
		into.leaf, l.node, l.raw = l, into, false
	}
}

// sweep removes empty words below n if there is no {*} beside them.
func (s *Set) sweep(n *node) {
	if !n.closed || n.home != nil {
		return
	}
	list := n.children()
	if slices.ContainsFunc(list, func(c *node) bool { return c.kind == starKind }) {
		return
	}
	for _, c := range list {
		if c.kind == wordKind && c.leaf == nil && c.first == nil {
			s.detach(c)
		}
	}
}
