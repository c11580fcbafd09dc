package keyspace

import (
	"bytes"
	"slices"

	"github.com/rdbtool/rdbtool/internal/fpconv"
)

// scoreRange is what ZRANGEBYSCORE and its relatives ask for.
type scoreRange struct {
	min, max     float64
	minEx, maxEx bool
}

func parseScoreRange(lo, hi []byte) (g scoreRange, err error) {
	bound := func(b []byte) (float64, bool, error) {
		open := len(b) > 0 && b[0] == '('
		if open {
			b = b[1:]
		}
		f, ok := fpconv.ParseDouble(b)
		if !ok {
			return 0, false, errMinMax
		}
		return f, open, nil
	}
	if g.min, g.minEx, err = bound(lo); err != nil {
		return g, err
	}
	g.max, g.maxEx, err = bound(hi)
	return g, err
}

// ranks returns the ranks in the range: from, and before end.
func (g *scoreRange) ranks(k *ranking) (from, end int, err error) {
	from = k.search(func(s scored) bool { return s.score > g.min || !g.minEx && s.score == g.min })
	end = k.search(func(s scored) bool { return s.score > g.max || g.maxEx && s.score == g.max })
	return from, max(from, end), nil
}

// lexRange is what ZRANGEBYLEX and its relatives ask for: members of a sorted
// set whose scores are all the same.
type lexRange struct{ min, max lexBound }

type lexBound struct {
	text      []byte
	open      bool
	low, high bool // - and +
}

func parseLexRange(lo, hi []byte) (g lexRange, err error) {
	bound := func(b []byte) (l lexBound, err error) {
		switch {
		case string(b) == "-":
			return lexBound{low: true}, nil
		case string(b) == "+":
			return lexBound{high: true}, nil
		case len(b) > 0 && (b[0] == '(' || b[0] == '['):
			return lexBound{text: b[1:], open: b[0] == '('}, nil
		}
		return l, errMinMaxLex
	}
	if g.min, err = bound(lo); err != nil {
		return g, err
	}
	g.max, err = bound(hi)
	return g, err
}

// below reports whether a member lies before the bound, as a lower one.
func (l *lexBound) below(member []byte) bool {
	if l.low || l.high {
		return l.high
	}
	c := bytes.Compare(member, l.text)
	return c < 0 || l.open && c == 0
}

// above reports whether a member lies behind the bound, as an upper one.
func (l *lexBound) above(member []byte) bool {
	if l.low || l.high {
		return l.low
	}
	c := bytes.Compare(member, l.text)
	return c > 0 || l.open && c == 0
}

// ranks returns the ranks in the range. A range by names is made for members
// whose scores are all the same. Where they are not, servers walk through a
// packed set from the front, or with rev from the back, and stop at the first
// member beyond; what they do with a large one cannot be known, unless the names
// are in order all the same.
func (g *lexRange) ranks(k *ranking, rev bool) (from, end int, err error) {
	n := k.len()
	if n == 0 {
		return 0, 0, nil
	}
	first, last := k.at(0), k.at(n-1)
	if first.score != last.score && k.order != nil {
		return g.inOrder(k)
	}
	if first.score == last.score {
		from = k.search(func(s scored) bool { return !g.min.below(s.member) })
		end = k.search(func(s scored) bool { return g.max.above(s.member) })
		return from, max(from, end), nil
	}
	if g.min.below(last.member) || g.max.above(first.member) || g.empty() {
		return 0, 0, nil
	}
	in := func(i int) bool { return !g.min.below(k.list[i].member) && !g.max.above(k.list[i].member) }
	if rev {
		for end = n; end > 0 && g.max.above(k.list[end-1].member); {
			end--
		}
		if end == 0 || !in(end-1) {
			return 0, 0, nil
		}
		for from = end; from > 0 && !g.min.below(k.list[from-1].member); {
			from--
		}
		return from, end, nil
	}
	for from < n && g.min.below(k.list[from].member) {
		from++
	}
	if from == n || !in(from) {
		return 0, 0, nil
	}
	for end = from; end < n && !g.max.above(k.list[end].member); {
		end++
	}
	return from, end, nil
}

// empty reports whether nothing can lie in the range.
func (g *lexRange) empty() bool {
	if g.min.low || g.max.high {
		return g.min.high || g.max.low
	}
	if g.min.high || g.max.low {
		return true
	}
	c := bytes.Compare(g.min.text, g.max.text)
	return c > 0 || c == 0 && (g.min.open || g.max.open)
}

// inOrder is ranks for a large set of several scores.
func (g *lexRange) inOrder(k *ranking) (from, end int, err error) {
	from, end = -1, -1
	for i, s := range k.members(0, k.len()) {
		below, above := g.min.below(s.member), g.max.above(s.member)
		if below && from >= 0 || !above && end >= 0 {
			return 0, 0, &UnsupportedError{Command: "a range by names", Reason: "the scores of the sorted set are not all the same"}
		}
		if !below && from < 0 {
			from = i
		}
		if above && end < 0 {
			end = i
		}
	}
	if from < 0 {
		from = k.len()
	}
	if end < 0 {
		end = k.len()
	}
	return from, max(from, end), nil
}

func cmdZRemRangeByRank(x *Executor, args [][]byte) error {
	start, err := intArg(args[2])
	if err != nil {
		return err
	}
	stop, err := intArg(args[3])
	if err != nil {
		return err
	}
	r, err := x.zset(args[1], false)
	if err != nil || !r.ok() {
		return err
	}
	k := r.ranking()
	from, end := span(start, stop, k.len())
	return r.removeRanks(&k, from, end)
}

func cmdZRemRangeByScore(x *Executor, args [][]byte) error {
	g, err := parseScoreRange(args[2], args[3])
	if err != nil {
		return err
	}
	return x.removeRange(args[1], g.ranks)
}

func cmdZRemRangeByLex(x *Executor, args [][]byte) error {
	g, err := parseLexRange(args[2], args[3])
	if err != nil {
		return err
	}
	return x.removeRange(args[1], func(k *ranking) (int, int, error) { return g.ranks(k, false) })
}

func (x *Executor) removeRange(key []byte, ranks func(k *ranking) (from, end int, err error)) error {
	r, err := x.zset(key, false)
	if err != nil || !r.ok() {
		return err
	}
	k := r.ranking()
	from, end, err := ranks(&k)
	if err != nil {
		return err
	}
	return r.removeRanks(&k, from, end)
}

// cmdZRangeStore is ZRANGESTORE destination source min max [BYSCORE|BYLEX]
// [REV] [LIMIT offset count].
func cmdZRangeStore(x *Executor, args [][]byte) error {
	byScore, byLex, rev := false, false, false
	off, count := int64(0), int64(-1)
	limited := false
	for i := 5; i < len(args); i++ {
		switch a := args[i]; {
		case equalFold(a, "BYSCORE"):
			byScore = true
		case equalFold(a, "BYLEX"):
			byLex = true
		case equalFold(a, "REV"):
			rev = true
		case equalFold(a, "LIMIT") && i+2 < len(args):
			var err error
			if off, err = intArg(args[i+1]); err != nil {
				return err
			}
			if count, err = intArg(args[i+2]); err != nil {
				return err
			}
			limited = true
			i += 2
		default:
			return errSyntax
		}
	}
	if byScore && byLex || limited && !byScore && !byLex {
		return errSyntax
	}
	lo, hi := args[3], args[4]
	var ranks func(k *ranking) (int, int, error)
	switch {
	case byScore || byLex:
		if rev {
			lo, hi = hi, lo
		}
		if byLex {
			g, err := parseLexRange(lo, hi)
			if err != nil {
				return err
			}
			ranks = func(k *ranking) (int, int, error) { return g.ranks(k, rev) }
			break
		}
		g, err := parseScoreRange(lo, hi)
		if err != nil {
			return err
		}
		ranks = g.ranks
	default:
		start, err := intArg(lo)
		if err != nil {
			return err
		}
		stop, err := intArg(hi)
		if err != nil {
			return err
		}
		ranks = func(k *ranking) (int, int, error) {
			from, end := span(start, stop, k.len())
			if rev {
				from, end = k.len()-end, k.len()-from
			}
			return from, end, nil
		}
	}
	src, err := x.zset(args[2], false)
	if err != nil {
		return err
	}
	result := &sortedSet{}
	if src.ok() {
		k := src.ranking()
		from, end, err := ranks(&k)
		if err != nil {
			return err
		}
		if n := int64(end - from); off < 0 && off >= -n && k.order != nil {
			return &UnsupportedError{Command: string(x.name), Reason: "some releases count a negative offset from the end, in large sorted sets"}
		}
		from, end = limit(from, end, off, count, rev)
		members := k.members(from, end)
		if rev {
			slices.Reverse(members)
		}
		// A server adds to a small set, as long as it is one, unless it knows before
		// that there will be too many.
		large := !byScore && !byLex && len(members) > maxPackedScores
		for i, s := range members {
			if large = large || i >= maxPackedScores || len(s.member) > maxPackedMember; !large {
				s.score = src.d.packedScore(s.score)
			}
			if err := result.set(s.member, s.score); err != nil {
				return err
			}
		}
	}
	dst := x.lookup(args[1])
	return dst.takeScores(result)
}

// limit applies LIMIT to a range that is walked forward, or backward.
func limit(from, end int, off, count int64, rev bool) (int, int) {
	n := int64(end - from)
	if off < 0 || off >= n {
		return from, from
	}
	take := n - off
	if count >= 0 {
		take = min(take, count)
	}
	if rev {
		return end - int(off+take), end - int(off)
	}
	return from + int(off), from + int(off+take)
}
