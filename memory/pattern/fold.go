package pattern

import "slices"

const (
	// manyWords is how many siblings of like use a reader takes for names of
	// things, not for kinds of them.
	manyWords = 32
	// manySlugWords is the same behind a {*} and a hyphen, where most words are
	// the rest of a title.
	manySlugWords = 8
)

// wordLimit is how many words may stand at one place before a Set looks whether
// they are to be folded. It is far above manyWords, so that by then heavy words
// are known from light ones: one that a hundredth of the keys have is missing
// among a thousand keys once in 20,000 times.
func (s *Set) wordLimit() int { return min(max(s.room/4, 2*manyWords), 1024) }

// grown looks whether words are to be folded now that there is a new name: it
// ends at end, and from is the last node of it that was there before.
func (s *Set) grown(from, end *node) {
	if from.words > from.limit && !from.closed {
		s.count()
		s.foldNow(from)
		return
	}
	// Titles have few different words at any one place.
	n := end.parent
	for n != nil && n.parent != nil && n.sticky() && (n.kind == wordKind || n.chunk() == number) {
		n = n.parent
	}
	if n == nil || n == end.parent || n.closed {
		return
	}
	if n.titles++; n.titles > n.limit {
		s.count()
		n.titles = 0
		n.weigh()
		if light := s.alike(n, n.foldable()); len(light) > 0 {
			s.foldMore(n, light)
		} else {
			n.limit *= 2
		}
	}
}

// foldNow folds the words below n while keys come in.
func (s *Set) foldNow(n *node) {
	n.weigh()
	words := n.foldable()
	light := s.alike(n, words)
	if len(words)-len(light) > n.limit/2 {
		light = lightest(words)
	}
	s.foldMore(n, light)
}

// foldMore folds words below n, and the words that come together by it if these
// are too many.
func (s *Set) foldMore(n *node, words []*node) {
	for _, c := range s.foldWords(n, words) {
		if c.parent != nil && c.words > c.limit && !c.closed {
			s.foldNow(c)
		}
	}
}

// foldable returns the children of n that are words and may be folded.
func (n *node) foldable() []*node {
	var words []*node
	for c := n.first; c != nil; c = c.next {
		if c.kind == wordKind && !c.frozen {
			words = append(words, c)
		}
	}
	return words
}

// foldWords makes words below n one {*}, or several where different separators are
// behind them, together with what is below them. It returns these.
func (s *Set) foldWords(n *node, words []*node) (stars []*node) {
	n.closed = true
	if n.home != nil {
		n.home.titled = true
	}
	for _, c := range words {
		s.detach(c)
		into := s.star(n, c.separators(), true)
		into.took(c)
		s.merge(c, into, nil)
		if !slices.Contains(stars, into) {
			stars = append(stars, into)
		}
	}
	return stars
}

// alike returns the words below n that are used in a like way by many, and that
// are not heavy. n has been weighed.
func (s *Set) alike(n *node, words []*node) []*node {
	if n.home != nil {
		if len(words) <= manySlugWords {
			return nil
		}
		return slices.DeleteFunc(slices.Clone(words), func(c *node) bool { return c.keys*4 >= n.keys })
	}
	if len(words) <= manyWords {
		return nil
	}
	return likeUse(n, words)
}

func likeUse(n *node, words []*node) []*node {
	use := make([]uint64, len(words))
	classes := map[uint64][]int64{}
	for i, c := range words {
		use[i] = useOf(c)
		classes[use[i]] = append(classes[use[i]], c.keys)
	}
	for _, keys := range classes {
		slices.Sort(keys)
	}
	var light []*node
	for i, c := range words {
		class := classes[use[i]]
		if len(class) <= manyWords {
			continue
		}
		median := class[len(class)/2]
		// The first word of many titles is still one of a title.
		share := int64(20)
		if c.sticky() && use[i] == titleUse && c.separators() != "_" {
			share = 4
		} else if c.keys >= 16*median && c.keys >= 4*int64(c.leaves) {
			share = 200
		}
		if c.keys*share < n.keys || c.keys <= median {
			light = append(light, c)
		}
	}
	return light
}

// lightest returns the lighter half of words, and what is not much heavier.
func lightest(words []*node) []*node {
	if len(words) == 0 {
		return nil
	}
	keys := make([]int64, len(words))
	for i, c := range words {
		keys[i] = c.keys
	}
	slices.Sort(keys)
	most := 2 * keys[len(keys)/2]
	return slices.DeleteFunc(slices.Clone(words), func(c *node) bool { return c.keys > most })
}

// useOf says what a word is used for, by what follows it in most of its keys, the
// words of which do not matter: alice:profile and bob:settings are alike. Words
// with hyphens and the like between them are as good as one, so that the titles
// how-to-make-tea and tea are alike.
func useOf(c *node) uint64 {
	u := uses{left: 64}
	u.walk(c, titleUse, true)
	if len(u.keys) == 0 {
		return titleUse
	}
	best := 0
	for i := range u.keys {
		if u.keys[i] > u.keys[best] {
			best = i
		}
	}
	return u.hash[best]
}

// titleUse is the use of a word, or several with hyphens, with nothing behind.
const titleUse uint64 = 14695981039346656037

type uses struct {
	hash []uint64
	keys []int64
	left int // leaves to look at
}

// walk adds the leaves at and below n. h is the use up to n, without its
// separators; word tells whether n is one.
func (u *uses) walk(n *node, h uint64, word bool) {
	if n.leaf != nil && u.left > 0 {
		u.left--
		// Separators at the end of a title make a difference, or a:b: and a:b-
		// would be alike.
		u.add(hashText(h, n.separators()), n.leaf.keys)
	}
	if n.rest != nil && u.left > 0 {
		u.left--
		u.add(hashText(hashText(h, n.separators()), rest), n.rest.keys)
	}
	for c := n.first; c != nil && u.left > 0; c = c.next {
		if word && n.sticky() && (c.kind == wordKind || c.kind == starKind || c.chunk() == number) {
			u.walk(c, h, true)
			continue
		}
		k := hashText(h, n.separators())
		if c.kind == wordKind || c.kind == starKind {
			u.walk(c, hashText(k, star), true)
		} else {
			u.walk(c, hashText(k, c.chunk()), false)
		}
	}
}

func (u *uses) add(h uint64, keys int64) {
	if i := slices.Index(u.hash, h); i >= 0 {
		u.keys[i] += keys
		return
	}
	u.hash = append(u.hash, h)
	u.keys = append(u.keys, keys)
}

// hashText is FNV-1a: it must be the same in every run.
func hashText(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
