package pattern

import "strings"

// Set gathers patterns in groups. A group is one pattern, or several that have
// been folded into a wider one. There are never more groups than Room says, and
// in the end, after Settle, no more than were asked for.
//
// Two things make it fold:
//
//   - Nature. Where many words of like use stand at one place, such as names of
//     users, they are one {*}: see fold. Words that many keys have stay.
//   - Want of room. Then what is light is folded first where words are many, then
//     where they are few, and in the end whatever follows becomes {...}.
//
// A Set begins to fold while keys come in, for its memory, and draws the final
// picture in Settle, when all counts are known.
//
// What comes out depends on the keys and their order alone, not on how they were
// cut into batches for Add: patterns are only ever put together, and once two are
// in one group they stay so. So a pattern that is folded early, when it was
// light, is not seen any more if it grows heavy later. One that is heavy from the
// start is counted to the key.
//
// A Set is for one goroutine.
type Set struct {
	max      int // groups in the end
	room     int // groups while keys come in
	maxNodes int
	natural  bool
	full     bool // has folded for want of room
	settling bool
	step     int // where the search for room begins, of steps
	depth    int // and from how deep nodes are cut
	target   int // how many groups are to be left then

	root   *node
	kids   map[place]*node
	nodes  int
	leaves []*leaf // by group
	free   []int   // groups that are no more
	told   []bool  // groups that the caller may have figures of
	move   func(from, into int)

	batch batch
}

// batch is what Add has counted, but not yet added to the leaves.
type batch struct {
	leaves []*leaf // by local number
	keys   []int64
	groups []int
}

// minRoom is how many groups a Set may have while keys come in, even if fewer are
// asked for: with more of them known, the light ones are told better.
const minRoom = 4096

// NewSet returns a Set for max groups, at least one.
func NewSet(max int) *Set { return newSet(max, minRoom, true) }

// NewExactSet returns a Set that folds for want of room alone: for names that
// someone has asked for.
func NewExactSet(max int) *Set { return newSet(max, minRoom, false) }

func newSet(most, room int, natural bool) *Set {
	most = max(most, 1)
	room = max(most, room)
	s := &Set{max: most, room: room, maxNodes: 8*room + maxParts, natural: natural, kids: map[place]*node{}}
	s.depth, s.target = maxParts, room*3/4
	s.root = &node{limit: s.wordLimit()}
	return s
}

// Add takes in a batch of keys. names are their patterns, by local number, in the
// order in which they first appear; ids has the local number of each key. For each
// local number Add returns the group that these keys now belong to, all of them;
// the slice is valid until the next call.
//
// Groups have small numbers, less than Room. While Add runs it
// calls fold for each group that is no more: its figures go to another one, and
// its number may stand for a new group, without figures, from then on. fold is not
// called for a group that has come and gone within this call.
func (s *Set) Add(names [][]byte, ids []uint32, fold func(from, into int)) (groups []int) {
	s.move = fold
	b := &s.batch
	b.leaves, b.keys, b.groups = b.leaves[:0], b.keys[:0], b.groups[:0]
	for _, id := range ids {
		if int(id) >= len(b.leaves) {
			b.leaves = append(b.leaves, nil)
			b.keys = append(b.keys, 0)
			b.leaves[id] = s.insert(names[id])
		}
		b.keys[id]++
	}
	s.count()
	for _, l := range b.leaves {
		b.groups = append(b.groups, l.group)
		s.told[l.group] = true
	}
	clear(b.leaves)
	b.leaves = b.leaves[:0]
	s.move = nil
	return b.groups
}

// AddGroup takes in a group of another Set: its name, how many keys it has, and
// how many patterns are folded in it. It returns the group to add its figures to.
// To take in Sets one after another gives the same result wherever they come
// from, if the groups of each come in the same order.
func (s *Set) AddGroup(name string, keys, folded int64, fold func(from, into int)) (group int) {
	s.move = fold
	l := s.insert(clip(name)).final()
	l.keys += keys
	l.told = max(l.told, folded)
	s.told[l.group] = true
	s.move = nil
	return l.group
}

// clip makes a name that did not come from Append fit for the tree.
func clip(name string) []byte {
	b := []byte(strings.ToValidUTF8(name, "\uFFFD"))
	if len(b) > MaxName {
		b = cut(b, 0, MaxName-len(rest))
	}
	return b
}

// Settle draws the final picture of the groups, with fold as in Add. It is called
// once, after all keys have been added.
func (s *Set) Settle(fold func(from, into int)) {
	s.move = fold
	s.settling = true
	if s.natural {
		s.settle(s.root)
	}
	s.fit()
	s.settling = false
	s.move = nil
}

// Room returns how many groups there may be before Settle. Their numbers are less.
func (s *Set) Room() int { return s.room }

// Len returns the number of groups.
func (s *Set) Len() int { return len(s.leaves) - len(s.free) }

// Groups returns the numbers of all groups, lowest first.
func (s *Set) Groups() []int {
	groups := make([]int, 0, s.Len())
	for g, l := range s.leaves {
		if l != nil {
			groups = append(groups, g)
		}
	}
	return groups
}

// Name returns the name of a group. It may change as long as keys are added.
func (s *Set) Name(group int) string { return s.leaves[group].node.name() }

// Keys returns how many keys of a group have been added.
func (s *Set) Keys(group int) int64 { return s.leaves[group].keys }

// Folded returns how many patterns have been folded into a group, beside the one
// that it is named for if that is one. There may be more: what is folded is not
// remembered, and a pattern that comes later may be a new one or one of these.
func (s *Set) Folded(group int) int64 {
	l := s.leaves[group]
	n := l.patterns
	if l.raw {
		n--
	}
	return max(n, l.told)
}

// Overflowed reports whether patterns have been folded for want of room.
func (s *Set) Overflowed() bool { return s.full }

// insert returns the leaf for a name, a new one if need be.
func (s *Set) insert(name []byte) *leaf {
	n, depth, after, l := s.find(name)
	if l != nil {
		return l
	}
	if s.Len() >= s.room || s.nodes+maxParts > s.maxNodes {
		s.count()
		s.makeRoom()
		if n, depth, after, l = s.find(name); l != nil {
			return l
		}
	}
	from := n
	for len(after) > 0 {
		p, _ := part(after)
		if depth == maxParts-1 && p < len(after) {
			after = []byte(rest)
			p = len(rest)
		}
		n = s.grow(n, string(after[:p]))
		after = after[p:]
		depth++
	}
	l = s.newLeaf(n)
	if s.natural {
		s.grown(from, n)
	}
	return l.final()
}

// find follows a name as far as there are nodes for it. It returns the last of
// them, how many parts of the name led there and what is left of it, and the leaf
// if no new one is to be made.
func (s *Set) find(name []byte) (n *node, depth int, after []byte, l *leaf) {
	n, after = s.root, name
	var other *leaf // for what has no node of its own
	for ; ; depth++ {
		if other == nil && n.rest != nil {
			other = n.rest
		}
		if len(after) == 0 {
			break
		}
		p, seps := part(after)
		if depth >= maxParts-1 && p < len(after) {
			after = []byte(rest)
			p, seps = len(rest), 0
		}
		c := s.kid(n, after[:p], seps)
		if c == nil && n.closed && wordy(after[:p-seps]) {
			c = s.star(n, string(after[p-seps:p]), other == nil)
		}
		if c == nil {
			return n, depth, after, other
		}
		n, after = c, after[p:]
	}
	if n.leaf == nil {
		return n, depth, nil, other
	}
	return n, depth, nil, n.leaf
}

// newLeaf makes a group of the name that ends at n.
func (s *Set) newLeaf(n *node) *leaf {
	l := &leaf{node: n, patterns: 1, raw: true}
	for p := n; p.parent != nil; p = p.parent {
		if p.kind == starKind || p.part == rest {
			l.patterns, l.raw = 0, false
		}
	}
	n.leaf = l
	if k := len(s.free); k > 0 {
		l.group = s.free[k-1]
		s.free = s.free[:k-1]
		s.leaves[l.group] = l
		return l
	}
	l.group = len(s.leaves)
	s.leaves = append(s.leaves, l)
	s.told = append(s.told, false)
	return l
}

// count adds what has been counted since to the leaves.
func (s *Set) count() {
	b := &s.batch
	for i, l := range b.leaves {
		if l == nil {
			continue // the one that is being inserted
		}
		l = l.final()
		b.leaves[i] = l
		l.keys += b.keys[i]
		b.keys[i] = 0
	}
}

// join puts the keys of one leaf with those of another.
func (s *Set) join(from, into *leaf) {
	if from == into {
		return
	}
	into.keys += from.keys
	into.patterns += from.patterns
	into.told += from.told
	from.into = into
	from.node.leaf = nil
	from.node = nil
	s.leaves[from.group] = nil
	s.free = append(s.free, from.group)
	if s.told[from.group] {
		s.told[from.group] = false
		s.told[into.group] = true
		if s.move != nil {
			s.move(from.group, into.group)
		}
	}
}
