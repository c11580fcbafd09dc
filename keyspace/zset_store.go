package keyspace

import (
	"cmp"
	"math"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/internal/fpconv"
)

// source is an input of ZUNIONSTORE and its relatives: a sorted set, or a set
// whose members have the score 1.
type source struct {
	r      ref
	n      int
	weight float64
}

func (s *source) each(yield func(m scored) bool) {
	switch {
	case !s.r.ok():
	case s.r.typ() == entry.Set:
		s.r.members(func(m []byte) bool { return yield(scored{m, 1}) })
	default:
		s.r.scores(yield)
	}
}

func (s *source) score(member []byte) (float64, bool) {
	switch {
	case !s.r.ok():
		return 0, false
	case s.r.typ() == entry.Set:
		return 1, s.r.hasMember(member)
	}
	return s.r.score(member)
}

// aggregate joins two scores of a member.
type aggregate byte

const (
	aggSum aggregate = iota
	aggMin
	aggMax
)

func (a aggregate) join(x, y float64) float64 {
	switch a {
	case aggMin:
		if y < x {
			return y
		}
		return x
	case aggMax:
		if y > x {
			return y
		}
		return x
	}
	if sum := x + y; !math.IsNaN(sum) {
		return sum
	}
	return 0 // inf - inf
}

// weighted returns a score with the weight of its source. 0 * inf is 0.
func weighted(score, weight float64) float64 {
	if f := score * weight; !math.IsNaN(f) {
		return f
	}
	return 0
}

// cmdZSetOp is ZUNIONSTORE, ZINTERSTORE and ZDIFFSTORE destination n key ...
// [WEIGHTS weight ...] [AGGREGATE SUM|MIN|MAX].
func cmdZSetOp(x *Executor, args [][]byte) error {
	n, ok := parseInt(args[2])
	if !ok {
		return errNotInteger
	}
	if n < 1 {
		return ReplyError("ERR at least 1 input key is needed for '" + string(args[0]) + "' command")
	}
	if n > int64(len(args)-3) {
		return errSyntax
	}
	sources := make([]source, n)
	for i, key := range args[3 : 3+n] {
		r := x.lookup(key)
		sources[i] = source{r: r, weight: 1}
		if !r.ok() {
			continue
		}
		switch r.typ() {
		case entry.Set:
			sources[i].n = r.memberCount()
		case entry.ZSet:
			sources[i].n = r.scoreCount()
		default:
			return errWrongType
		}
	}
	op := args[0][1] | 0x20
	agg := aggSum
	for rest := args[3+n:]; len(rest) > 0; {
		switch {
		case op != 'd' && equalFold(rest[0], "WEIGHTS") && len(rest) > int(n):
			for i := range sources {
				f, ok := fpconv.ParseDouble(rest[1+i])
				if !ok {
					return ReplyError("ERR weight value is not a float")
				}
				sources[i].weight = f
			}
			rest = rest[1+n:]
		case op != 'd' && equalFold(rest[0], "AGGREGATE") && len(rest) > 1:
			switch {
			case equalFold(rest[1], "SUM"):
				agg = aggSum
			case equalFold(rest[1], "MIN"):
				agg = aggMin
			case equalFold(rest[1], "MAX"):
				agg = aggMax
			default:
				return errSyntax
			}
			rest = rest[2:]
		default:
			return errSyntax
		}
	}
	if op != 'd' { // servers add from the smallest to the largest
		slices.SortStableFunc(sources, func(a, b source) int { return cmp.Compare(a.n, b.n) })
	}
	z := &sortedSet{}
	var err error
	switch op {
	case 'u':
		err = z.union(sources, agg)
	case 'i':
		err = z.intersection(sources, agg)
	default:
		err = z.difference(sources)
	}
	if err != nil {
		return err
	}
	dst := x.lookup(args[1])
	return dst.takeScores(z)
}

func (z *sortedSet) union(sources []source, agg aggregate) (err error) {
	for i := range sources {
		s := &sources[i]
		s.each(func(m scored) bool {
			f := weighted(m.score, s.weight)
			if at := z.find(m.member); at >= 0 {
				f = agg.join(scoreOf(z.block(at).value()), f)
			}
			err = z.set(m.member, f)
			return err == nil
		})
	}
	return err
}

func (z *sortedSet) intersection(sources []source, agg aggregate) (err error) {
	first := &sources[0]
	first.each(func(m scored) bool {
		f := weighted(m.score, first.weight)
		for i := 1; i < len(sources); i++ {
			s := &sources[i]
			v, ok := s.score(m.member)
			if !ok {
				return true
			}
			f = agg.join(f, v*s.weight)
		}
		err = z.set(m.member, f)
		return err == nil
	})
	return err
}

func (z *sortedSet) difference(sources []source) (err error) {
	sources[0].each(func(m scored) bool {
		for i := 1; i < len(sources); i++ {
			if _, has := sources[i].score(m.member); has {
				return true
			}
		}
		err = z.set(m.member, m.score)
		return err == nil
	})
	return err
}
