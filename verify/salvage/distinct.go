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
