package pattern

import "strings"

// node is a part of one or more names in the tree of a Set. Its children are kept
// in the order in which they came, so that nothing depends on the order of a map.
type node struct {
	parent      *node
	prev, next  *node // siblings
	first, last *node // children
	part        string
	seps        int // length of the separators that part ends with
	kind        kind
	leaf        *leaf // of the name that ends here

	words  int  // children that are words
	limit  int  // of words and of titles, for the next look at them
	titles int  // names that came with nothing but words and hyphens behind this node
	closed bool // a word that is no child belongs to {*}
	// home is set for a {*} with a hyphen or the like behind it. What is {*}
	// after it is {*} there: a {*} has hyphens in it, as {*}-{*} says no more.
	home   *node
	titled bool  // titles have been folded below this node
	rest   *leaf // the leaf of what has no node below this one, which gets no more nodes

	// Of the node and what is below it, as of the last weigh.
	keys   int64
	leaves int
	frozen bool // a rest is below it

	folded, unreadable int // words that became this {*}, and how many of them do not read like words
}

// kind is what a part is, its separators apart.
type kind uint8

const (
	wordKind        kind = iota // a word, which may have a placeholder in it
	placeholderKind             // one placeholder
	starKind                    // {*}
	emptyKind                   // nothing but separators
)

func kindOf(chunk []byte) kind {
	switch p := placeholder(chunk); {
	case len(chunk) == 0:
		return emptyKind
	case p != len(chunk):
		return wordKind
	case string(chunk) == star:
		return starKind
	}
	return placeholderKind
}

func wordy(chunk []byte) bool { return kindOf(chunk) == wordKind }

// leaf is the end of a name: a group.
type leaf struct {
	node     *node
	group    int
	keys     int64
	patterns int64 // that are counted here
	told     int64 // folded ones, by groups of other Sets
	raw      bool  // the name is one of the patterns
	into     *leaf // where the keys have gone
}

// final returns the leaf that has the keys of l.
func (l *leaf) final() *leaf {
	for l.into != nil {
		if l.into.into != nil {
			l.into = l.into.into
		}
		l = l.into
	}
	return l
}

// place is where a node is found.
type place struct {
	parent *node
	part   string
}

func (n *node) chunk() string      { return n.part[:len(n.part)-n.seps] }
func (n *node) separators() string { return n.part[len(n.part)-n.seps:] }

// sticky reports whether a part ends with a hyphen or the like: what follows may
// be the rest of one thing.
func (n *node) sticky() bool { return weakOnly(n.separators()) }

func weakOnly(seps string) bool {
	for i := range len(seps) {
		if class[seps[i]] != weak {
			return false
		}
	}
	return len(seps) > 0
}

func (n *node) name() string {
	var parts []string
	for ; n.parent != nil; n = n.parent {
		parts = append(parts, n.part)
	}
	var b strings.Builder
	for i := len(parts) - 1; i >= 0; i-- {
		b.WriteString(parts[i])
	}
	return b.String()
}

// children returns the children, which may then be moved.
func (n *node) children() []*node {
	var c []*node
	for k := n.first; k != nil; k = k.next {
		c = append(c, k)
	}
	return c
}

// kid returns the child of n that is this part, or nil.
func (s *Set) kid(n *node, part []byte, seps int) *node {
	if n.home != nil && string(part[:len(part)-seps]) == star {
		n = n.home
	}
	return s.kids[place{n, string(part)}]
}

// grow returns a child of n, a new one if need be.
func (s *Set) grow(n *node, text string) *node {
	_, seps := part([]byte(text))
	if c := s.kid(n, []byte(text), seps); c != nil {
		return c
	}
	c := &node{part: text, seps: seps, limit: s.wordLimit()}
	c.kind = kindOf([]byte(c.chunk()))
	s.attach(c, n)
	return c
}

// star returns the child of n for any word with these separators behind it.
func (s *Set) star(n *node, seps string, create bool) *node {
	if n.home != nil {
		n = n.home
	}
	if c := s.kids[place{n, star + seps}]; c != nil || !create {
		return c
	}
	return s.grow(n, star+seps)
}

// attach makes c a child of n, or, if it is a {*}, of the node that it belongs to.
func (s *Set) attach(c, n *node) {
	if c.kind == starKind && n.home != nil {
		n = n.home
	}
	c.parent = n
	c.prev, c.next = n.last, nil
	if n.last != nil {
		n.last.next = c
	} else {
		n.first = c
	}
	n.last = c
	s.kids[place{n, c.part}] = c
	s.nodes++
	if c.kind == wordKind {
		n.words++
	}
	if c.kind == starKind && c.sticky() {
		c.home = n
	}
}

// detach takes c from its parent. Nodes below it stay.
func (s *Set) detach(c *node) {
	n := c.parent
	if c.prev != nil {
		c.prev.next = c.next
	} else {
		n.first = c.next
	}
	if c.next != nil {
		c.next.prev = c.prev
	} else {
		n.last = c.prev
	}
	delete(s.kids, place{n, c.part})
	s.nodes--
	if c.kind == wordKind {
		n.words--
	}
	c.parent, c.prev, c.next = nil, nil, nil
}

// prune removes n, and then what is above it, where nothing is left.
func (s *Set) prune(n *node) {
	for n.parent != nil && n.leaf == nil && n.first == nil && (!n.closed || s.settling) {
		p := n.parent
		s.detach(n)
		n = p
	}
}

// put makes what is at and below c, which has no parent, part of what is below n.
// other is the leaf for what has no node there, if n gets no more nodes.
func (s *Set) put(c, n *node, other *leaf) {
	if other == nil {
		other = n.rest
	}
	have := s.kid(n, []byte(c.part), c.seps)
	if have == nil && n.closed && c.kind == wordKind {
		have = s.star(n, c.separators(), other == nil)
		if have != nil {
			have.took(c)
		}
	}
	switch {
	case have != nil:
		s.merge(c, have, other)
	case other != nil:
		s.empty(c, other)
	default:
		s.attach(c, n)
		c.moved()
	}
}

// merge puts what is at and below from with into. from has no parent.
func (s *Set) merge(from, into *node, other *leaf) {
	if other == nil {
		other = into.rest
	}
	into.folded += from.folded
	into.unreadable += from.unreadable
	if l := from.leaf; l != nil {
		switch {
		case into.leaf != nil:
			s.join(l, into.leaf)
		case other != nil:
			s.join(l, other)
		default:
			into.leaf, l.node = l, into
			from.leaf = nil
			l.raw = l.raw && !into.wide()
		}
	}
	// Where either has a {*} that may have a word of the other, that word
	// belongs to it: what is in one group stays so.
	if from.closed && !into.closed && !s.settling {
		into.closed = true
		for _, c := range into.children() {
			if c.kind == wordKind && c.parent == into && s.kids[place{from, c.part}] == nil {
				s.detach(c)
				s.put(c, into, other)
			}
		}
	}
	for _, c := range from.children() {
		s.detach(c)
		s.put(c, into, other)
	}
}

// empty puts all leaves at and below c, which has no parent, with l.
func (s *Set) empty(c *node, l *leaf) {
	if c.leaf != nil {
		s.join(c.leaf, l)
	}
	for _, k := range c.children() {
		s.detach(k)
		s.empty(k, l)
	}
}

// took notes that the word c has become this {*}.
func (n *node) took(c *node) {
	n.folded++
	if !readableChunk(c.chunk()) {
		n.unreadable++
	}
}

// wide reports whether a {*} or {...} is in the name of n.
func (n *node) wide() bool {
	for ; n.parent != nil; n = n.parent {
		if n.kind == starKind || n.part == rest {
			return true
		}
	}
	return false
}

// moved notes that the names of all leaves at and below n have changed, unless no
// part of them is {*}.
func (n *node) moved() {
	if !n.wide() {
		return
	}
	n.unname()
}

func (n *node) unname() {
	if n.leaf != nil {
		n.leaf.raw = false
	}
	for c := n.first; c != nil; c = c.next {
		c.unname()
	}
}

// weigh counts the keys and leaves at and below n.
func (n *node) weigh() {
	n.keys, n.leaves, n.frozen = 0, 0, n.rest != nil
	if n.leaf != nil {
		n.keys, n.leaves = n.leaf.keys, 1
	}
	for c := n.first; c != nil; c = c.next {
		c.weigh()
		n.keys += c.keys
		n.leaves += c.leaves
		n.frozen = n.frozen || c.frozen
	}
}
