package size

import (
	"math"
	"math/bits"
)

// minSlots is the smallest table of a dict.
const minSlots = 4

// slotsFor returns the slots of a settled dict of n entries.
func slotsFor(n int64) int64 {
	if n <= minSlots {
		return minSlots
	}
	return 1 << bits.Len64(uint64(n-1))
}

// dict follows the tables of a dict of Redis through insertions. One that grows
// has two tables until all entries have moved, and each insertion moves those of
// one slot. Which slots are empty depends on hashes, so the moment when that ends
// is the expected one.
type dict struct {
	size, used int64
	next       int64   // slots of the table that entries move to, 0 if none do
	left       float64 // slots that still have entries
	chain      float64 // entries in each of them
}

func (d *dict) slots() int64 { return d.size + d.next }

// blocks returns what the tables take.
func (d *dict) blocks() Bytes {
	b := usable(8 * d.size)
	if d.next > 0 {
		b.add(usable(8 * d.next))
	}
	return b
}

func (d *dict) start(size int64) {
	if d.used == 0 {
		d.size = size
		return
	}
	d.next = size
	d.left = filledSlots(d.size, d.used)
	d.chain = float64(d.used) / d.left
}

// chained returns how many entries are expected not to be the first in their
// slot.
func (d *dict) chained() float64 {
	if d.next == 0 {
		return chained(d.size, d.used)
	}
	moved := float64(d.used) - d.left*d.chain
	return float64(d.used) - d.left - float64(d.next)*(1-math.Pow(1-1/float64(d.next), moved))
}

func chained(slots, n int64) float64 { return float64(n) - filledSlots(slots, n) }

// filledSlots returns how many of the slots n entries are expected in.
func filledSlots(slots, n int64) float64 {
	return float64(slots) * (1 - math.Pow(1-1/float64(slots), float64(n)))
}

// expand asks for a table that holds n entries. It is refused while entries move
// and where it would not change anything.
func (d *dict) expand(n int64) {
	if d.next > 0 || d.used > n || slotsFor(n) == d.size {
		return
	}
	d.start(slotsFor(n))
}

// add inserts n entries.
func (d *dict) add(n int64) {
	for n > 0 {
		if d.next > 0 {
			j := min(n, int64(d.left)+1)
			d.left -= float64(j)
			d.used, n = d.used+j, n-j
			if d.left <= 0 {
				d.size, d.next = d.next, 0
			}
			continue
		}
		if d.size == 0 {
			d.size = minSlots
		}
		j := min(n, max(0, d.size-d.used))
		d.used, n = d.used+j, n-j
		if n > 0 && d.used >= d.size {
			d.start(slotsFor(d.used + 1))
			d.used, n = d.used+1, n-1
		}
	}
}

// plainHash is what the table of a hash depends on that is loaded from a record
// of its fields: a server reads into a packed blob until it meets a field or
// value that is too long for one, and makes a table then.
type plainHash struct {
	n     int64
	ttl   bool
	first int64 // the first field or value that is too long, -1 if there is none
	most  int64 // fields of a packed hash
}

// dict returns the table after loading on Redis.
func (h *plainHash) dict(l *layout) (d dict) {
	switch {
	case h.n > h.most && h.ttl: // has no table of the right size made for it
		d.size = minSlots
		d.add(h.n)
		return d
	case h.n > h.most, h.first < 0:
		return dict{size: slotsFor(h.n), used: h.n}
	}
	if l.number >= 700 {
		d.expand(h.first)
	}
	d.add(h.first)
	rest := h.n - h.first - 1
	if !h.ttl {
		d.add(1)
	}
	switch {
	case l.gen == kvobj && h.n > minSlots:
		d.expand(h.n)
	case l.gen != kvobj && rest > minSlots: // forgets what is there already
		d.expand(rest)
	}
	if h.ttl {
		rest++
	}
	d.add(rest)
	return d
}
