package salvage

import (
	"context"
	"errors"
	"fmt"
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
	s.nameUnsound(&sc.plan)
	out.plan, out.counts = sc.plan, sc.counts
	if err := s.account(ctx, out); err != nil {
		return nil, errors.Join(err, out.fronts.file.Close())
	}
	sc.plan = out.plan
	s.describe(out)
	return out, nil
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
