package salvage

import (
	"hash/maphash"
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

// repeats reads a value to its end, and reports whether one of the first elements of a set, a
// hash or a sorted set stands in it twice, by 64 bits of their hashes.
func (d *distinct) repeats(e *entry.Entry) (bool, error) {
	d.hashes = d.hashes[:0]
	is := e.Type == entry.Set || e.Type == entry.Hash || e.Type == entry.ZSet
	for e.Value.Next() {
		if is && len(d.hashes) < maxDistinct {
			d.hashes = append(d.hashes, maphash.Bytes(d.seed, e.Value.Elem().Data))
		}
	}
	slices.Sort(d.hashes)
	for i := 1; i < len(d.hashes); i++ {
		if d.hashes[i] == d.hashes[i-1] {
			return true, e.Value.Err()
		}
	}
	return false, e.Value.Err()
}
