package pattern

import "math"

// Room is made in steps, each of which costs more of the picture than the one
// before: words are folded where there are more than 64 light ones at a place,
// than 32, ... than one; then whatever is below the deepest nodes becomes {...},
// and so on up to the root.
const widest = 6 // 1<<widest is 64

// makeRoom folds until a quarter of the room is free, so that it is not called
// again soon.
func (s *Set) makeRoom() {
	s.full = true
	if s.level > 0 {
		s.level-- // what was needed last time may be too much this time
	}
	for ; s.level < widest; s.level++ {
		s.root.weigh()
		s.foldAll(s.root, 1<<(widest-s.level))
		if s.roomy() {
			return
		}
	}
	s.root.weigh()
	heavy := int64(math.MaxInt64)
	if s.max >= 4 {
		heavy = s.root.keys/int64(s.max/2) + 1
	}
	for depth := maxParts; depth >= 0; depth-- {
		s.cutAt(s.root, depth, heavy)
		if s.roomy() {
			return
		}
	}
	s.cut(s.root, math.MaxInt64)
}

func (s *Set) roomy() bool {
	return s.Len() <= s.max*3/4 && s.nodes+maxParts <= s.maxNodes*3/4
}

// foldAll folds words at and below n where more than many of them are light.
func (s *Set) foldAll(n *node, many int) {
	if n.rest != nil {
		return // what is below is in one group or has one of its own
	}
	if n.words > many {
		words := n.foldable()
		var light []*node
		for _, c := range words {
			if c.keys*64 < n.keys {
				light = append(light, c)
			}
		}
		if l := lightest(words); len(l) > len(light) {
			light = l
		}
		if len(light) > many {
			s.foldWords(n, light)
			n.weigh()
		}
	}
	for _, c := range n.children() {
		if c.parent == n {
			s.foldAll(c, many)
		}
	}
	s.prune(n)
}

// cutAt cuts the nodes that are depth below n.
func (s *Set) cutAt(n *node, depth int, heavy int64) {
	if n.rest != nil {
		return
	}
	if depth == 0 {
		// Words behind {*} and a hyphen may belong to a {*} that is not below n.
		if n.home != nil {
			return
		}
		if n.first != nil && (n.leaves > 1 || n.first.first != nil) {
			s.cut(n, heavy)
		}
		return
	}
	for _, c := range n.children() {
		s.cutAt(c, depth-1, heavy)
	}
}

// cut makes all leaves below n one, but the heavy ones. From then on whatever has
// no leaf there belongs to it.
func (s *Set) cut(n *node, heavy int64) {
	into := s.grow(n, rest)
	for _, c := range n.children() {
		if c != into {
			s.gather(c, into, heavy)
		}
	}
	if into.leaf == nil {
		s.detach(into)
		return
	}
	n.rest = into.leaf
}

// gather puts the light leaves at and below n at into.
func (s *Set) gather(n, into *node, heavy int64) {
	for _, c := range n.children() {
		s.gather(c, into, heavy)
	}
	if l := n.leaf; l != nil && (l.keys < heavy || n.part == rest) {
		if into.leaf != nil {
			s.join(l, into.leaf)
		} else {
			n.leaf = nil
			into.leaf, l.node, l.raw = l, into, false
		}
	}
	n.rest = nil
	if n.leaf == nil && n.first == nil {
		s.detach(n)
	}
}
