package salvage

import (
	"context"
	"fmt"
	"hash/maphash"
	"io"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
	"github.com/rdbtool/rdbtool/rdb"
)

// account counts what is kept, and takes out what cannot be: a key that stands
// twice in a database, a value that no server wrote.
func (s *salvage) account(ctx context.Context, out *Salvaged) error {
	if err := s.explainLost(out); err != nil {
		return err
	}
	twice := 0
	for round := 0; ; round++ {
		t, err := out.tally(ctx, s.o.Watch)
		if err != nil {
			return err
		}
		out.counts = t.counts
		if len(t.bad) == 0 {
			break
		}
		out.Healthy = false
		if round == maxRounds || len(out.plan.pieces) > maxPieces {
			s.doubt(Low, "more values are unsound, or more keys stand twice in a database: a server may not load the result")
			break
		}
		for _, d := range t.bad {
			if d.why == whyTwice {
				twice++
			}
		}
		out.lose(t.bad)
	}
	if twice > 0 {
		s.doubt(Medium, fmt.Sprintf("%d keys stood twice in a database", twice))
	}
	s.settleExpiries(&out.plan, out.counts)
	return nil
}

// whyTwice is why a record is lost whose key is not.
const whyTwice = "the key stands in the database before: it is kept there"

// reject is a record that cannot be kept, though it reads well.
type reject struct {
	piece    int
	off, end int64
	state    rdb.State
	why      string
}

// How many records are taken out at once, and how often.
const (
	maxRejects = 1 << 15
	maxRounds  = 64
)

// lose takes records out of the plan, which are in the order of the file. What is a front of
// a damaged value goes as a whole.
func (s *Salvaged) lose(rejects []reject) {
	old := s.plan.pieces
	pieces := make([]piece, 0, len(old)+2*len(rejects))
	for i, pc := range old {
		for ; len(rejects) > 0 && rejects[0].piece == i; rejects = rejects[1:] {
			d := rejects[0]
			if pc.front > 0 {
				pc.front, pc.why = 0, d.why
				delete(s.fronts.sections, pc.from)
				continue
			}
			if d.off > pc.from {
				head := pc
				head.to, head.loose, head.after = d.off, false, d.state.DB()
				pieces = append(pieces, head)
			}
			pieces = append(pieces, piece{kind: lost, from: d.off, to: d.end, state: d.state, after: d.state.DB(), why: d.why})
			pc.from, pc.state = d.end, d.state
			pc.looseBut = pc.looseBut && pc.lastBut >= d.end
		}
		if pc.from < pc.to || old[i].from == old[i].to {
			pieces = append(pieces, pc)
		}
	}
	s.plan.pieces = pieces
}

// tally is what a reading of the kept records finds.
type tally struct {
	counts map[int]*dbCount
	bad    []reject // in the order of the file
}

// maxHashes is how many hashes of keys are held at once.
const maxHashes = 2 << 20

// tally reads what is kept. Keys that stand twice are found by 64 bits of their
// hashes, some at a time: what is in memory does not grow with the file.
func (s *Salvaged) tally(ctx context.Context, watch func(off int64)) (*tally, error) {
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
		err := s.each(ctx, watch, look, func(e *entry.Entry, piece int, off int64, why string) error {
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
	err := s.each(ctx, watch, nil, func(e *entry.Entry, piece int, off int64, _ string) error {
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
// in the source, and what look finds wrong with its value, if it is not nil. watch, if it is
// not nil, is told how far it is.
func (s *Salvaged) each(ctx context.Context, watch func(off int64), look *faults, do func(e *entry.Entry, piece int, off int64, why string) error) error {
	type mark struct {
		piece int
		at    int64
	}
	var marks []mark
	src := s.RDB().(*stream)
	src.entered = func(piece int, at int64) { marks = append(marks, mark{piece, at}) }
	rd := rdb.NewReader(&watched{ctx, src, watch}, &rdb.Options{Name: s.File, Fragments: true})
	for {
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

// watched reads the salvaged file as long as nobody has given up.
type watched struct {
	ctx   context.Context
	src   *stream
	watch func(off int64)
}

func (w *watched) Read(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	if w.watch != nil {
		w.watch(w.src.at)
	}
	return w.src.Read(b)
}
