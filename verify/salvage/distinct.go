package salvage

import (
	"context"
	"hash/maphash"
	"maps"
	"slices"

	"github.com/rdbtool/rdbtool/entry"
)

// distinct finds values that no server writes, as an element stands in them twice: zeros
// behind a damaged value look like empty members.
type distinct struct {
	seed   maphash.Seed
	hashes []uint64
}

// maxDistinct is how many elements are looked at.
const maxDistinct = 1 << 16

// repeats reads the value of a set, a hash or a sorted set to its end, and reports whether one
// of the first elements stands in it twice, by 64 bits of their hashes.
func (d *distinct) repeats(v entry.Value) bool {
	d.hashes = d.hashes[:0]
	for v.Next() {
		if len(d.hashes) < maxDistinct {
			d.hashes = append(d.hashes, maphash.Bytes(d.seed, v.Elem().Data))
		}
	}
	slices.Sort(d.hashes)
	for i := 1; i < len(d.hashes); i++ {
		if d.hashes[i] == d.hashes[i-1] {
			return true
		}
	}
	return false
}

// revealRepeats bans the values in which an element stands twice. Where the file fits the
// numbers of keys less without them, they stay, and are given up in the end.
func (s *salvage) revealRepeats(ctx context.Context) error {
	for range maxCovered {
		found := &Salvaged{Report: Report{Version: s.version}, src: s.src, original: s.original, size: s.size, plan: s.sc.plan}
		t, err := found.tally(ctx)
		if err != nil {
			return ctx.Err() // what is wrong is told when the result is read
		}
		before, misfit, banned := s.sc, s.unexplained(), maps.Clone(s.banned)
		none := true
		for _, d := range t.twice {
			if d.why != whyRepeats {
				continue
			}
			if r, err := s.sc.p.At(d.off, d.state); err == nil && !s.banned[placeOf(&r)] {
				s.ban(placeOf(&r))
				s.repeating[d.off] = true
				none = false
			}
		}
		if none {
			return nil
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
