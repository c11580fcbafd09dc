package keyspace

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// arena hands out blocks of bytes from slabs. A freed block is used again for
// one of its size class. Slabs hold no pointers: the garbage collector does not
// look into them.
type arena struct {
	slabs  [][]byte
	ends   []int              // where the blocks of each slab end
	open   int                // the slab that has room at its end, if there is one
	free   [numClasses]handle // first free block of each class; bytes 4 to 7 hold the next
	holes  []int              // numbers of slabs given back
	freed  int64              // bytes in free blocks
	blocks int64              // bytes in blocks that are in use
}

// handle is the place of a block: slab<<unitBits | offset/8. No block has the
// handle 0.
type handle uint32

const (
	slabSize  = 1 << 20
	firstSlab = 4 << 10 // small dicts begin with a small slab
	unitBits  = 17      // a slab of 1 MiB has 1<<17 units of 8 bytes
	maxSlabs  = 1 << (32 - unitBits)

	maxClassed = 256 << 10 // larger blocks have a slab of their own
	ownSlab    = 255       // their class
	numClasses = 8 + 8*12  // up to 64 in steps of 8, then eight for each doubling
)

// ErrFull is the error for a data set that has more blocks than handles can
// tell: some 32 GiB in one database of one shard.
var ErrFull = errors.New("the database is too large")

// classOf returns the smallest class whose blocks hold n bytes.
func classOf(n int) uint8 {
	if n <= 64 {
		return uint8(max(n-1, 0) / 8)
	}
	top := bits.Len(uint(n-1)) - 1 // n is above 1<<top and at most 2<<top
	step := (n - 1) >> (top - 3) & 7
	return uint8(8 + 8*(top-6) + step)
}

// classSize returns the bytes of a block of the class.
func classSize(c uint8) int {
	if c < 8 {
		return 8 * (int(c) + 1)
	}
	top, step := 6+int(c-8)/8, int(c-8)%8
	return 1<<top + (step+1)<<(top-3)
}

// alloc returns a block of at least n bytes, with what it held before. It
// returns 0 if there are no handles left.
func (a *arena) alloc(n int) (h handle, class uint8) {
	if n > maxClassed {
		return a.place(n), ownSlab
	}
	class = classOf(n)
	size := classSize(class)
	if h = a.free[class]; h != 0 {
		a.free[class] = handle(binary.LittleEndian.Uint32(a.at(h)[4:]))
		a.freed -= int64(size)
		a.blocks += int64(size)
		return h, class
	}
	if len(a.slabs) == 0 || a.ends[a.open]+size > len(a.slabs[a.open]) {
		if !a.grow(size) {
			return 0, 0
		}
	}
	h = handle(a.open<<unitBits | a.ends[a.open]/8)
	a.ends[a.open] += size
	a.blocks += int64(size)
	return h, class
}

// grow opens a new slab. The end of the one before stays unused.
func (a *arena) grow(size int) bool {
	n := firstSlab
	for n < slabSize && (n < int(a.blocks) || n < size+8) { // it at least doubles what there is
		n *= 2
	}
	i, ok := a.slab(n)
	if ok {
		a.open = i
	}
	return ok
}

// slab makes a slab of n bytes and returns its number. Its first block stands at
// 8, so that no handle is 0.
func (a *arena) slab(n int) (int, bool) {
	if k := len(a.holes); k > 0 {
		i := a.holes[k-1]
		a.holes = a.holes[:k-1]
		a.slabs[i], a.ends[i] = make([]byte, n), 8
		return i, true
	}
	if len(a.slabs) >= maxSlabs {
		return 0, false
	}
	a.slabs, a.ends = append(a.slabs, make([]byte, n)), append(a.ends, 8)
	return len(a.slabs) - 1, true
}

// place makes a block with a slab of its own.
func (a *arena) place(n int) handle {
	i, ok := a.slab(8 + n)
	if !ok {
		return 0
	}
	a.ends[i] += n
	a.blocks += int64(n)
	return handle(i<<unitBits | 1)
}

// keepSlab takes over a slab with one block.
func (a *arena) keepSlab(slab []byte) handle {
	a.slabs, a.ends = append(a.slabs, slab), append(a.ends, len(slab))
	a.blocks += int64(len(slab) - 8)
	return handle((len(a.slabs)-1)<<unitBits | 1)
}

// release takes back a block.
func (a *arena) release(h handle, class uint8) {
	if class == ownSlab {
		i := int(h >> unitBits)
		a.blocks -= int64(len(a.slabs[i]) - 8)
		a.slabs[i], a.ends[i] = nil, 0
		a.holes = append(a.holes, i)
		return
	}
	b := a.at(h)
	b[0] = tagFree
	binary.LittleEndian.PutUint32(b[4:], uint32(a.free[class]))
	a.free[class] = h
	size := int64(classSize(class))
	a.freed += size
	a.blocks -= size
}

// each calls yield with the blocks in use, in the order of their places, until it
// returns false. Nothing may be allocated or released meanwhile.
func (a *arena) each(yield func(b block) bool) {
	w := dictWalk{a: a, at: 8}
	for b := w.next(); b != nil && yield(b); b = w.next() {
	}
}

// at returns the bytes from a block's first one to the end of its slab.
func (a *arena) at(h handle) []byte {
	return a.slabs[h>>unitBits][int(h&(1<<unitBits-1))*8:]
}

// minFreed is how much must be free before it is worth compacting.
const minFreed = 256 << 10
