package salvage

import (
	"context"
	"maps"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
	"github.com/rdbtool/rdbtool/verify/sound"
)

// faults finds values that read well, and that no server wrote: members that stand twice or
// in no order, IDs that go back, counts that do not hold.
type faults struct {
	check *sound.Checker
	why   string // of the value at hand, "" for none
}

// newFaults returns one that keeps in dir what does not fit into memory. written says that
// the checksum holds: what is wrong was so in the server.
func newFaults(dir string, written bool) *faults {
	f := &faults{}
	f.check = sound.New(true, 1, dir, func(_ *entry.Entry, x sound.Fault) {
		switch x.Code {
		case sound.EmptyKey: // old servers wrote some
		case sound.StreamAdded, sound.GroupRead: // counters that drift in servers
		default:
			if lengthOnly := x.Code == sound.StreamLength; f.why == "" && !(written && lengthOnly) { // most servers do not mind
				f.why = (&entry.Place{Offset: -1, Element: x.Element, Construct: x.Construct}).Describe(x.Reason)
			}
		}
	})
	return f
}

// of reads the value of e to its end, and returns what is wrong with it, "" for nothing.
// Strings are not looked into, nor what modules keep to themselves.
func (f *faults) of(e *entry.Entry) (why string, err error) {
	f.why = ""
	switch {
	case e.Vectors != nil, e.Type == entry.List, e.Type == entry.Set, e.Type == entry.Hash, e.Type == entry.ZSet, e.Type == entry.Stream:
		err = f.check.Check(e)
	}
	return f.why, err
}

// revealUnsound bans the records with such values whose ends nothing proves, their lengths
// may be wrong too: sets, hashes and sorted sets, for a stream hardly ends by chance. Where
// the file fits the numbers of keys less without them, they stay, and are given up in the end.
func (s *salvage) revealUnsound(ctx context.Context) error {
	for range maxCovered {
		found := &Salvaged{Report: Report{Version: s.version}, src: s.src, original: s.original, size: s.size, plan: s.sc.plan, tempDir: s.o.TempDir}
		before, misfit, banned := s.sc, s.unexplained(), maps.Clone(s.banned)
		none := true
		err := found.each(ctx, s.o.Watch, newFaults(s.o.TempDir, false), func(e *entry.Entry, _ int, off int64, why string) error {
			if plain := e.Type == entry.Set || e.Type == entry.Hash || e.Type == entry.ZSet; why == "" || !plain || len(s.unsound) >= maxRejects {
				return nil
			}
			r, err := s.sc.p.At(off, rdb.State{}.InDB(e.DB))
			if err == nil && r.Kind == rdb.KeyRecord && !r.Tight && !s.banned[placeOf(&r)] {
				s.ban(placeOf(&r))
				s.unsound[off] = why
				none = false
			}
			return nil
		})
		if err != nil || none {
			s.banned = banned
			return ctx.Err() // what is wrong is told when the result is read
		}
		if err := s.again(ctx); err != nil {
			return err
		}
		if s.unexplained() > misfit {
			s.sc, s.banned = before, banned
			return nil
		}
	}
	return nil
}

// nameUnsound makes the gaps that such records have left damaged records, if nothing has come
// to light inside of them.
func (s *salvage) nameUnsound(p *plan) {
	if len(s.unsound) == 0 {
		return
	}
	for i := range p.pieces {
		pc := &p.pieces[i]
		why := s.unsound[pc.from]
		if why == "" || pc.kind != gap || pc.why != "" || pc.keyless {
			continue
		}
		if r, err := s.sc.p.At(pc.from, pc.state); err == nil && r.Kind == rdb.KeyRecord && r.End == pc.to {
			pc.kind, pc.why = lost, why
		}
	}
}
