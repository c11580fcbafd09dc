package salvage

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"maps"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// finish makes the result of what the scan has found.
func (s *salvage) finish(ctx context.Context) (*Salvaged, error) {
	sc := s.sc
	out := &Salvaged{src: s.src, original: s.original, size: s.size, tempDir: s.o.TempDir}
	out.fronts.file.Dir = s.o.TempDir
	r := &out.Report
	r.File, r.Bytes, r.Version, r.Checksum, r.Complete, r.Repaired = s.o.Name, s.size, s.version, s.checked, sc.complete, s.repaired
	if r.Checksum == "" {
		r.Checksum = rdb.ChecksumUnknown
		if s.footer() == 0 {
			r.Checksum = rdb.ChecksumNone
		}
	}
	if end := sc.plan.end + s.footer(); sc.complete && end < s.size && !s.commandsAt(end) {
		sc.plan.pieces = append(sc.plan.pieces, piece{kind: gap, keyless: true, from: end, to: s.size, state: sc.state, after: sc.state.DB(), why: "bytes follow the end of the file"})
	}
	r.Healthy = sc.complete && !sc.plan.damaged() && len(s.repaired) == 0 && s.checked != rdb.ChecksumBad
	if !r.Healthy {
		s.judge()
	}
	if r.Complete = sc.complete; r.Complete && s.commandsAt(sc.plan.end+s.footer()) {
		r.CommandBytes = s.size - sc.plan.end - s.footer()
	}
	out.plan, out.counts = sc.plan, sc.counts
	if err := s.account(ctx, out); err != nil {
		return nil, errors.Join(err, out.fronts.file.Close())
	}
	s.describe(out)
	return out, nil
}

// account counts what is kept, and takes out what cannot be: a key that stands
// twice in a database, a value that no server wrote.
func (s *salvage) account(ctx context.Context, out *Salvaged) error {
	if err := s.explainLost(out); err != nil {
		return err
	}
	for round := 0; ; round++ {
		t, err := out.tally(ctx)
		if err != nil {
			return err
		}
		out.counts = t.counts
		if len(t.bad) == 0 {
			s.settleExpiries(&out.plan, out.counts)
			return nil
		}
		out.Healthy = false
		if round == maxRounds {
			s.doubt(Low, "more values are unsound, or more keys stand twice in a database: a server may not load the result")
			return nil
		}
		keys := 0
		for _, d := range slices.Backward(t.bad) {
			out.plan.split(d.piece, d.off, d.end, d.state, d.why)
			if d.why == whyTwice {
				keys++
			}
		}
		if keys > 0 {
			s.doubt(Medium, fmt.Sprintf("%d keys stood twice in a database", keys))
		}
	}
}

// whyTwice is why a record is lost whose key is not.
const whyTwice = "the key stands in the database before: it is kept there"

// tally is what a reading of the kept records finds.
type tally struct {
	counts map[int]*dbCount
	bad    []reject // in the order of the file
}

// reject is a record that cannot be kept, though it reads well.
type reject struct {
	piece    int
	off, end int64
	state    rdb.State
	why      string
}

// How many records are taken out in a round, and how many rounds there are.
const (
	maxRejects = 4096
	maxRounds  = 8
)

// maxHashes is how many hashes of keys are held at once.
const maxHashes = 2 << 20

// tally reads what is kept. Keys that stand twice are found by 64 bits of their
// hashes, some at a time: what is in memory does not grow with the file.
func (s *Salvaged) tally(ctx context.Context) (*tally, error) {
	seed := maphash.MakeSeed()
	t := &tally{counts: map[int]*dbCount{}}
	var hashes []uint64
	mask, part := uint64(0), uint64(0)
	again := map[uint64]bool{} // hashes that were met more than once
	look := newFaults(s.tempDir, s.Checksum == rdb.ChecksumOK)
	for first := true; first || part <= mask; first, look = false, nil {
		hashes = hashes[:0]
		if first {
			t.counts = map[int]*dbCount{}
		}
		err := s.each(ctx, look, func(e *entry.Entry, piece int, off int64, why string) error {
			if first {
				count(t.counts, e.DB, e.ExpireAt != entry.NoExpire)
				if why != "" && len(t.bad) < maxRejects {
					t.bad = append(t.bad, reject{piece, off, off + e.Size, rdb.State{}.InDB(e.DB), why})
				}
			}
			h := hashKey(seed, e)
			if h&mask != part {
				return nil
			}
			if hashes = append(hashes, h); len(hashes) == maxHashes && first {
				mask = mask<<1 | 1
				hashes = slices.DeleteFunc(hashes, func(h uint64) bool { return h&mask != 0 })
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		slices.Sort(hashes)
		for i := 1; i < len(hashes); i++ {
			if hashes[i] == hashes[i-1] {
				again[hashes[i]] = true
			}
		}
		part++
	}
	if len(again) == 0 || len(t.bad) > 0 {
		return t, nil
	}
	met := map[uint64]bool{}
	err := s.each(ctx, nil, func(e *entry.Entry, piece int, off int64, _ string) error {
		h := hashKey(seed, e)
		if again[h] && met[h] && len(t.bad) < maxRejects {
			t.bad = append(t.bad, reject{piece, off, off + e.Size, rdb.State{}.InDB(e.DB), whyTwice})
		}
		met[h] = met[h] || again[h]
		return nil
	})
	return t, err
}

func hashKey(seed maphash.Seed, e *entry.Entry) uint64 {
	return maphash.Bytes(seed, e.Key) ^ uint64(e.DB)*0x9E3779B97F4A7C15
}

// each calls do with each key that is kept, the piece that it is in, where its record begins
// in the source, and what look finds wrong with its value, if it is not nil.
func (s *Salvaged) each(ctx context.Context, look *faults, do func(e *entry.Entry, piece int, off int64, why string) error) error {
	type mark struct {
		piece int
		at    int64
	}
	var marks []mark
	src := s.RDB().(*stream)
	src.entered = func(piece int, at int64) { marks = append(marks, mark{piece, at}) }
	rd := rdb.NewReader(src, &rdb.Options{Name: s.File})
	for n := 0; ; n++ {
		if n%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		e, err := rd.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		at := e.Offset
		for len(marks) > 1 && marks[1].at <= at {
			marks = marks[1:]
		}
		why := ""
		if look != nil {
			if why, err = look.of(e); err != nil {
				return err
			}
		}
		if e.Size < 0 {
			for e.Value.Next() { // its end is not known before
			}
		}
		if err := e.Value.Err(); err != nil {
			return err
		}
		if err := do(e, marks[0].piece, s.plan.pieces[marks[0].piece].from+at-marks[0].at, why); err != nil {
			return err
		}
	}
}

// explainLost makes the fronts of what is lost, if they are asked for.
func (s *salvage) explainLost(out *Salvaged) error {
	if !s.o.Partial || s.version.Family == rdb.Redis && s.version.Number < oldestWritten {
		return nil
	}
	p := rdb.NewProber(s.src, s.size, s.version, &rdb.Options{Name: s.o.Name, MaxString: maxFrontString})
	for i := range out.plan.pieces {
		pc := &out.plan.pieces[i]
		cut := pc.kind == gap && pc.to == s.size && !s.sc.complete
		if pc.kind != lost && !cut || pc.why != "" {
			continue
		}
		n, err := out.fronts.write(p, pc)
		if err != nil {
			return err
		}
		pc.front = n
	}
	return nil
}

const (
	oldestWritten  = 6
	maxFrontString = 64 << 20
)

// describe fills the report.
func (s *salvage) describe(out *Salvaged) {
	r, sc := &out.Report, s.sc
	r.Exact = sc.complete && !sc.full
	dbs := map[int]*DB{}
	db := func(n int) *DB {
		d, ok := dbs[n]
		if !ok {
			_, guessed := sc.guessed[n]
			d = &DB{DB: n, Announced: -1, Guessed: guessed}
			dbs[n] = d
		}
		return d
	}
	for n, c := range out.counts {
		d := db(n)
		d.Keys, d.Expires = c.keys, c.expires
		r.Kept += c.keys
	}
	for _, n := range slices.Sorted(maps.Keys(sc.announced)) {
		d, told := db(n), sc.announced[n]
		if d.Announced = int64(told.Keys); d.Expires > int64(told.Expires) && !r.Healthy {
			s.doubt(Low, fmt.Sprintf("database %d announces %d keys that expire, and %d were found", n, told.Expires, d.Expires))
		}
	}
	found := map[int]int64{} // lost, by database
	var quarantine int64
	for i := range out.plan.pieces {
		pc := &out.plan.pieces[i]
		if pc.kind != gap && pc.kind != lost {
			continue
		}
		key, reason := s.lostKey(pc)
		if key != nil && pc.front == 0 {
			found[key.DB]++
		} else if pc.kind == gap && !pc.keyless {
			found[pc.state.DB()]++
		}
		if key != nil && len(r.Lost) < MaxList {
			r.Lost = append(r.Lost, *key)
		}
		if len(r.Spans) < MaxList {
			r.Spans = append(r.Spans, Span{pc.from, pc.to - pc.from, quarantine, reason})
		}
		quarantine += pc.to - pc.from
		r.SpanCount++
	}
	r.SpanBytes = quarantine
	for _, n := range slices.Sorted(maps.Keys(dbs)) {
		d := dbs[n]
		switch missing := d.Announced - d.Keys; {
		case d.Announced < 0 && found[d.DB] > 0:
			r.LostKeys += found[d.DB]
			r.Exact = false
		case d.Announced < 0:
		case missing < found[d.DB]:
			r.LostKeys += found[d.DB]
			r.Exact = false
			if missing < 0 {
				s.doubt(Low, fmt.Sprintf("database %d announces %d keys, and %d were found", d.DB, d.Announced, d.Keys))
			} else {
				s.doubt(Medium, fmt.Sprintf("database %d announces %d keys: %d are kept and %d seem to be lost", d.DB, d.Announced, d.Keys, found[d.DB]))
			}
		default:
			r.LostKeys += missing
			if found[d.DB] == 0 && missing > 0 {
				s.doubt(Low, fmt.Sprintf("database %d announces %d keys, %d were found, and no damage that explains it", d.DB, d.Announced, d.Keys))
			}
		}
		r.DBs = append(r.DBs, *d)
	}
	for n, k := range found {
		if dbs[n] == nil {
			r.LostKeys += k
			r.Exact = false
		}
	}
	s.judgeWhole(r)
	r.Confidence, r.Reasons = s.level, s.doubts
}

// judgeWhole adds what speaks against the result as a whole.
func (s *salvage) judgeWhole(r *Report) {
	sc := s.sc
	for _, n := range slices.Sorted(maps.Keys(sc.guessed)) {
		s.doubt(Low, fmt.Sprintf("the number of database %d stood in damaged bytes: it is a guess", n))
	}
	if sc.full {
		s.doubt(Low, fmt.Sprintf("more than %d damaged places: what follows them was not searched", maxPieces/2))
	}
	if !sc.complete {
		s.doubt(Medium, "the end mark was not found: how much of the file is missing is not known")
	}
	switch {
	case r.Healthy, len(s.repaired) > 0 && s.checked == rdb.ChecksumOK:
	case s.checked == rdb.ChecksumBad && !sc.plan.damaged():
		s.doubt(Low, "the checksum does not hold and every record is whole: a value was changed, and nothing tells which")
	case s.checked == rdb.ChecksumBad || s.checked == "":
		s.doubt(Medium, "bytes inside of strings may have been changed as well: only the checksum could tell, and it is of no use once a part is lost")
	case s.checked == rdb.ChecksumDisabled:
		s.doubt(Medium, "the file has no checksum: changed bytes inside of strings cannot be noticed")
	}
}

// lostKey returns the key whose record a damaged piece begins with, nil if it
// cannot be read, and what is wrong there.
func (s *salvage) lostKey(pc *piece) (key *LostKey, reason string) {
	p := s.sc.p
	r, err := p.At(pc.from, pc.state)
	if err == nil {
		err = r.Damage
	}
	var corrupt *entry.CorruptError
	switch {
	case pc.why != "":
		reason = pc.why
	case errors.As(err, &corrupt):
		reason = (&entry.Place{Offset: -1, Element: corrupt.Element, Construct: corrupt.Construct}).Describe(corrupt.Err.Error())
	case err != nil:
		reason = err.Error()
	case r.Kind == rdb.EndRecord:
		reason = "an end mark before the end of the file"
	case empty(&r):
		reason = fmt.Sprintf("a %s of no elements, which no server writes", r.Type)
	case s.unsound[pc.from] != "":
		reason = s.unsound[pc.from]
	default:
		reason = "what follows from here on is no sequence of records"
	}
	head, ok := p.HeadAt(pc.from, pc.state)
	if !ok || pc.keyless || head.Value > pc.to || pc.kind == gap && pc.why == "" && s.sc.ev.key(head.Key) < 0 {
		return nil, reason
	}
	return &LostKey{DB: pc.state.DB(), Key: append([]byte{}, head.Key...), Type: head.Type.String(), Offset: pc.from, Reason: reason, Partial: pc.front}, reason
}
