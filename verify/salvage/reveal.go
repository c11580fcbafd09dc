package salvage

import (
	"context"
	"maps"
	"math"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// reveal looks for records whose lengths take in good records behind them, and
// end by chance where one of these does:
//
//	|--record--|--record--|--record--|--record--
//	|--wrong length------------------|--record--
//
// Nothing fails there. That there is one is told by the number of keys that a
// database announces, or by the checksum. Each one found is banned, and the file
// read once more.
func (s *salvage) reveal(ctx context.Context) error {
	if s.checked == rdb.ChecksumOK || s.trusted {
		return nil
	}
	if err := s.revealUnsound(ctx); err != nil {
		return err
	}
	nothing := len(s.sc.announced) == 0 && s.sc.plan.damaged()
	if nothing || some(s.census(), func(c *census) bool { return c.excess() > 0 }) {
		// What is left of a damaged value was taken for records, or may have been.
		before, banned := s.sc, maps.Clone(s.banned)
		s.picky = true
		if err := s.scan(ctx); err != nil {
			return err
		}
		if s.incomplete() {
			s.sc, s.picky, s.banned = before, false, banned
		}
	}
	for n := range maxReveals {
		if n > 1 && s.scanned > maxScanned {
			return nil
		}
		if more, err := s.unmask(ctx); err != nil || !more {
			return err
		}
	}
	return nil
}

// unmask has a record be none, or a database begin in a gap, and scans the file again. Where
// the numbers fit less then, another record may have come to the fore that takes in as many:
// it goes too. If that is no help, all is as before, and the first is not suspected again. It
// reports whether there was one.
func (s *salvage) unmask(ctx context.Context) (more bool, err error) {
	before, misfit := s.sc, s.unexplained()
	banned, certain := maps.Clone(s.banned), maps.Clone(s.certain)
	first := int64(-1)
	for range maxCovered {
		at, ok := s.hiddenDatabase()
		if ok {
			s.certain[at] = true
		} else if at, ok, err = s.impostor(ctx); err != nil {
			return false, err
		} else if ok {
			s.ban(at)
		}
		if !ok {
			break
		}
		if first < 0 {
			first = at
		}
		if err := s.again(ctx); err != nil {
			return false, err
		}
		if s.unexplained() <= misfit {
			return true, nil
		}
	}
	if first < 0 {
		return false, nil
	}
	s.sc, s.banned, s.certain = before, banned, certain
	if s.innocent == nil {
		s.innocent = map[int64]bool{}
	}
	s.innocent[first] = true
	return len(s.innocent) < maxInnocent, nil
}

// again scans the file once more. Where that may find many more keys than are known, it
// learns from them anew.
func (s *salvage) again(ctx context.Context) error {
	if s.learnt == nil || s.learnt.keys < fewLearnt {
		s.learnt = nil
		return s.look(ctx)
	}
	return s.scan(ctx)
}

const (
	// maxReveals is how often the file is read again.
	maxReveals = 16
	// maxCovered is how many records may take in the same keys.
	maxCovered = 2
	// maxInnocent is how many are suspected for nothing.
	maxInnocent = 3
	// maxScanned is how many bytes are scanned, but for the first two times.
	maxScanned = 16 << 30
)

// some reports whether one of the databases is so.
func some(all map[int]*census, is func(c *census) bool) bool {
	for _, c := range all {
		if is(c) {
			return true
		}
	}
	return false
}

// unexplained is how far all databases are from what they announce, where gaps may also have
// held the records that seem to begin in them.
func (s *salvage) unexplained() (n int64) {
	for _, c := range s.census() {
		n += c.sure() + max(c.missing()-c.heads, 0)
	}
	return n
}

// incomplete reports whether keys are missing that no damage explains.
func (s *salvage) incomplete() bool {
	all := s.census()
	return some(all, func(c *census) bool { return c.missing() > 0 }) || len(s.sc.announced) == 0 && !s.sc.plan.damaged()
}

// impostor returns the place of a record that is none.
func (s *salvage) impostor(ctx context.Context) (at int64, ok bool, err error) {
	all, damaged := s.census(), s.sc.plan.damaged()
	told := len(s.sc.announced) > 0
	if at, ok := s.noDatabase(all); ok {
		return at, true, nil
	}
	if some(all, func(c *census) bool { return c.sure() > 0 }) {
		if at, ok, err := s.eachLoose(ctx, s.takesDatabase(all)); ok || err != nil {
			return at, ok, err
		}
	}
	odd := some(all, func(c *census) bool { return c.misfit() > 0 })
	s.sc.amiss = odd
	if odd || !told || some(all, func(c *census) bool { return c.maybe() > 0 }) {
		// Strings may well hold records. Where nothing tells for sure, only those
		// count that end where the string does, and do not begin where it begins.
		sure := odd || !told && !damaged
		at, ok, err := s.eachLoose(ctx, func(r *rdb.Record, st rdb.State, before int64) (bool, error) {
			if r.End-r.Offset <= minSwallower {
				return false, nil
			}
			whole := s.sc.ev.keep(r)
			if r.Type != entry.String && !told {
				path, err := s.sc.swallowed(ctx, &whole, st)
				if !damaged && gaps(path) > 1 && !s.holdsDamaged(path) {
					return false, err // what a wrong length takes in is whole, or damaged itself
				}
				// An empty value looks like a string, whose key is the next field.
				return slices.ContainsFunc(path, func(st *step) bool { return st.n > 1 || st.first != 0 }), err
			}
			if r.Type != entry.String || sure {
				return s.sc.swallows(ctx, &whole, st)
			}
			from := textAt(s.sc.p, r)
			path, err := s.sc.inside(ctx, &whole, st.DB())
			return len(path) > 0 && path[0].off > from && path[len(path)-1].end == whole.end, err
		})
		if ok || err != nil {
			return at, ok, err
		}
	}
	if told {
		if at, ok, err := s.eachLoose(ctx, s.holdsDatabase(ctx, all)); ok || err != nil {
			return at, ok, err
		}
	}
	if told {
		if at, ok, err := s.eachLoose(ctx, s.zerosBehind(all)); ok || err != nil {
			return at, ok, err
		}
	}
	return s.byExpiries(ctx, all, damaged)
}

// zerosBehind returns a test of records: whether one is made of zeros, and a gap held more than
// the one key that it stands for, or the record before seems to have taken one in.
func (s *salvage) zerosBehind(all map[int]*census) func(r *rdb.Record, st rdb.State, before int64) (bool, error) {
	var off, end int64 // of the record before, that is none of these
	return func(r *rdb.Record, st rdb.State, _ int64) (bool, error) {
		at, to := r.Offset, r.End
		if !zeros(s.sc.p, r) {
			off, end = at, to
			return false, nil
		}
		c := all[st.DB()]
		if c != nil && c.told && c.excess()+c.heads > 0 || at == end && s.sc.ev.headsBehind(s.sc.p, off, end) > 0 {
			return true, nil
		}
		if at == end {
			end = to
		}
		return false, nil
	}
}

// gaps returns how many gaps there are on a path.
func gaps(path []*step) (n int) {
	for _, st := range path {
		if st.gap {
			n++
		}
	}
	return n
}

// holdsDamaged reports whether a gap on a path, but for that before it, begins as a record: one
// whose value is damaged.
func (s *salvage) holdsDamaged(path []*step) bool {
	for i := 1; i < len(path); i++ {
		if path[i].gap && s.sc.ev.clearHead(s.sc.p, path[i-1].end) {
			return true
		}
	}
	return false
}

// eachLoose calls is with each record of a key that nothing proves the end of, the
// state there, and how many keys its database has before it. It returns the first for
// which it is true.
func (s *salvage) eachLoose(ctx context.Context, is func(r *rdb.Record, st rdb.State, before int64) (bool, error)) (at int64, ok bool, err error) {
	sc := s.sc
	before := map[int]int64{}
	for i := range sc.plan.pieces {
		pc := &sc.plan.pieces[i]
		if pc.kind != kept && pc.kind != lost {
			continue
		}
		for at, st := pc.from, pc.state; at < pc.to; {
			if err := ctx.Err(); err != nil {
				return 0, false, err
			}
			r, err := sc.p.At(at, st)
			if err != nil {
				return 0, false, sc.p.Err()
			}
			k := sc.ev.keep(&r)
			if k.kind == rdb.KeyRecord && (!k.tight || k.bits < 0) && !s.innocent[k.place()] {
				if ok, err := is(&r, st, before[st.DB()]); ok || err != nil {
					return k.place(), ok, err
				}
			}
			if k.kind == rdb.KeyRecord {
				before[st.DB()]++
			}
			at, st = k.end, k.after
		}
	}
	return 0, false, nil
}

// swallows reports whether better records begin inside of one.
func (s *scan) swallows(ctx context.Context, whole *record, st rdb.State) (bool, error) {
	path, err := s.swallowed(ctx, whole, st)
	return len(path) > 0, err
}

// swallowed returns better records that begin inside of one, and lead to its end or over it.
func (s *scan) swallowed(ctx context.Context, whole *record, st rdb.State) ([]*step, error) {
	path, err := s.inside(ctx, whole, st.DB())
	if err != nil || len(path) == 0 || path[len(path)-1].end == whole.end {
		return path, err
	}
	find := s.insideOf(whole, s.size, st.DB())
	find.isEnd = s.isEnd
	path, _, err = find.run(ctx)
	if err != nil || !s.contains(whole, path) || path[len(path)-1].end <= whole.end {
		return nil, err
	}
	return path, nil
}

// inside returns the records inside of one that is in doubt, if they are better.
func (s *scan) inside(ctx context.Context, whole *record, db int) ([]*step, error) {
	defer s.p.Limit(whole.end)()
	find := s.insideOf(whole, whole.end, db)
	path, _, err := find.run(ctx)
	if err != nil || !s.contains(whole, path) {
		return nil, err
	}
	return path, nil
}

// swallowScore is what a path inside of a record must score: all records of the file
// are looked into.
func (s *scan) swallowScore() float64 {
	return swallowBits - gapBits + math.Log2(float64(s.size))
}

// insideOf returns a search for them that goes on up to hi.
func (s *scan) insideOf(whole *record, hi int64, db int) *search {
	return &search{
		p: s.p, ev: s.ev, lo: whole.off, hi: hi, failed: whole.end, inDB: db,
		isEnd: func(int64) bool { return false }, banned: map[int64]bool{whole.place(): true},
	}
}

// contains reports whether a path leads through records inside of r that cannot be
// there by chance. Fields that each have an expiry look like strings, and are none.
func (s *scan) contains(r *record, path []*step) bool {
	if r.first == typeHashTTL && !slices.ContainsFunc(path, func(st *step) bool { return st.first != 0 }) {
		return false
	}
	if len(path) == 0 || !path[0].gap || path[0].off <= r.bare || path[0].off >= r.end {
		return false
	}
	last, need := path[len(path)-1], s.swallowScore()
	if s.amiss && last.end == r.end && s.ev.allFamiliar(path) {
		need -= familiarBits
	}
	return last.score >= need
}

const (
	minSwallower = 12 // bytes
	swallowBits  = 16
	// familiarBits is what it weighs that the keys of all records inside of one begin as
	// others do, and the last ends where that one does, if keys are missing.
	familiarBits = 8
)
