package pattern

import (
	"slices"
	"strings"
)

// settle folds the words at and below n, now that all keys are counted.
func (s *Set) settle(n *node) {
	n.weigh()
	if n.rest == nil {
		if words := s.alike(n, n.foldable()); len(words) > 0 {
			s.foldWords(n, words)
			n.weigh()
		}
		s.foldCovered(n)
		s.absorb(n)
		s.absorbTokens(n, ident)
		s.absorbTokens(n, binary)
		s.absorbOddments(n)
	}
	for again := true; again; {
		again = false
		for _, c := range n.children() {
			if c.parent != n {
				continue
			}
			before := n.words
			s.settle(c)
			again = again || n.words > before
		}
	}
	s.absorbTitles(n)
	s.prune(n)
}

// foldCovered folds words below n that are heavier than others, but have nothing
// that is not with the lighter ones too, and more of it.
func (s *Set) foldCovered(n *node) {
	if !n.closed {
		return
	}
	for _, c := range n.foldable() {
		if into := s.star(n, c.separators(), false); into != nil && into != c && !into.frozen && c.keys*20 < n.keys && covered(c, into) {
			s.foldWords(n, []*node{c})
			into.weigh()
		}
	}
	n.weigh()
}

// covered reports whether each leaf at and below c is there at and below into,
// with four times as many keys.
func covered(c, into *node) bool {
	if c.leaf != nil && (into.leaf == nil || into.leaf.keys < 4*c.leaf.keys) {
		return false
	}
	for k := c.first; k != nil; k = k.next {
		t := into.first
		for t != nil && t.part != k.part {
			t = t.next
		}
		if t == nil || !covered(k, t) {
			return false
		}
	}
	return true
}

// absorbTitles puts numbers and dates in titles with the words of them: below n,
// or, if that is the {*} of a title, behind it.
func (s *Set) absorbTitles(n *node) {
	if !n.closed {
		return
	}
	home := n
	if n.home != nil {
		home = n.home
	}
	for again := true; again; {
		again = false
		home.weigh()
		for _, c := range n.children() {
			if c.kind != placeholderKind || c.part == rest || c.frozen || c.keys*4 > home.keys {
				continue
			}
			// A number alone is no title.
			if n == home && !c.sticky() || c.sticky() && !home.titled {
				continue
			}
			into := s.star(n, c.separators(), c.sticky())
			if into == nil || into.frozen {
				continue
			}
			into.closed = into.closed || c.sticky()
			s.detach(c)
			s.merge(c, into, nil)
			again = true
		}
	}
}

// absorb puts together what Append had to tell apart by looking at one name: a hex
// digest that happens to be all digits, a number like a date. n has been weighed.
func (s *Set) absorb(n *node) {
	s.absorbNumbered(n)
	like := func(c *node, chunk string, times int64) *node {
		t := s.kids[place{n, chunk + c.separators()}]
		if t == nil || t == c || t.frozen || c.keys*times >= t.keys && (c.keys > 1 || t.keys < 8) {
			return nil
		}
		return t
	}
	var plainWords []*node
	for _, c := range n.children() {
		if c.frozen || c.parent != n {
			continue
		}
		var into *node
		first := func(nodes ...*node) {
			for _, t := range nodes {
				if into == nil {
					into = t
				}
			}
		}
		switch chunk := c.chunk(); {
		case chunk == date || chunk == datetime:
			first(like(c, number, 200), like(c, hex, 100), like(c, ident, 100))
		case chunk == number:
			first(like(c, hex, 20), like(c, ident, 20))
		case chunk == hex:
			first(like(c, ident, 10))
		case c.kind == starKind && c.unreadable*5 >= c.folded*4 && c.folded > 0:
			if t := s.kids[place{n, ident + c.separators()}]; t != nil && !t.frozen && c.keys < 4*t.keys {
				into = t
			}
		case c.kind != wordKind || c.sticky():
		case hexChunk(chunk) && len(chunk) >= 6:
			first(like(c, hex, 20), like(c, ident, 20))
		case !readableChunk(chunk):
			first(like(c, ident, 20))
		case like(c, ident, 100) != nil:
			plainWords = append(plainWords, c)
		}
		if into != nil {
			s.detach(c)
			s.merge(c, into, nil)
			into.weigh()
		}
	}
	// One word beside many random ones has a meaning, many have none.
	if len(plainWords) >= 8 {
		for _, c := range plainWords {
			if into := s.kids[place{n, ident + c.separators()}]; into != nil {
				s.detach(c)
				s.merge(c, into, nil)
			}
		}
	}
	n.weigh()
}

// absorbTokens puts random text that separators have cut in several parts with
// what has none in it, where that is by far the most: sess:{id}-{n} and sess:x_{id}
// with sess:{id}. what is {id} or {bin}.
func (s *Set) absorbTokens(n *node, what string) {
	for _, t := range n.children() {
		if t.chunk() != what || t.frozen || t.parent != n {
			continue
		}
		var plainWords []*node
		for _, c := range n.children() {
			if c == t || c.parent != n || c.frozen || c.seps == 0 || c.keys*4 > t.keys || !inToken(c.separators(), what) {
				continue
			}
			if c.kind == wordKind && c.keys*20 > t.keys {
				continue
			}
			if c.kind == wordKind && len(c.part) > 3 && readableChunk(c.chunk()) {
				plainWords = append(plainWords, c)
				continue
			}
			s.gatherTokens(c, t, what, c.chunk() == what)
		}
		if len(plainWords) >= 8 {
			for _, c := range plainWords {
				s.gatherTokens(c, t, what, false)
			}
		}
		t.weigh()
	}
	n.weigh()
}

// inToken reports whether random text may have these separators in it.
func inToken(seps, what string) bool {
	for i := range len(seps) {
		switch c := seps[i]; {
		case what == binary && c != ':':
		case c == '-' || c == '_' || c == '+' || c == '/' || c == '=':
		default:
			return false
		}
	}
	return true
}

// gatherTokens puts with t what is below c and has the separators of t behind it,
// if all parts that lead there may be part of random text, and one is.
func (s *Set) gatherTokens(c, t *node, what string, found bool) {
	for _, k := range c.children() {
		is := found || k.chunk() == what
		if k.separators() == t.separators() {
			if is && (k.kind == starKind || k.kind == wordKind && k.keys*20 <= t.keys || k.chunk() == what || k.chunk() == number) {
				s.detach(k)
				s.merge(k, t, nil)
			}
			continue
		}
		if k.seps > 0 && inToken(k.separators(), what) {
			s.gatherTokens(k, t, what, is)
		}
	}
	s.prune(c)
}

// absorbOddments puts with {id} or {bin} the names in which Append saw no more
// than parts of what is random, each of which has but a key or two.
func (s *Set) absorbOddments(n *node) {
	for _, what := range [...]string{ident, binary} {
		t := s.kids[place{n, what}]
		if t == nil || t.leaf == nil || what == ident && t.leaf.keys*5 < n.keys*4 {
			continue
		}
		list := n.children()
		if n.parent != nil {
			for c := n.parent.first; c != nil; c = c.next {
				if c != n && strings.HasPrefix(c.part, n.part) { // a:{id} and a:/{id}
					c.weigh()
					list = append(list, c)
				}
			}
		}
		for _, c := range list {
			if c == t || c.frozen || c.keys*20 >= t.leaf.keys || c.keys > 2*int64(c.leaves) {
				continue
			}
			if c.parent != n {
				for _, k := range c.children() {
					s.oddments(k, t, what, false)
				}
				s.prune(c)
				continue
			}
			word := c.kind == wordKind && readableChunk(c.chunk()) && len(c.chunk()) > 2
			if what == binary && word && (len(c.chunk()) > 6 || c.keys*200 >= t.leaf.keys) {
				continue
			}
			s.oddments(c, t, what, false)
		}
	}
	n.weigh()
}

func (s *Set) oddments(c, t *node, what string, found bool) {
	if c.kind == placeholderKind && c.chunk() != what && what == ident && c.chunk() != number && c.chunk() != hex {
		return
	}
	if what == ident && !inToken(c.separators(), what) {
		return
	}
	found = found || c.chunk() == what || c.kind == wordKind && (what == ident && !readableChunk(c.chunk()) || what == binary && !ascii(c.chunk()))
	for _, k := range c.children() {
		s.oddments(k, t, what, found)
	}
	if c.leaf != nil && found && c.leaf.keys <= 2 {
		s.join(c.leaf, t.leaf)
	}
	s.prune(c)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// absorbNumbered puts words whose digits seemed to belong to them, such as s1, s2
// and so on, under one number if there are many of them.
func (s *Set) absorbNumbered(n *node) {
	forms := map[string][]*node{}
	var order []string
	for c := n.first; c != nil; c = c.next {
		if c.kind != wordKind || c.frozen {
			continue
		}
		if f := numberedForm(c.part); f != "" {
			if forms[f] == nil {
				order = append(order, f)
			}
			forms[f] = append(forms[f], c)
		}
	}
	for _, f := range order {
		words := forms[f]
		many := 5
		if f[0]|0x20 == 'v' && f[1:4] == number {
			many = 16
		}
		into := s.kids[place{n, f}]
		if len(words) < many && (into == nil || into.frozen || into.keys < int64(len(words))) {
			continue
		}
		into = s.grow(n, f)
		for _, c := range words {
			if c != into {
				s.detach(c)
				s.merge(c, into, nil)
			}
		}
		into.weigh()
	}
}

// numberedForm is a part with {n} for the digits in it, or empty if it has none.
func numberedForm(part string) string {
	var f []byte
	found := false
	for i := 0; i < len(part); {
		if p := placeholder([]byte(part[i:])); p > 0 {
			f = append(f, part[i:i+p]...)
			i += p
			continue
		}
		if class[part[i]] != digit {
			f = append(f, part[i])
			i++
			continue
		}
		for i < len(part) && class[part[i]] == digit {
			i++
		}
		f = append(f, number...)
		found = true
	}
	if !found || len(f) < 4 {
		return ""
	}
	return string(f)
}

// readableChunk reports whether a part reads like a word.
func readableChunk(chunk string) bool {
	b := []byte(chunk)
	return !slices.ContainsFunc(b, func(c byte) bool { return class[c] == digit || c == '{' }) && readable(b) && !(len(b) >= 6 && odd(b, 40))
}

// hexChunk reports whether a part may come of a hexadecimal digest.
func hexChunk(chunk string) bool {
	for i := 0; i < len(chunk); i++ {
		if p := placeholder([]byte(chunk[i:])); p > 0 {
			if chunk[i:i+p] != number {
				return false
			}
			i += p - 1
			continue
		}
		if class[chunk[i]]&^hexDigit != 0 {
			return false
		}
	}
	return true
}
