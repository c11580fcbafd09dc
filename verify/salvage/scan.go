package salvage

import (
	"context"
	"errors"
	"hash/maphash"

	"github.com/rdbtool/rdbtool/rdb"
)

// scan reads a file from its front, record by record, and has search find the
// way on where that fails. What it finds is the plan.
//
//	settled: in the plan | recent: may be wrong yet | here
type scan struct {
	p      *rdb.Prober
	size   int64 // of the file
	ev     *evidence
	plan   plan
	isEnd  func(end int64) bool // whether the end mark before end is the file's
	behind func(off int64)      // progress

	recent   []record
	state    rdb.State // behind the plan
	here     int64
	st       rdb.State // here
	seed     maphash.Seed
	whole    bool   // ends with errBroken where the file is not
	trusting bool   // the file is as it was written: nothing is in doubt
	picky    bool   // a record behind damage must look like one
	since    int    // records since the last damage
	key      uint64 // hash of the last key, 0 if none

	announced map[int]rdb.Sizes // by database
	counts    map[int]*dbCount
	guessed   map[int]int64  // databases whose number stood in damaged bytes, and where their sizes stand
	before    byte           // type or opcode of the record before
	selected  bool           // the last record was a SELECTDB
	complete  bool           // the end mark has been found
	guessEnd  bool           // it stands behind bytes that are no records
	settledDB int            // likewise behind the plan
	inDB      int            // the database selected here, -1 if none
	sized     bool           // databases announce how many keys they have
	unordered bool           // they do not stand in the order of their numbers
	banned    map[int64]bool // by place
	certain   map[int64]bool // where databases begin
	amiss     bool           // what is found does not fit the numbers of keys
	selects   map[int]int64  // where each is selected
	gaps      int
	fields    bool  // records behind the last gap may be fields of a hash
	learnt    int   // keys learnt from before the first gap
	doubting  bool  // may say errDoubted
	doubted   int64 // the last SELECTDB, if it stands right behind a gap or is dubious, else 0
	full      bool  // there are more pieces than a plan may have
}

// dbCount counts keys of a database, and those that expire.
type dbCount struct{ keys, expires int64 }

func count(counts map[int]*dbCount, db int, expires bool) {
	c, ok := counts[db]
	if !ok {
		c = &dbCount{}
		counts[db] = c
	}
	c.keys++
	if expires {
		c.expires++
	}
}

// How many records before a failure may be wrong, and how many of large ones.
const (
	recentRecords = 32
	fewRecords    = 6
	// fewSince is how many records behind damage may be what is left of it, if their keys
	// have as many odd bytes.
	fewSince = 3
	manyOdd  = 3
	// lateRecords is how many of them must look like records.
	lateRecords = 2
	recentBytes = 16 << 20
	// commonDBs is how many databases servers have unless told otherwise.
	commonDBs = 16
)

// errTwice says that a key stands twice in a row.
var errTwice = errors.New("the key of the record before once more")

var (
	// errBroken says that the file is not whole.
	errBroken = errors.New("damage")
	errOrder  = errors.New("a database, or its size, where servers write none")
	errOdd    = errors.New("no record to all appearance, behind damage")
	// errDoubted says that the file is to be scanned again: a database that
	// was selected behind damage is contradicted by a later one.
	errDoubted = errors.New("databases in the wrong order")
	errBanned  = errors.New("a length that takes in good records behind it")
)

// keys returns how many keys are whole.
func (s *scan) keys() (n int64) {
	for _, c := range s.counts {
		n += c.keys
	}
	return n
}

func newScan(p *rdb.Prober) *scan {
	return &scan{size: p.Size(), since: fewRecords, settledDB: -1, inDB: -1, p: p, ev: newEvidence(), here: rdb.HeaderLen, plan: plan{end: rdb.HeaderLen}, seed: maphash.MakeSeed(), announced: map[int]rdb.Sizes{}, counts: map[int]*dbCount{}, guessed: map[int]int64{}, selects: map[int]int64{}, banned: map[int64]bool{}}
}

func (s *scan) run(ctx context.Context) error {
	for n := 0; ; n++ {
		if n%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if s.behind != nil {
				s.behind(s.here)
			}
		}
		r, err := s.next(ctx)
		if e := s.p.Err(); e != nil {
			return e
		}
		if err == nil && r.Kind == rdb.EndRecord && s.isEnd(r.End) {
			s.settle(0)
			s.plan.end, s.complete = r.End, true
			return nil
		}
		if err == nil && r.Damage != nil && s.whole {
			return errBroken
		}
		if err == nil && r.Kind != rdb.EndRecord {
			k := s.ev.keep(&r)
			if r.Bare > r.Offset {
				k.attrs = attrsAt(s.p, &r)
			}
			if k.learnt = s.ev.keys < fewLearnt; k.learnt {
				s.learn(&k)
			}
			s.recent = append(s.recent, k)
			s.here, s.st = r.End, r.After
			if len(s.recent) > 2*recentRecords {
				s.settle(recentRecords)
			} else if len(s.recent) > fewRecords && s.here-s.plan.end > recentBytes {
				s.settle(fewRecords)
			}
			continue
		}
		if s.whole {
			return errBroken
		}
		if err == errOrder && r.First == opSelectDB && s.doubted > 0 && s.doubting {
			return errDoubted
		}
		if done, err := s.search(ctx); done || err != nil {
			return err
		}
	}
}

// next reads the record here.
func (s *scan) next(ctx context.Context) (rdb.Record, error) {
	r, err := s.p.At(s.here, s.st)
	before := s.before
	s.before = r.First
	switch {
	case err != nil: // a damaged value: its head stands where the numbers of keys would
		s.ev.unsized = s.ev.unsized || !s.sized && before == opSelectDB && s.ev.headAt(s.p, s.here)
	case s.banned[placeOf(&r)]:
		err = errBanned
	case r.Kind == rdb.KeyRecord:
		s.ev.unsized = s.ev.unsized || before == opSelectDB
		var looked bool
		if looked, err = s.doubt(ctx, &r); looked && err == nil {
			r, err = s.p.At(s.here, s.st) // what it has borrowed is gone
		}
	case r.Kind == rdb.MetaRecord:
		err = s.order(&r, before)
		amongKeys := s.inDB >= 0
		if err == nil && !s.trusting && (misplaced(&r, s.inDB) || (amongKeys || !s.p.May(r.First)) && s.ev.meta(r.Meta) < impossible) {
			err = errOdd
		}
	}
	if err != nil || r.Kind != rdb.KeyRecord {
		s.key = 0
	}
	return r, err
}

// settle moves all recent records into the plan but the last n.
func (s *scan) settle(n int) {
	cut := max(len(s.recent)-n, 0)
	for i := range cut {
		s.put(&s.recent[i])
	}
	s.recent = s.recent[:copy(s.recent, s.recent[cut:])]
}

// put takes a record into the plan.
func (s *scan) put(r *record) {
	switch {
	case r.sizes:
		if !s.selected {
			// The number of a database stood in the gap. Servers write the
			// databases in their order.
			db := s.state.DB() + 1
			if len(s.plan.pieces) == 0 {
				db = 0
			} else if b := s.p.Bytes(r.off-1, 1); len(b) == 1 && int(b[0]) > s.state.DB() && b[0] < commonDBs {
				db = int(b[0]) // only the opcode is damaged
			}
			s.state = s.state.InDB(db)
			s.guessed[db] = r.off
		}
		if _, ok := s.announced[s.state.DB()]; !ok {
			s.announced[s.state.DB()] = r.announce
		}
		s.plan.add(sizes, r.end, s.state)
	case r.damaged:
		s.plan.add(lost, r.end, s.state)
	default:
		s.plan.keep(r, s.state, s.known(r))
		if !r.learnt {
			s.learn(r)
		}
		if r.kind == rdb.KeyRecord {
			count(s.counts, s.state.DB(), r.expires)
		}
	}
	s.state = s.state.Behind(r.after)
	if r.db >= 0 {
		s.state = s.state.InDB(r.db)
		s.settledDB, s.selects[r.db] = r.db, r.off
	}
	if n := len(s.plan.pieces); n > 0 {
		s.plan.pieces[n-1].after = s.state.DB()
	}
	s.selected = r.db >= 0
}

// learn has the evidence learn from a record, unless it may be a field of a hash: where one
// whose fields each have an expiry is damaged, they look like strings.
func (s *scan) learn(r *record) {
	if s.fields = s.fields && r.first == 0 && r.attrs == 0; !s.fields {
		s.ev.learn(r)
	}
}

// known reports whether a record is of a kind that the file has. Where there is one that
// tells the slot of the keys behind it, there are many, and the first stands where a database
// begins.
func (s *scan) known(r *record) bool {
	if r.first != opSlot {
		return s.p.May(r.first)
	}
	n := len(s.plan.pieces)
	return s.ev.slots > 1 || n > 0 && s.plan.pieces[n-1].kind == sizes
}

// search has the way found on from the failure here. done says that the file
// has been read to its end.
func (s *scan) search(ctx context.Context) (done bool, err error) {
	if s.gaps == 0 && s.learnt == 0 {
		s.learnt = s.ev.keys
	}
	lo := s.plan.end
	known := make(map[int64]record, len(s.recent))
	for i, r := range s.recent {
		r.early = i < len(s.recent)-lateRecords
		known[r.off] = r
	}
	find := search{p: s.p, ev: s.ev, lo: lo, hi: s.size, failed: s.here, inDB: s.settledDB, chosen: s.selected, known: known, isEnd: s.isEnd, certain: s.certain, unordered: s.unordered, progress: s.behind}
	path, on, err := s.pathOf(ctx, find)
	if err != nil {
		return false, err
	}
	s.recent = s.recent[:0]
	for i, st := range path {
		if st.gap {
			s.settle(0)
			s.skip(st.off)
		}
		if st.kind == rdb.EndRecord {
			s.settle(0)
			s.plan.end, s.complete, s.guessEnd = st.end, true, st.gap
			return true, nil
		}
		s.sized = s.sized || st.sizes
		if st.db >= 0 {
			if st.gap || st.off == s.doubted || s.dubious(st.db, st.end) {
				s.doubted = st.off
			} else {
				s.doubted = 0
			}
		}
		s.recent = append(s.recent, st.record)
		if i < len(path)-settleMin {
			s.settle(0)
		}
	}
	end := lo
	if len(path) > 0 {
		end = path[len(path)-1].end
	}
	if s.full = len(s.plan.pieces) >= maxPieces; !on || s.full {
		s.settle(0)
		if end < s.size {
			s.skip(s.size)
		}
		return true, nil
	}
	s.here, s.key, s.since = end, 0, 0
	s.st = s.stateBehind()
	s.inDB, s.before = path[len(path)-1].inDB, path[len(path)-1].first
	return false, nil
}

// skip takes the bytes up to to into the plan as no records.
func (s *scan) skip(to int64) {
	head, ok := s.p.HeadAt(s.plan.end, s.state)
	s.fields = s.fields || ok && head.First == typeHashTTL && head.Value <= to
	s.plan.add(gap, to, s.state)
	s.gaps++
	s.selected = false
}

// stateBehind returns the state behind the recent records.
func (s *scan) stateBehind() rdb.State {
	st := s.state
	for _, r := range s.recent {
		st = st.Behind(r.after)
		if r.db >= 0 {
			st = st.InDB(r.db)
		}
	}
	return st
}
